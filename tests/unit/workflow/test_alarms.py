"""What is parked goes on when its time has come, one run after the other, whatever the clock did meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from studio.domain.events import BudgetSet, Recorded
from studio.domain.ids import ProjectId, RunId, TurnId
from studio.domain.models import ModelRef
from studio.domain.runs import Outcome, Run, RunState
from studio.events.hub import Hub
from studio.workflow.alarms import APART_SECONDS, LOOK_SECONDS, Alarms

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
        self.hub = Hub()

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

    async def parked(self) -> tuple[Run, ...]:
        return tuple(run for run in self.runs.values() if run.state is RunState.PARKED)

    async def go_on(self, parked: Run, turn: TurnId) -> Run | None:
        self.runs[parked.id] = replace(parked, state=RunState.WORKING, turn=turn)
        return self.runs[parked.id]

    async def ready(self) -> None:
        return

    async def start(self, run: Run) -> None:
        self.begun.append((run.id, self.clock.passed))


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


async def test_a_budget_that_is_set_lets_all_that_is_parked_try_at_once() -> None:
    story = Story()
    story.park("r1", 20_000)
    story.park("r2", 30_000)
    async with story.watched():
        await story.clock.go_on(5)
        story.hub.publish(Recorded(1, NOON, None, None, BudgetSet("company", "day", 10, 80)))
        await story.clock.go_on(10)
    assert [name for name, _ in story.begun] == ["r1", "r2"]


async def test_nothing_is_looked_at_while_nothing_is_parked() -> None:
    story = Story()
    async with story.watched():
        await story.clock.go_on(3_600)
    assert story.clock.naps == []
