"""What is parked goes on when its time has come, one run after the other, whatever the clock did meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from studio.domain.errors import StoreError
from studio.domain.events import (
    BudgetRemoved,
    BudgetSet,
    EngineBack,
    Event,
    ProviderRemoved,
    ProviderSet,
    Recorded,
    RoutingTableChanged,
    SecretSaved,
)
from studio.domain.ids import ProjectId, RunId, TurnId
from studio.domain.models import ModelRef
from studio.domain.runs import Outcome, Run, RunState
from studio.events.hub import Hub
from studio.workflow.alarms import AGAIN_SECONDS, APART_SECONDS, LOOK_SECONDS, Alarms

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
ALL_DAY = timedelta(days=1)


class Clock:
    """A clock on which a test lets time pass; `set_by` is what somebody sets the time of day on or back by."""

    def __init__(self) -> None:
        self.passed = 0.0
        self.set_by = timedelta()
        self.naps: list[float] = []
        self._on = asyncio.Event()

    def now(self) -> datetime:
        return NOON + timedelta(seconds=self.passed) + self.set_by

    def monotonic(self) -> float:
        return self.passed

    async def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        until = self.passed + seconds
        while self.passed < until:
            await self._on.wait()

    async def go_on(self, seconds: float) -> None:
        """Lets time pass second by second, and everybody do what they do then."""
        for _ in range(round(seconds)):
            self.passed += 1
            on, self._on = self._on, asyncio.Event()
            on.set()
            for _ in range(20):
                await asyncio.sleep(0)


class Story:
    """Parked runs, and when each was begun again."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.runs: dict[RunId, Run] = {}
        self.begun: list[tuple[RunId, float]] = []
        self.turns: list[TurnId | None] = []
        self.hub = Hub()
        self.news: dict[RunId, set[str]] = {}
        self.refused: dict[str, list[Exception]] = {}
        """What goes wrong, each once: by what was asked for."""

    def park(self, name: str, seconds: float) -> RunId:
        until = self.clock.now() + timedelta(seconds=seconds)
        run = Run(
            *(
                RunId(name),
                ProjectId("p1"),
                "engineer",
                name,
                ModelRef("ollama", "qwen3"),
                "main",
                "b",
                "studio/x",
                "b",
            ),
            created=NOON,
            state=RunState.PARKED,
            turn=TurnId(f"t-{name}"),
            outcome=Outcome.PARKED,
            parked_until=until,
        )
        self.runs[run.id] = run
        return run.id

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        alarms = Alarms(self, self, self.hub, self.clock)
        alarms.listen()
        await asyncio.sleep(0)
        try:
            yield
        finally:
            await alarms.close()

    def refuse(self, what: str, *errors: Exception) -> None:
        self.refused[what] = list(errors)

    def _meet(self, what: str) -> None:
        if errors := self.refused.get(what):
            raise errors.pop(0)

    async def parked(self) -> tuple[Run, ...]:
        self._meet("look")
        return tuple(run for run in self.runs.values() if run.state is RunState.PARKED)

    async def has_news(self, parked: Run, kinds: Collection[str]) -> bool:
        self._meet("looking back")
        return bool(self.news.get(parked.id, set()) & set(kinds))

    async def go_on(self, parked: Run, turn: TurnId) -> Run | None:
        self._meet(f"going on of {parked.id}")
        self.runs[parked.id] = replace(parked, state=RunState.WORKING, turn=turn)
        return self.runs[parked.id]

    async def ready(self) -> None:
        self._meet("ready")

    async def start(self, run: Run) -> None:
        self._meet(f"start of {run.id}")
        self.begun.append((run.id, self.clock.passed))
        self.turns.append(run.turn)


async def test_a_run_goes_on_at_its_time_and_not_before() -> None:
    story = Story()
    run = story.park("r1", 100)
    async with story.watched():
        await story.clock.go_on(99)
        assert story.begun == []
        await story.clock.go_on(2)
    assert [name for name, _ in story.begun] == [run]


async def test_a_run_whose_time_came_while_no_studio_ran_goes_on_at_the_start() -> None:
    story = Story()
    run = story.park("r1", -3_600)
    async with story.watched():
        await story.clock.go_on(1)
    assert [name for name, _ in story.begun] == [run]


