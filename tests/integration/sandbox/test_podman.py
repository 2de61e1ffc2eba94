"""Podman, where it is installed: a sandbox with a service beside it is made, walled in, sleeps, and goes."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from studio.adapters.clock import SystemClock
from studio.adapters.docker.engine import DockerEngine
from studio.adapters.docker.find import Endpoint, find_endpoint
from studio.base.paths import Paths, shared_cache
from studio.contracts.containers import ContainerSpec, Volume
from studio.domain.errors import EngineError, PolicyRefused
from studio.domain.ids import ProjectId, RunId
from studio.sandbox.images import Images, image_sources
from studio.sandbox.plan import SandboxPlan
from studio.sandbox.sandboxes import Sandboxes
from tests.fixtures.engine_folders import end_programs, take_down
from tests.fixtures.far_machine import FarMachine

_HERE = shutil.which("podman") is not None and os.geteuid() == 0 and os.path.exists("/usr/libexec/podman/catatonit")

pytestmark = [
    pytest.mark.docker,
    pytest.mark.timeout(300),
    pytest.mark.skipif(not _HERE, reason="needs root, podman and catatonit: apt install podman catatonit"),
]


@pytest.fixture(scope="module")
def podman_socket() -> Iterator[Path]:
    """A Podman of the tests' own, with the sandbox image."""
    folder = Path(tempfile.mkdtemp(prefix="pm-"))
    words = ["podman", f"--root={folder}/root", f"--runroot={folder}/run", f"--tmpdir={folder}/tmp"]
    with (folder / "log").open("wb") as log:
        serving = subprocess.Popen(
            [*words, "system", "service", "--time=0", f"unix://{folder}/p.sock"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        asyncio.run(_fill(folder))
        yield folder / "p.sock"
    finally:
        subprocess.run([*words, "rm", "--force", "--all"], capture_output=True, check=False)
        serving.terminate()
        serving.wait(timeout=30)
        end_programs(folder)
        take_down(folder)


async def _fill(folder: Path) -> None:
    usual, own = DockerEngine(find_endpoint(os.environ)), DockerEngine(Endpoint(f"unix://{folder}/p.sock"))
    try:
        images = Images(usual, image_sources(), shared_cache(), os.environ)
        await images.ensure(lambda line: print(line, flush=True))
        await usual.save_image(images.tag, folder / "image.tar")
        async with asyncio.timeout(60):
            while not (folder / "p.sock").exists():
                await asyncio.sleep(0.05)
        await own.load_image(folder / "image.tar")
    finally:
        (folder / "image.tar").unlink(missing_ok=True)
        await usual.close()
        await own.close()


@pytest.fixture
async def podman(podman_socket: Path) -> AsyncIterator[DockerEngine]:
    engine = DockerEngine(Endpoint(f"unix://{podman_socket}"))
    yield engine
    assert await engine.containers({}) == ()
    for volume in await engine.volumes({}):
        await engine.remove_volume(volume.name)
    await engine.close()


LOOK = """
id -u; ls /sys/class/net; grep -E 'CapBnd|NoNewPrivs|Seccomp:' /proc/self/status | tr -s '\\t' ' '
for call in "unshare --user true" "unshare --mount true" "mount -t tmpfs x /tmp" "touch /x" "cat /proc/kcore"; do
    $call > /dev/null 2>&1 && echo "may: $call"
done
findmnt -rno TARGET,OPTIONS -t tmpfs | grep -E '^/(tmp|run|var/tmp) ' | grep -v size= ; echo looked
"""


async def test_a_sandbox_of_podman_has_the_walls_of_any_other(podman: DockerEngine, sandbox_paths: Paths) -> None:
    images = Images(podman, image_sources(), shared_cache(), os.environ)
    sandboxes = Sandboxes(podman, images, sandbox_paths, SystemClock())
    run = RunId.new()
    files = sandbox_paths.workspaces / run / "files"
    files.mkdir(parents=True)
    if sandboxes.owner is not None:
        os.chown(files, *sandboxes.owner)
    (files / "here").write_text("from here\n")
    plan = SandboxPlan(volumes=(Volume("studio-test-cache", "/studio/cache"),))

    info = await podman.info()
    sandbox = await sandboxes.open(ProjectId.new(), run, files, plan=plan)
    try:
        assert (info.name, info.isolation, info.gives_names) == ("Podman", "rootful", False)
        said = (await sandbox.exec(LOOK, timeout=60)).output.splitlines()
        assert said == [said[0], "lo", "CapBnd: 0000000000000000", "NoNewPrivs: 1", "Seccomp: 2", "looked"]
        assert said[0] != "0"
        assert (
            await sandbox.exec("cat here && echo there > made && touch /studio/cache/kept", timeout=60)
        ).exit_code == 0
        assert (files / "made").read_text() == "there\n"

        stats = await sandbox.stats()
        assert (stats.pids > 0, stats.memory_bytes > 0) == (True, True)
        assert await sandbox.sleep.fall_asleep(lambda: False)
        (state,) = await sandboxes.containers()
        assert state.paused
        assert (await sandbox.exec("echo awake", timeout=60)).output == "awake\n"

        worn = {name: state.labels[name] for name in ("studio.home", "studio.project", "studio.run", "studio.folder")}
        beside = ContainerSpec(
            name="studio-beside",
            image=images.tag,
            user="10001:10001",
            mounts=(),
            labels=worn,
            workdir="/",
            network=f"container:{sandbox.container}",
            argv=("python3", "-m", "http.server", "4711", "--bind", "127.0.0.1", "--directory", "/var/lib/served"),
            writable=("/var/lib/served",),
        )
        service = await podman.start(beside)
        reached = await sandbox.exec("until curl -sf http://127.0.0.1:4711/; do sleep 0.1; done", timeout=60)
        assert "Directory listing" in reached.output
        assert await podman.exit_code(service) is None
        await podman.stop(service, 1)
        assert await podman.exit_code(service) is not None
        await podman.remove(service)
    finally:
        await sandboxes.close_all()


async def test_a_volume_of_podman_is_whose_it_was_given_to_and_not_whose_the_image_says(podman: DockerEngine) -> None:
    image = Images(podman, image_sources(), shared_cache(), os.environ).tag
    await podman.create_volume("studio-given", {})
    await podman.give_volume("studio-given", image, "4321:4321", {})
    spec = ContainerSpec("studio-theirs", image, "4321:4321", (), {}, workdir="/")
    container = await podman.start(replace(spec, volumes=(Volume("studio-given", "/workspace", filled=False),)))
    try:
        stream = await podman.exec(container, ("sh", "-c", "touch /workspace/mine && stat -c %u /workspace/mine"))
        said = b""
        while data := await stream.read():
            said += data
        await stream.close()
    finally:
        await podman.remove(container)

    assert said == b"4321\n"


async def test_a_podman_reached_over_ssh_starts_a_container_without_a_filter_file_of_this_machine(
    podman: DockerEngine, podman_socket: Path, far: FarMachine
) -> None:
    far.socket = podman_socket
    engine = DockerEngine(Endpoint(far.url), far.env)
    image = Images(podman, image_sources(), shared_cache(), os.environ).tag
    try:
        assert any("make namespaces of their own" in hole for hole in (await engine.info()).holes)
        container = await engine.start(ContainerSpec("studio-far", image, "10001:10001", (), {}, workdir="/"))
        assert await engine.exit_code(container) is None
        await engine.remove(container)
    finally:
        await engine.close()


async def test_an_image_of_podman_that_brings_a_volume_is_refused_and_nothing_is_left(
    podman: DockerEngine, tmp_path: Path
) -> None:
    images = Images(podman, image_sources(), shared_cache(), os.environ)
    (tmp_path / "Dockerfile").write_text(f"FROM {images.tag}\nVOLUME /sneaked\n")
    said: list[str] = []
    await podman.build_image(tmp_path, "Dockerfile", "sneaky:1", said.append)

    with pytest.raises(PolicyRefused, match="sneaked"):
        await podman.start(ContainerSpec("studio-sneaky", "sneaky:1", "10001:10001", (), {"studio.run": "r"}))

    assert await podman.containers({}) == ()
    assert await podman.volumes({}) == ()


async def test_a_build_of_podman_that_fails_says_why(podman: DockerEngine, tmp_path: Path) -> None:
    images = Images(podman, image_sources(), shared_cache(), os.environ)
    (tmp_path / "Dockerfile").write_text(f"FROM {images.tag}\nRUN echo broken on purpose >&2 && exit 3\n")

    with pytest.raises(EngineError, match="3"):
        await podman.build_image(tmp_path, "Dockerfile", "broken:1", lambda line: None)
