"""A container engine on another machine is reached through the person's ssh: here, that machine is this one."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

import pytest

from studio.adapters.clock import SystemClock
from studio.adapters.docker.engine import DockerEngine
from studio.adapters.docker.find import Endpoint
from studio.base.paths import Paths, shared_cache
from studio.domain.errors import EngineError, EngineGone
from studio.domain.ids import ProjectId, RunId
from studio.sandbox.folders import Folders
from studio.sandbox.images import Images, image_sources
from studio.sandbox.sandboxes import Sandboxes
from tests.fixtures.far_machine import FarMachine

pytestmark = pytest.mark.docker

SECONDS = 30.0


async def test_a_sandbox_of_an_engine_over_ssh_works_on_the_runs_files(
    far: FarMachine, sandbox_paths: Paths, workspace: Path
) -> None:
    engine = DockerEngine(Endpoint(far.url), far.env)
    images = Images(engine, image_sources(), shared_cache(), os.environ)
    sandboxes = Sandboxes(engine, images, sandbox_paths, SystemClock())
    (workspace / "said").write_text("over ssh\n")
    try:
        await Folders(engine, sandbox_paths).require(images.tag)
        sandbox = await sandboxes.open(ProjectId.new(), RunId.new(), workspace)
        assert (await sandbox.exec("cat said", timeout=60)).output == "over ssh\n"
    finally:
        await sandboxes.close_all()
        await engine.close()


async def test_a_login_that_asks_something_is_told_and_not_waited_for(far: FarMachine) -> None:
    far.forget_the_key()
    engine = DockerEngine(Endpoint(far.url), far.env)

    with pytest.raises(EngineGone, match="Permission denied") as caught:
        await engine.ping(SECONDS)

    assert "ssh -p" in caught.value.action
    await engine.close()


async def test_a_machine_that_goes_away_is_noticed_and_found_again(far: FarMachine) -> None:
    engine = DockerEngine(Endpoint(far.url), far.env)
    await engine.ping(SECONDS)
    held = asyncio.create_task(engine.until_gone())
    await engine.ping(SECONDS)
    await asyncio.to_thread(far.end)
    with suppress(EngineGone):  # it may have been about to be held
        await held

    with pytest.raises(EngineGone, match=str(far.port)):
        await engine.ping(SECONDS)
    far.start()
    async with asyncio.timeout(SECONDS * 3):
        while not await _answers(engine):  # the login that ended may still be ending
            await asyncio.sleep(0.05)
    await engine.close()


_HOLDS = """
import asyncio, os, sys
from studio.adapters.docker.engine import DockerEngine
from studio.adapters.docker.find import Endpoint

async def main():
    engine = DockerEngine(Endpoint(sys.argv[1]), os.environ)
    await engine.ping(30)
    print("reached", flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


async def test_the_login_of_a_studio_that_is_killed_ends_and_its_socket_is_cleared_away(far: FarMachine) -> None:
    killed = subprocess.Popen([sys.executable, "-c", _HOLDS, far.url], env=far.env, stdout=subprocess.PIPE)
    assert killed.stdout is not None
    assert killed.stdout.readline() == b"reached\n"
    killed.kill()
    killed.wait(timeout=30)
    killed.stdout.close()
    (left,) = Path(tempfile.gettempdir()).glob(f"studio-ssh-{killed.pid}-*")
    async with asyncio.timeout(SECONDS * 3):
        while _leads_on(left / "s"):
            await asyncio.sleep(0.05)

    engine = DockerEngine(Endpoint(far.url), far.env)
    await engine.ping(SECONDS)
    assert not left.exists()
    await engine.close()


async def _answers(engine: DockerEngine) -> bool:
    try:
        await engine.ping(SECONDS)
    except EngineGone:
        return False
    return True


def _leads_on(path: Path) -> bool:
    try:
        with socket.socket(socket.AF_UNIX) as visitor:
            visitor.connect(str(path))
    except OSError:
        return False
    return True


@pytest.mark.parametrize(
    "url", ["ssh://-oProxyCommand=x", "ssh://", "ssh://ada:pw@far", "ssh://far/a:b", "ssh://far:x"]
)
def test_an_address_that_could_mean_something_else_to_ssh_is_refused(url: str) -> None:
    with pytest.raises(EngineError, match="cannot read the address"):
        DockerEngine(Endpoint(url))
