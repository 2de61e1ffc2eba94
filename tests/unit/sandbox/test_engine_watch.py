"""The container engine goes away and comes back: that is said once, what waits for it is let go, and cleared after."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import pytest

from studio.contracts.containers import EngineInfo
from studio.contracts.sandbox_engine import SandboxEngine
from studio.domain.engines import EngineState
from studio.domain.errors import EngineError, EngineGone, GitError, ProviderError, ProviderFault, StudioError
from studio.domain.events import EngineBack, EngineLost, Event, Recorded
from studio.events.hub import Hub
from studio.sandbox.engine_watch import RESTARTED, SURE_SECONDS, EngineWatch
from studio.store import event_log
from studio.store.database import Database
from tests.fixtures.memory import recorder_on

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
GONE = EngineGone("No container engine answers.", "Start Docker.")
HUNG = EngineGone("It takes calls and answers none.", "Restart it.", hung=True)
REFUSED = EngineError("You may not use it.", "Join its group.")
BROKEN = EngineError("The sandbox's supervisor ended unexpectedly.")


class Engine:
    """An engine that answers as the test says."""

    def __init__(self) -> None:
        self.troubles: list[EngineError | None] = [None]
        self.asked = 0
        self.given_up: list[EngineGone] = []
        self._lets_go = asyncio.Event()

    def is_now(self, *troubles: EngineError | None) -> None:
        """How it answers each time it is asked; the last way goes on."""
        self.troubles = list(troubles)

    async def ping(self, seconds: float) -> None:
        self.asked += 1
        trouble = self.troubles.pop(0) if len(self.troubles) > 1 else self.troubles[0]
        if trouble is not None:
            raise trouble

    async def info(self) -> EngineInfo:
        return EngineInfo("Docker", "28.1", "rootless", holes=("runc 1.1.11 has a hole.",))

    async def until_gone(self) -> None:
        await self._lets_go.wait()

    def give_up(self, reason: EngineGone) -> None:
        self.given_up.append(reason)

    def let_go(self) -> None:
        self._lets_go.set()


class Clock:
    """A clock on which only the moment passes after which an answer is asked for once more."""

    def __init__(self) -> None:
        self.passed = 0.0

    def now(self) -> datetime:
        return NOON

    def monotonic(self) -> float:
        return self.passed

    async def sleep(self, seconds: float) -> None:
        self.passed += seconds
        if seconds > SURE_SECONDS:
            await asyncio.Event().wait()


class Story:
    """A data folder with an engine that comes and goes."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.engine = Engine()
        self.hub = Hub()
        self.clock = Clock()
        self.watch = self.another_start()

    def another_start(self) -> EngineWatch:
        recorder = recorder_on(self.database, self.hub)
        self.watch = EngineWatch(cast(SandboxEngine, self.engine), self.database, recorder, self.clock)
        return self.watch

    async def told(self) -> list[Event]:
        async with self.database.reading() as connection:
            return [recorded.event for recorded in await event_log.since(connection, 0)]


@pytest.fixture
async def story(tmp_path: Path) -> AsyncIterator[Story]:
    database = await Database.open(tmp_path / "studio.db")
    made = Story(database)
    yield made
    await made.watch.close()
    await database.close()


async def test_an_engine_that_is_well_is_nothing_to_tell(story: Story) -> None:
    assert await story.watch.look() is EngineState.UP
    assert await story.told() == []


async def test_what_is_lost_is_told_once_and_let_go(story: Story) -> None:
    lost: list[EngineGone] = []
    story.watch.at_loss(lost.append)
    await story.watch.look()
    story.engine.is_now(GONE)

    assert await story.watch.look() is EngineState.LOST
    assert await story.watch.look() is EngineState.LOST

    assert await story.told() == [EngineLost("lost", GONE.sentence, GONE.action)]
    assert [gone.sentence for gone in (*lost, *story.engine.given_up)] == [GONE.sentence] * 2


async def test_one_answer_that_does_not_come_is_not_believed(story: Story) -> None:
    await story.watch.look()
    story.engine.is_now(GONE, None)

    assert await story.watch.look() is EngineState.UP
    assert await story.told() == []


