"""The container engine is killed, hangs, or is not there yet: the run is parked, nothing counts as done, it goes on."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from studio.app.chats import Sent
from studio.app.studio import Studio
from studio.domain.events import EngineBack, EngineLost, Recorded, ToolAnswered, ToolStarted, TurnEnded
from studio.domain.ids import RunId
from studio.domain.parked import CONTAINER_ENGINE
from studio.domain.runs import Outcome
from studio.domain.tools import ApprovalMode
from tests.fixtures.engine import events_of, first_event, opened, turn_ended
from tests.fixtures.private_engine import PrivateEngine
from tests.fixtures.repositories import make_repository
from tests.fixtures.scripts import DONE, Script, shell

pytestmark = [pytest.mark.docker, pytest.mark.timeout(300)]

LONG = shell("sleep 600")
AFTER = shell("cat a.txt && echo went on")


async def ask(studio: Studio, folder: Path, model: str) -> Sent:
    project = await studio.projects.add(make_repository(folder / "shop", {"a.txt": "one\n"}))
    return await studio.chats.send(project.id, "Go", model=model, approval=ApprovalMode.AUTO)


async def told(studio: Studio, kind: type) -> Recorded:
    """The first event of that kind, whomever it concerns."""
    async for item in studio.feed.follow(0):
        if isinstance(item, Recorded) and isinstance(item.event, kind):
            return item
    raise AssertionError("the feed ended")


async def replied(studio: Studio, run: RunId) -> TurnEnded:
    """The end of the first turn of a run that is not parked."""
    async for item in studio.feed.follow(0, run=run):
        ended = item.event if isinstance(item, Recorded) else None
        if isinstance(ended, TurnEnded) and ended.outcome is not Outcome.PARKED:
            return ended
    raise AssertionError("the feed ended")


async def answers(studio: Studio, run: RunId) -> list[ToolAnswered]:
    return [event for event in await events_of(studio, run) if isinstance(event, ToolAnswered)]


async def test_an_engine_that_is_killed_parks_the_run_which_goes_on_by_itself(
    tmp_path: Path, private_engine: PrivateEngine, script: Script
) -> None:
    async with opened(tmp_path / "home", {"DOCKER_HOST": private_engine.url}) as studio:
        sent = await ask(studio, tmp_path, script(LONG, AFTER, DONE))
        await first_event(studio, sent.run, ToolStarted)
        await asyncio.to_thread(private_engine.kill)

        parked = await turn_ended(studio, sent)
        assert (parked.outcome, parked.fault) == (Outcome.PARKED, CONTAINER_ENGINE)
        assert (await told(studio, EngineLost)).event.state == "lost"  # type: ignore[union-attr]
        assert await answers(studio, sent.run) == []

        await asyncio.to_thread(private_engine.start)
        assert (await replied(studio, sent.run)).reason == ""
        stopped, went_on = await answers(studio, sent.run)
        assert (stopped.ok, "may have run in part" in stopped.text) == (False, True)
        assert "went on" in went_on.text
        assert (await told(studio, EngineBack)).run is None
        assert (await studio.replays.replay(sent.run)).same


async def test_an_engine_that_hangs_parks_the_run_which_goes_on_by_itself(
    tmp_path: Path, private_engine: PrivateEngine, script: Script
) -> None:
    async with opened(tmp_path / "home", {"DOCKER_HOST": private_engine.url}) as studio:
        sent = await ask(studio, tmp_path, script(LONG, AFTER, DONE))
        await first_event(studio, sent.run, ToolStarted)
        private_engine.hang()

        parked = await turn_ended(studio, sent)
        assert (parked.outcome, "hangs" in parked.reason) == (Outcome.PARKED, True)
        assert await answers(studio, sent.run) == []

        private_engine.wake()
        assert (await replied(studio, sent.run)).reason == ""
        assert "went on" in (await answers(studio, sent.run))[-1].text


async def test_a_run_that_meets_no_engine_at_all_begins_once_there_is_one(
    tmp_path: Path, private_engine: PrivateEngine, script: Script
) -> None:
    private_engine.kill()
    async with opened(tmp_path / "home", {"DOCKER_HOST": private_engine.url}) as studio:
        sent = await ask(studio, tmp_path, script(shell("echo went on"), DONE))
        assert (await turn_ended(studio, sent)).outcome is Outcome.PARKED
        assert (await told(studio, EngineLost)).event.state == "absent"  # type: ignore[union-attr]

        await asyncio.to_thread(private_engine.start)
        assert (await replied(studio, sent.run)).reason == ""
        (only,) = await answers(studio, sent.run)
        assert "went on" in only.text
