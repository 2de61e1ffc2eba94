"""A sandbox without a container engine: the same contract, behind weaker walls."""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import pytest

from studio.adapters.bubblewrap.engine import BubblewrapEngine
from studio.adapters.bubblewrap.find import find_bubblewrap
from studio.adapters.clock import SystemClock
from studio.base.paths import Paths, shared_cache
from studio.contracts.containers import ContainerSpec, Mount, Volume
from studio.domain.errors import EngineError, PolicyRefused
from studio.domain.ids import ProjectId, RunId
from studio.sandbox.box import Sandbox
from studio.sandbox.egress.egress import Egress
from studio.sandbox.egress.ledger import ConnectionLedger
from studio.sandbox.images import Images, image_sources
from studio.sandbox.sandboxes import Sandboxes
from studio.sandbox.shape import Size
from studio.sandbox.terminal import attached_terminal
from studio.store import projects
from studio.store.database import Database
from tests.fixtures.memory import a_project
from tests.fixtures.outside import PlainJudge, ScriptedOutside

pytestmark = pytest.mark.bubblewrap

SECONDS = 60


def running_here(mark: str) -> bool:
    """Whether a process of this machine, in a sandbox or not, has `mark` in its command line."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                if mark.encode() in (entry / "cmdline").read_bytes().split(b"\0")[0]:
                    return True
    return False


async def said(sandbox: Sandbox, command: str) -> str:
    return (await sandbox.exec(command, timeout=SECONDS)).output


async def test_commands_follow_each_other_and_files_belong_to_the_person(
    weak_sandbox: Sandbox, weak_workspace: Path, weak_sandboxes: Sandboxes
) -> None:
    await weak_sandbox.exec("mkdir -p deep && cd deep && echo hi > made", timeout=SECONDS)

    assert await said(weak_sandbox, "pwd && cat made") == "/workspace/deep\nhi\n"
    made = (weak_workspace / "deep" / "made").stat()
    assert (made.st_uid, made.st_gid) == (weak_sandboxes.owner or (os.getuid(), os.getgid()))


async def test_a_server_inside_is_reached_through_a_tunnel(weak_sandbox: Sandbox, weak_workspace: Path) -> None:
    (weak_workspace / "index.html").write_text("a page")
    await weak_sandbox.processes.start("python3 -m http.server 8000 --bind 127.0.0.1", seconds=0.2)
    tunnel = await weak_sandbox.tunnel(8000)

    assert (await tunnel.status(SECONDS)).startswith("200")
    assert 8000 in await weak_sandbox.listening_ports()


async def test_a_program_reaches_a_listed_host_by_the_same_way_as_from_a_container(
    bubblewrap: BubblewrapEngine, sandbox_paths: Paths, weak_sandboxes: Sandboxes, weak_workspace: Path
) -> None:
    async def page(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello there")
        await writer.drain()

    database, clock, outside = await Database.open(sandbox_paths.database), SystemClock(), ScriptedOutside()
    project = a_project()
    async with database.transaction() as connection:
        await projects.add(connection, project)
    egress = Egress(PlainJudge("files.example.org:80"), ConnectionLedger(database, clock), outside, clock, 0)
    images = Images(bubblewrap, image_sources(), shared_cache(), os.environ)
    sandboxes = Sandboxes(bubblewrap, images, sandbox_paths, clock, egress=egress)
    try:
        sandbox = await sandboxes.open(project.id, RunId.new(), weak_workspace)
        async with outside.host("files.example.org", 80, page):
            fetch = "import urllib.request as r; print(r.urlopen('http://files.example.org/', timeout=20).read())"
            heard = await said(sandbox, f'python3 -c "{fetch}"')
    finally:
        await sandboxes.close_all()
        await database.close()

    assert "hello there" in heard


async def test_it_has_no_powers_and_no_network_and_sees_no_process_but_its_own(weak_sandbox: Sandbox) -> None:
    status = await said(weak_sandbox, "cat /proc/self/status")

    assert all(f"Cap{which}:\t{'0' * 16}\n" in status for which in ("Inh", "Prm", "Eff", "Bnd", "Amb"))
    assert "NoNewPrivs:\t1\n" in status
    assert "Seccomp:\t2\n" in status
    assert (await said(weak_sandbox, "tail -n +3 /proc/net/dev | cut -d: -f1")).split() == ["lo"]
    assert str(os.getpid()) not in (await said(weak_sandbox, "ls /proc")).split()


async def test_it_sees_nothing_of_this_machine_but_its_programs(weak_sandbox: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("a key")

    assert "a key" not in await said(weak_sandbox, f"cat '{tmp_path}/secret' 2>&1")
    assert (await said(weak_sandbox, "ls -a /root /home /var/lib /etc/shadow /run/docker.sock 2>/dev/null")) == ""
    assert (await said(weak_sandbox, "ls -A /run /var")).split() == ["/run:", "/var:", "run", "tmp"]


async def test_the_porter_and_the_supervisor_cannot_be_ended_or_read_from_inside(weak_sandbox: Sandbox) -> None:
    attack = "kill -9 1; kill -INT 1; kill -STOP 1; cat /proc/1/mem; ls /proc/1/fd /proc/2/fd"

    assert (await weak_sandbox.exec(attack, timeout=SECONDS)).exit_code != 0
    assert await said(weak_sandbox, "echo usable") == "usable\n"


async def test_it_ends_with_the_engine_that_started_it(
    bubblewrap: BubblewrapEngine, weak_sandboxes: Sandboxes, weak_sandbox: Sandbox, sandbox_paths: Paths
) -> None:
    await weak_sandbox.exec("sleep 1000 & disown", timeout=SECONDS)
    (before,) = await bubblewrap.containers({})
    other = BubblewrapEngine(sandbox_paths.cache / "bubblewrap", os.environ)

    await other.remove(weak_sandbox.container)

    assert before.running
    assert await other.containers({}) == ()
    with pytest.raises(EngineError):
        await weak_sandbox.exec("true", timeout=SECONDS)
    await other.close()


async def test_another_process_may_attach_a_terminal(weak_sandbox: Sandbox, sandbox_paths: Paths) -> None:
    other = BubblewrapEngine(sandbox_paths.cache / "bubblewrap", os.environ)

    async with attached_terminal(other, weak_sandbox.container, 80, 24) as terminal:
        await terminal.write(b"echo at $((40 + 2)); exit 7\n")
        shown = b""
        while piece := await terminal.read():
            shown += piece
        code = await terminal.exit_code()

    assert b"at 42" in shown
    assert code == 7
    await other.close()


async def test_a_paused_sandbox_answers_once_it_is_let_go_on(
    weak_sandbox: Sandbox, bubblewrap: BubblewrapEngine
) -> None:
    await bubblewrap.pause(weak_sandbox.container)
    (asleep,) = await bubblewrap.containers({"studio.run": weak_sandbox.id})
    asked = asyncio.create_task(weak_sandbox.exec("echo awake", timeout=SECONDS))

    await bubblewrap.unpause(weak_sandbox.container)

    assert (await asked).output == "awake\n"
    assert (asleep.running, asleep.paused) == (False, True)


async def test_a_stopped_sandbox_keeps_its_name(weak_sandbox: Sandbox, bubblewrap: BubblewrapEngine) -> None:
    await bubblewrap.rename(weak_sandbox.container, "another-name")
    await bubblewrap.stop(weak_sandbox.container, 0)

    (stopped,) = await bubblewrap.containers({})
    assert (stopped.running, stopped.name) == (False, "another-name")


async def test_what_it_uses_is_read(weak_sandbox: Sandbox) -> None:
    reading = await weak_sandbox.stats()

    assert reading.pids > 2
    assert reading.memory_bytes > 0


async def test_processes_that_take_too_much_memory_together_are_ended_and_the_sandbox_stays(
    bubblewrap: BubblewrapEngine, sandbox_paths: Paths, weak_workspace: Path
) -> None:
    images = Images(bubblewrap, image_sources(), shared_cache(), os.environ)
    small = Sandboxes(bubblewrap, images, sandbox_paths, SystemClock(), Size(memory_bytes=200 << 20))
    box = await small.open(ProjectId.new(), RunId.new(), weak_workspace)
    hog = "python3 -c 'import time; b = bytearray(120 << 20); time.sleep(600)'"

    ended = await box.exec(f"{hog} & {hog} & wait -n; echo $?", timeout=SECONDS)

    assert ended.output.endswith("137\n")
    await small.close_all()


async def test_memory_that_processes_share_counts_once_against_what_they_may_take(
    bubblewrap: BubblewrapEngine, sandbox_paths: Paths, weak_workspace: Path
) -> None:
    images = Images(bubblewrap, image_sources(), shared_cache(), os.environ)
    small = Sandboxes(bubblewrap, images, sandbox_paths, SystemClock(), Size(memory_bytes=200 << 20))
    box = await small.open(ProjectId.new(), RunId.new(), weak_workspace)
    fill = "import mmap, os, time; m = mmap.mmap(-1, {0} << 20); [m.write(bytes(1 << 20)) for _ in range({0})]; {1}"

    async def ended_with(mebibytes: int, then: str) -> str:
        return (await box.exec(f'python3 -c "{fill.format(mebibytes, then)}"; echo $?', timeout=SECONDS)).output

    assert (await ended_with(80, "os.fork(); os.fork(); time.sleep(3)")).endswith("0\n")
    assert (await ended_with(250, "time.sleep(600)")).endswith("137\n")
    await small.close_all()


async def test_where_nobody_counts_its_time_it_stays_on_as_many_processors_as_it_may_have(
    bubblewrap: BubblewrapEngine, sandbox_paths: Paths, weak_workspace: Path
) -> None:
    if find_bubblewrap(os.environ).scope:
        pytest.skip("systemd bounds the whole of a sandbox here")
    images = Images(bubblewrap, image_sources(), shared_cache(), os.environ)
    small = Sandboxes(bubblewrap, images, sandbox_paths, SystemClock(), Size(cpus=0.5))
    box = await small.open(ProjectId.new(), RunId.new(), weak_workspace)

    assert await said(box, "nproc") == "1\n"
    widened = await said(box, 'python3 -c "import os; os.sched_setaffinity(0, range(64))" 2>&1')
    assert "not permitted" in widened
    await small.close_all()


async def test_memory_that_belongs_to_no_process_cannot_be_had(weak_sandbox: Sandbox) -> None:
    if find_bubblewrap(os.environ).scope:
        pytest.skip("systemd bounds the whole of a sandbox here")

    assert "not implemented" in await said(weak_sandbox, "python3 -c \"import os; os.memfd_create('x')\" 2>&1")


async def test_a_volume_is_a_folder_that_outlives_the_sandbox(
    bubblewrap: BubblewrapEngine, weak_sandboxes: Sandboxes, weak_workspace: Path
) -> None:
    owner = weak_sandboxes.owner or (os.getuid(), os.getgid())
    found = b""
    await bubblewrap.create_volume("cache", {"studio.project": "one"})
    spec = ContainerSpec(
        *("one", "studio-sandbox:x", f"{owner[0]}:{owner[1]}", (Mount(weak_workspace, "/workspace"),), {}),
        volumes=(Volume("cache", "/cache"),),
    )

    for command in ("echo kept > /cache/file", "cat /cache/file"):
        container = await bubblewrap.start(spec)
        stream = await bubblewrap.exec(container, ("sh", "-c", command))
        found = await stream.read()
        await stream.close()
        with pytest.raises(EngineError, match="in use"):
            await bubblewrap.remove_volume("cache")
        await bubblewrap.remove(container)

    assert found == b"kept\n"
    with pytest.raises(PolicyRefused):
        await bubblewrap.create_volume("cache", {"studio.project": "another"})
    await bubblewrap.remove_volume("cache")
    assert await bubblewrap.volumes({}) == ()


async def test_an_image_of_the_projects_own_is_refused_with_what_to_do(
    bubblewrap: BubblewrapEngine, weak_workspace: Path
) -> None:
    with pytest.raises(EngineError, match="container engine"):
        await bubblewrap.start(ContainerSpec("one", "postgres:16", "10001:10001", (), {}))


STUDIO = """
import asyncio, os, sys
from pathlib import Path
from studio.adapters.bubblewrap.engine import BubblewrapEngine
from studio.contracts.containers import ContainerSpec, Mount