async def test_a_run_for_which_something_changed_while_no_studio_ran_tries_at_the_start() -> None:
    story = Story()
    run, _other = story.park("r1", 7_200), story.park("r2", 7_200)
    story.news[run] = {BudgetSet.kind}
    async with story.watched():
        await story.clock.go_on(10)
    assert [name for name, _ in story.begun] == [run]


async def test_ten_runs_of_one_time_go_on_one_after_the_other() -> None:
    story = Story()
    for number in range(10):
        story.park(f"r{number}", 60)
    async with story.watched():
        await story.clock.go_on(60 + 10 * (APART_SECONDS + 1))
    times = [time for _, time in story.begun]
    assert len(times) == 10
    assert all(later - earlier >= APART_SECONDS for earlier, later in pairwise(times))


async def test_a_machine_that_slept_goes_on_as_soon_as_it_wakes() -> None:
    story = Story()
    story.park("r1", 7_200)
    async with story.watched():
        await story.clock.go_on(10)
        story.clock.set_by = timedelta(hours=3)
        await story.clock.go_on(LOOK_SECONDS + 1)
    assert len(story.begun) == 1


async def test_a_clock_that_is_set_back_lets_nobody_wait_longer_than_they_would_have() -> None:
    story = Story()
    story.park("r1", 300)
    async with story.watched():
        await story.clock.go_on(10)
        story.clock.set_by = -ALL_DAY
        await story.clock.go_on(280)
        assert story.begun == []
        await story.clock.go_on(LOOK_SECONDS)
    assert len(story.begun) == 1


@pytest.mark.parametrize(
    "event",
    [
        BudgetSet("company", "day", 10, 80),
        BudgetRemoved("company", "day"),
        SecretSaved("provider:openai"),
        ProviderSet("lab"),
        ProviderRemoved("openai"),
        RoutingTableChanged("tiers.fast", "ollama/qwen3"),
        EngineBack(12.0),
    ],
    ids=lambda event: event.kind,
)
async def test_what_may_help_lets_all_that_is_parked_try_at_once(event: Event) -> None:
    story = Story()
    story.park("r1", 20_000)
    story.park("r2", 30_000)
    async with story.watched():
        await story.clock.go_on(5)
        story.hub.publish(Recorded(1, NOON, None, None, event))
        await story.clock.go_on(10)
    assert [name for name, _ in story.begun] == ["r1", "r2"]


@pytest.mark.parametrize("error", [StoreError("The disk is full.", "Free space."), KeyError("p1")])
@pytest.mark.parametrize("what", ["look", "ready", "going on of r1", "start of r1"])
async def test_whatever_goes_wrong_once_a_run_is_begun_a_little_later(what: str, error: Exception) -> None:
    story = Story()
    story.park("r1", 60)
    story.refuse(what, error)
    async with story.watched():
        await story.clock.go_on(60 + 2 * AGAIN_SECONDS)
    assert [name for name, _ in story.begun] == ["r1"]


@pytest.mark.parametrize("what", ["going on of r1", "start of r1"])
async def test_a_run_that_cannot_be_begun_holds_up_no_other(what: str) -> None:
    story = Story()
    story.park("r1", 60)
    story.park("r2", 61)
    story.refuse(what, *[KeyError("p1")] * 1_000)
    async with story.watched():
        await story.clock.go_on(60 + 2 * APART_SECONDS)
    assert [name for name, _ in story.begun] == ["r2"]


@pytest.mark.parametrize("what", ["going on of r1", "start of r1"])
async def test_what_fails_for_an_hour_is_tried_less_than_twenty_times(what: str) -> None:
    story = Story()
    story.park("r1", 0)
    errors = [KeyError("p1")] * 1_000
    story.refuse(what, *errors)
    async with story.watched():
        await story.clock.go_on(3_600)
    assert 10 < len(errors) - len(story.refused[what]) < 20


async def test_a_start_that_failed_is_tried_again_with_the_turn_that_was_saved() -> None:
    story = Story()
    run = story.park("r1", 60)
    story.refuse("start of r1", *[StoreError("The disk is full.", "Free space.")] * 3)
    async with story.watched():
        await story.clock.go_on(62)
        saved = story.runs[run].turn
        await story.clock.go_on(60)
    assert story.turns == [saved]


async def test_nothing_is_looked_at_while_nothing_is_parked() -> None:
    story = Story()
    async with story.watched():
        await story.clock.go_on(3_600)
    assert story.clock.naps == []
