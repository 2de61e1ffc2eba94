"""A process of the app that ends badly becomes a fact of its run, and sets it to work where its role says so."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from studio.agents.failures import Failures
from studio.agents.hearing import Hearing
from studio.domain.console import ConsoleEntry
from studio.domain.events import Delta, FailuresTold
from studio.events.recorder import Recorder
from studio.sandbox.box import Sandbox
from studio.sandbox.console import Console
from studio.sandbox.logs import Logs
from studio.sandbox.processes import Output, Process
from studio.store.database import Database
from studio.workspace.files import Folder
from tests.fixtures.told_engine import ToldEngine
from tests.unit.agents.test_rousing import Story


class App:
    """A sandbox whose process says what it is told to, and ends."""

    def __init__(self, story: Story, folder: Path) -> None:
        self.story = story
        self.console = Console()
        self.processes = SimpleNamespace(on_start=None, hear=self._hear, title=lambda name: "app")
        self.logs = Logs(ToldEngine().engine, story.clock, lambda: {})
        self.failures = Failures(story.database, story.recorder)
        self._news, self._said = asyncio.Event(), Output(Process("p1-a", "", 0, True, False, 0, 0.0), "", 0, 0)
        self._hearing = Hearing(self.failures, story.clock, self._tell)
        self._hearing.attend(story.run, cast(Sandbox, self), Folder(folder))

    def _tell(self, _delta: Delta) -> None:
        self._news.set()

    async def _hear(self, name: str, since: int) -> Output:
        return self._said

    async def run(self, text: str, code: int) -> list[ConsoleEntry]:
        """Runs `node server.js`, which says something and ends; returns what the console shows of it."""
        process = Process("p1-a", "node server.js", code, ended=True, stopped=False, said=len(text), seconds=0.2)
        self._said = Output(process, text, 0, len(text))
        self.processes.on_start("p1-a")
        while not any("ended with exit code" in entry.text for entry in self.console.since(0).entries):
            self._news.clear()
            await self._news.wait()
        return list(self.console.since(0).entries)

    async def close(self) -> None:
        await self.logs.close()
        await self._hearing.close()


@pytest.fixture
async def app(database: Database, recorder: Recorder, tmp_path: Path) -> AsyncIterator[App]:
    story = Story(database, recorder)
    await story.begin()
    made = App(story, tmp_path)
    yield made
    await made.close()


async def test_an_app_that_ends_with_a_code_and_words_without_a_place_is_told_to_its_agent(app: App) -> None:
    await app.run("DATABASE_URL is not set\n", 1)

    events = [recorded.event for recorded in await app.failures.tell(app.story.run)]

    told = "".join(event.told for event in events if isinstance(event, FailuresTold))
    assert "> p1 (node server.js) ended with exit code 1: DATABASE_URL is not set" in told


async def test_an_agent_at_rest_is_set_to_work_by_an_app_that_ends_badly(app: App) -> None:
    assert await app.story.due() is None

    await app.run("DATABASE_URL is not set\n", 1)

    assert await app.story.due() == 0.0
    assert await app.story.rouse() is not None


async def test_of_more_lines_than_are_read_the_last_are_heard_and_the_others_counted(app: App) -> None:
    shown = await app.run("ERROR: first\n" + "on and on\n" * 3000 + "out of memory\n", 137)

    texts = [entry.text for entry in shown]
    assert "out of memory" in texts
    assert "ERROR: first" not in texts
    assert app.console.statistics().dropped > 1000