async def test_one_that_hangs_is_told_apart_and_not_waited_for_twice(story: Story) -> None:
    await story.watch.look()
    story.engine.is_now(HUNG)

    assert await story.watch.look() is EngineState.HUNG
    assert story.engine.asked == 2
    with pytest.raises(EngineGone, match="answers none"):
        story.watch.require()


async def test_one_that_never_was_there_is_absent(story: Story) -> None:
    story.engine.is_now(GONE)

    assert await story.watch.look() is EngineState.ABSENT
    assert await story.told() == [EngineLost("absent", GONE.sentence, GONE.action)]


async def test_what_was_left_is_cleared_away_before_it_is_told_that_the_engine_is_back(story: Story) -> None:
    seen: list[tuple[EngineState, int]] = []

    async def clear() -> None:
        seen.append((story.watch.view.state, len(await story.told())))

    story.watch.before_back(clear)
    await story.watch.look()
    story.engine.is_now(GONE)
    await story.watch.look()
    story.engine.is_now(None)

    assert await story.watch.look() is EngineState.UP
    assert seen == [(EngineState.LOST, 1)]
    assert isinstance((await story.told())[-1], EngineBack)
    story.watch.require()


async def test_what_goes_wrong_in_clearing_does_not_keep_the_engine_away(story: Story) -> None:
    async def fail() -> None:
        raise BROKEN

    story.watch.before_back(fail)
    story.engine.is_now(GONE, GONE, None)
    await story.watch.look()

    assert await story.watch.look() is EngineState.UP


async def test_a_loss_that_an_earlier_studio_told_of_is_not_told_again_but_its_end_is(story: Story) -> None:
    story.engine.is_now(GONE)
    await story.watch.look()
    await story.watch.close()
    later = story.another_start()
    await later.look()
    story.engine.is_now(None)
    await later.look()

    assert [event.kind for event in await story.told()] == ["engine_lost", "engine_back"]


async def test_a_connection_that_ends_is_heard_at_once(story: Story) -> None:
    with story.hub.subscribe() as happening:
        story.watch.listen()
        await story.watch.look()
        story.engine.is_now(GONE)
        story.engine.let_go()
        heard = await anext(happening)

    assert isinstance(heard, Recorded)
    assert isinstance(heard.event, EngineLost)


async def test_a_failure_while_the_engine_is_away_is_the_engines(story: Story) -> None:
    await story.watch.look()
    story.engine.is_now(GONE)

    gone = await story.watch.behind(BROKEN, 0)

    assert gone is not None
    assert gone.sentence == GONE.sentence


async def test_a_failure_during_a_quick_restart_is_the_engines_too(story: Story) -> None:
    story.watch.listen()
    await story.watch.look()
    before = story.watch.losses
    story.engine.let_go()

    gone = await story.watch.behind(BROKEN, before)

    assert gone is not None
    assert (gone.sentence, gone.back) == (RESTARTED, True)


@pytest.mark.parametrize("error", [BROKEN, GitError("Git failed.")])
async def test_a_failure_while_the_engine_is_well_is_not_the_engines(story: Story, error: StudioError) -> None:
    assert await story.watch.behind(error, story.watch.losses) is None


async def test_what_a_provider_did_is_not_the_engines_even_while_that_is_away(story: Story) -> None:
    story.engine.is_now(GONE)

    assert await story.watch.behind(ProviderError(ProviderFault.AUTH, "A wrong key."), 0) is None


async def test_one_that_refuses_is_away_with_what_to_do(story: Story) -> None:
    story.engine.is_now(REFUSED)

    assert (await story.watch.look()).away
    assert story.watch.view.action == REFUSED.action


async def test_what_is_up_is_told_with_its_walls_and_what_is_known_against_it(story: Story) -> None:
    view = await story.watch.known()

    assert view.engine.startswith("Docker 28.1: rootless, ")
    assert view.holes == ("runc 1.1.11 has a hole.",)