async def main(folder, workspace, user, mark):
    engine = BubblewrapEngine(Path(folder), os.environ)
    mounts = (Mount(Path(workspace), "/workspace"),)
    container = await engine.start(ContainerSpec("one", "studio-sandbox:x", user, mounts, {"studio.run": "one"}))
    leaves = f"setsid -f bash -c 'exec -a {mark} sleep 4321'; echo left; cat"
    stream = await engine.exec(container, ("bash", "-c", leaves))
    await stream.read()
    print("started", flush=True)
    await asyncio.Event().wait()

asyncio.run(main(*sys.argv[1:]))
"""


async def test_it_ends_with_a_studio_that_is_killed_and_is_cleared_away_by_the_next(
    bubblewrap: BubblewrapEngine, weak_sandboxes: Sandboxes, weak_workspace: Path, sandbox_paths: Paths
) -> None:
    uid, gid = weak_sandboxes.owner or (os.getuid(), os.getgid())
    mark = f"left-{uuid4()}"
    words = (str(sandbox_paths.cache / "bubblewrap"), str(weak_workspace), f"{uid}:{gid}", mark)
    killed = await asyncio.create_subprocess_exec(sys.executable, "-c", STUDIO, *words, stdout=asyncio.subprocess.PIPE)
    assert killed.stdout is not None
    assert await killed.stdout.readline() == b"started\n"
    (before,) = await bubblewrap.containers({"studio.run": "one"})
    async with asyncio.timeout(SECONDS):
        while not running_here(mark):
            await asyncio.sleep(0.05)

    killed.kill()
    await killed.communicate()

    async with asyncio.timeout(SECONDS):
        while (await bubblewrap.containers({"studio.run": "one"}))[0].running or running_here(mark):
            await asyncio.sleep(0.05)
    assert before.running
    await bubblewrap.remove("one")
    assert await bubblewrap.containers({}) == ()
