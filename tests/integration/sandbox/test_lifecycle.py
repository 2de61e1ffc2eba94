"""How sandboxes come and go."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from studio.adapters.clock import SystemClock
from studio.adapters.docker.engine import DockerEngine
from studio.adapters.docker.find import Endpoint
from studio.base.paths import Paths
from studio.domain.errors import EngineError
from studio.domain.ids import ProjectId, RunId
from studio.sandbox.box import Sandbox
from studio.sandbox.images import Images
from studio.sandbox.sandboxes import Sandboxes

pytestmark = pytest.mark.docker

_OWNER = """
import asyncio, os, sys
from pathlib import Path
from studio.adapters.clock import SystemClock
from studio.adapters.docker.engine import DockerEngine
from studio.adapters.docker.find import find_endpoint
from studio.base.paths import Paths, shared_cache
from studio.domain.ids import ProjectId, RunId
from studio.sandbox.images import Images, image_sources
from studio.sandbox.sandboxes import Sandboxes

async def main():
    engine = DockerEngine(find_endpoint(os.environ))
    images = Images(engine, image_sources(), shared_cache(), os.environ)
    sandboxes = Sandboxes(engine, images, Paths(Path(sys.argv[1])), SystemClock())
    box = await sandboxes.open(ProjectId.new(), RunId.new(), Path(sys.argv[2]))
    print(box.container, flush=True)
    await box.exec("sleep 1000", timeout=1000)

asyncio.run(main())
"""


async def test_opening_twice_gives_the_same_sandbox(sandboxes: Sandboxes, workspace: Path) -> None:
    project, run = ProjectId.new(), RunId.new()
    first, second = await asyncio.gather(*(sandboxes.open(project, run, workspace) for _ in range(2)))

    assert first is second
    assert sandboxes.get(run) is first
    assert first.milliseconds > 0


async def test_a_closed_sandbox_is_gone(sandboxes: Sandboxes, sandbox: Sandbox, engine: DockerEngine) -> None:
    await sandboxes.close(sandbox.id, "done")

    assert sandboxes.get(sandbox.id) is None
    assert sandbox.container not in {state.id for state in await engine.containers({})}
    with pytest.raises(EngineError):
        await sandbox.exec("true", timeout=30)


async def test_files_stay_when_the_sandbox_goes(sandboxes: Sandboxes, sandbox: Sandbox, workspace: Path) -> None:
    await sandbox.exec("echo kept > file", timeout=30)
    await sandboxes.close(sandbox.id, "done")
    again = await sandboxes.open(ProjectId.new(), sandbox.id, workspace)

    assert (await again.exec("cat file", timeout=30)).output == "kept\n"


async def test_a_container_killed_under_a_command_is_an_error_and_the_next_open_starts_anew(
    sandboxes: Sandboxes, sandbox: Sandbox, engine: DockerEngine, workspace: Path
) -> None:
    running = asyncio.create_task(sandbox.exec("touch up; sleep 1000", timeout=1000))
    await sandbox.exec("until [ -e up ]; do sleep 0.02; done", timeout=30)

    await engine.remove(sandbox.container)
    with pytest.raises(EngineError):
        await running

    assert sandboxes.get(sandbox.id) is None
    again = await sandboxes.open(ProjectId.new(), sandbox.id, workspace)
    assert (await again.exec("echo anew", timeout=30)).output == "anew\n"


async def test_cancelling_the_start_leaves_nothing_that_a_later_start_stumbles_over(
    sandboxes: Sandboxes, workspace: Path
) -> None:
    project, run = ProjectId.new(), RunId.new()
    opening = asyncio.create_task(sandboxes.open(project, run, workspace))
    await asyncio.sleep(0)
    opening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await opening

    assert (await (await sandboxes.open(project, run, workspace)).exec("echo up", timeout=30)).output == "up\n"


async def test_cancelling_while_the_container_comes_up_removes_it(
    sandboxes: Sandboxes, engine: DockerEngine, workspace: Path
) -> None:
    project, run = ProjectId.new(), RunId.new()
    opening = asyncio.create_task(sandboxes.open(project, run, workspace))
    while not await engine.containers({"studio.run": run}):
        assert not opening.done()
    opening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await opening

    assert await engine.containers({"studio.run": run}) == ()


async def test_a_container_that_is_being_started_is_not_reaped(
    sandboxes: Sandboxes, engine: DockerEngine, workspace: Path
) -> None:
    project, run = ProjectId.new(), RunId.new()
    opening = asyncio.create_task(sandboxes.open(project, run, workspace))
    while not await engine.containers({"studio.run": run}):
        assert not opening.done()

    assert await sandboxes.reap() == ()

    assert (await (await opening).exec("echo up", timeout=30)).output == "up\n"


async def test_containers_of_a_killed_process_are_reaped_and_those_of_a_living_one_are_not(
    sandboxes: Sandboxes, sandbox: Sandbox, sandbox_paths: Paths, workspace: Path
) -> None:
    owner = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _OWNER, str(sandbox_paths.home), str(workspace), stdout=asyncio.subprocess.PIPE
    )
    assert owner.stdout is not None
    container = (await owner.stdout.readline()).decode().strip()
    assert container
    assert await sandboxes.reap() == ()

    os.kill(owner.pid, signal.SIGKILL)
    await owner.wait()

    assert await sandboxes.reap() == (container,)
    assert await sandboxes.reap() == ()
    assert (await sandbox.exec("echo mine", timeout=30)).output == "mine\n"


async def test_readings_say_what_it_uses(sandbox: Sandbox) -> None:
    reading = await sandbox.stats()

    assert reading.memory_bytes > 0
    assert reading.pids > 1


async def test_a_missing_image_is_said_with_the_next_action(
    engine: DockerEngine, sandbox_paths: Paths, workspace: Path, tmp_path: Path
) -> None:
    (tmp_path / "sources/standard").mkdir(parents=True)
    images = Images(engine, tmp_path / "sources", tmp_path / "cache", {})
    boxes = Sandboxes(engine, images, sandbox_paths, SystemClock())

    assert not await images.ready()
    with pytest.raises(EngineError, match=r"image is missing"):
        await boxes.open(ProjectId.new(), RunId.new(), workspace)


async def test_no_engine_is_said_with_the_next_action(tmp_path: Path) -> None:
    engine = DockerEngine(Endpoint(f"unix://{tmp_path}/nobody.sock"))

    with pytest.raises(EngineError, match="No container engine answers") as caught:
        await engine.info()
    await engine.close()

    assert "Docker: sudo " in caught.value.action


async def test_the_engine_says_who_it_is(engine: DockerEngine) -> None:
    info = await engine.info()

    assert info.name
    assert info.version[0].isdigit()
    assert info.isolation in ("rootful", "rootless", "userns", "vm")
