"""A sandbox that nobody uses sleeps, and wakes for whoever wants something of it."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from studio.adapters.docker.engine import DockerEngine
from studio.base.paths import Paths
from studio.domain.ids import ProjectId, RunId
from studio.sandbox.box import Sandbox
from studio.sandbox.caretaker import Bounds, Caretaker
from studio.sandbox.facts import Of, Unheard
from studio.sandbox.images import Images
from studio.sandbox.sandboxes import Sandboxes
from studio.sandbox.terminal import attached_terminal
from tests.fixtures.set_clock import SetClock

pytestmark = pytest.mark.docker

SECONDS = 60
BOUNDS = Bounds(sleep=600, stop=3600)


class Told(Unheard):
    """Keeps what sandboxes did."""

    def __init__(self) -> None:
        self.facts: list[str] = []

    def slept(self, sandbox: Of) -> None:
        self.facts.append("slept")

    def woke(self, sandbox: Of, milliseconds: float) -> None:
        self.facts.append("woke")


class House:
    """One sandbox with its caretaker, and a clock that a test owns."""

    def __init__(self, engine: DockerEngine, images: Images, paths: Paths) -> None:
        self.clock = SetClock()
        self.told = Told()
        self.engine = engine
        self.sandboxes = Sandboxes(engine, images, paths, self.clock, told=self.told)
        self.caretaker = Caretaker(self.sandboxes, self.clock, BOUNDS, self._retire)
        self.folder = paths.workspaces / "run"

    async def open(self) -> Sandbox:
        self.folder.mkdir()
        if self.sandboxes.owner is not None:
            os.chown(self.folder, *self.sandboxes.owner)
        return await self.sandboxes.open(ProjectId.new(), RunId.new(), self.folder)

    async def after(self, minutes: float) -> None:
        """The caretaker looks once, so much later."""
        self.clock.time += timedelta(minutes=minutes)
        await self.caretaker.look()

    async def paused(self) -> bool:
        (state,) = await self.sandboxes.containers()
        return state.paused

    async def _retire(self, run: RunId, reason: str) -> bool:
        self.told.facts.append(reason)
        return await self.sandboxes.close(run, reason) is not None


@pytest.fixture
async def house(engine: DockerEngine, images: Images, sandbox_paths: Paths) -> AsyncIterator[House]:
    made = House(engine, images, sandbox_paths)
    yield made
    await made.sandboxes.close_all()
    assert await made.sandboxes.containers() == ()


async def test_an_unused_sandbox_sleeps_until_a_command_wakes_it(house: House) -> None:
    sandbox = await house.open()
    await sandbox.exec("cd /tmp; echo here > kept", timeout=SECONDS)
    await house.after(9)
    assert not await house.paused()

    await house.after(2)
    assert await house.paused()

    assert (await sandbox.exec("pwd; cat kept", timeout=SECONDS)).output == "/tmp\nhere\n"
    assert not await house.paused()
    assert house.told.facts == ["slept", "woke"]


async def test_what_computes_by_itself_is_not_put_to_sleep(house: House) -> None:
    sandbox = await house.open()
    await sandbox.processes.start("while :; do :; done", 0)

    await house.after(11)

    assert not await house.paused()


async def test_a_sandbox_that_slept_for_long_is_closed(house: House) -> None:
    await house.open()
    await house.after(11)

    await house.after(61)

    assert house.sandboxes.opened() == ()
    assert house.told.facts == ["slept", "nobody used it for 61 minutes"]


async def test_a_sleeping_sandbox_with_a_process_behind_is_kept(house: House) -> None:
    sandbox = await house.open()
    await sandbox.processes.start("sleep 1000", 0)
    await house.after(11)

    await house.after(61)

    assert await house.paused()
    (process,) = await sandbox.processes.list()
    assert not process.ended


async def test_a_sandbox_that_somebody_else_paused_wakes_when_it_is_used(house: House) -> None:
    sandbox = await house.open()
    await house.engine.pause(sandbox.container)
    await house.after(1)

    assert (await sandbox.run(("echo", "hi"))).stdout == b"hi\n"


async def test_a_sandbox_whose_container_ended_is_broken_and_opens_anew(house: House) -> None:
    first = await house.open()
    await house.engine.stop(first.container, 0)
    await house.after(1)
    assert first.broken is not None

    second = await house.sandboxes.open(first.project, first.id, house.folder)

    assert second is not first
    assert (await second.exec("echo up", timeout=SECONDS)).output == "up\n"


async def test_a_terminal_opens_in_a_sleeping_sandbox(house: House) -> None:
    sandbox = await house.open()
    await house.after(11)
    assert await house.paused()

    terminal = await sandbox.terminal(80, 24)

    await terminal.write(b"exit 7\n")
    while await terminal.read():
        pass
    assert await terminal.exit_code() == 7


async def test_typing_in_a_terminal_of_another_process_wakes_the_sandbox(house: House) -> None:
    sandbox = await house.open()
    await house.after(11)

    async with attached_terminal(house.engine, sandbox.container, 80, 24) as terminal:
        await house.after(1)
        await house.after(11)
        assert await house.paused()
        await terminal.write(b"exit 7\n")
        while await terminal.read():
            pass
        assert await terminal.exit_code() == 7
