"""A run whose app fails is set to work once things have settled, one turn for all that failed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from studio.domain.errors import StoreError
from studio.domain.events import Event, PreviewFailed, Recorded, TurnEnded
from studio.domain.ids import RunId, TurnId
from studio.domain.runs import Outcome, Run, RunState
from studio.events.hub import Hub
from studio.workflow.rousing import AGAIN_SECONDS, SETTLE_SECONDS, Rousing
from tests.fixtures.memory import a_project, a_run

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
FAILED = PreviewFailed("error", "TypeError")
ENDED = TurnEnded("t1", Outcome.REPLIED, 1, "studio/r1")


class Story:
    """One run, and time that passes when it is asked to."""

    def __init__(self) -> None:
        self.run = a_run(a_project())
        self.hub = Hub()
        self.passed = 0.0
        self.due_in: list[float | None] = [0.0]
        self.begun: list[float] = []
        self.broken: list[StoreError] = []
        self.unstarted: list[StoreError] = []
        self._on = asyncio.Event()
        self._seq = 0

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        rousing = Rousing(self, self, self.hub, self)
        rousing.listen()
        await self._settled()
        try:
            yield
        finally:
            await rousing.close()

    async def happens(self, event: Event) -> None:
        self._seq += 1
        self.hub.publish(Recorded(self._seq, self.now(), self.run.project, self.run.id, event))
        await self._settled()

    async def let_pass(self, seconds: float) -> None:
        self.passed += seconds
        on, self._on = self._on, asyncio.Event()
        on.set()
        await self._settled()

    async def _settled(self) -> None:
        for _ in range(20):
            await asyncio.sleep(0)

    def now(self) -> datetime:
        return NOON + timedelta(seconds=self.passed)

    def monotonic(self) -> float:
        return self.passed

    async def sleep(self, seconds: float) -> None:
        until = self.passed + seconds
        while self.passed < until:
            await self._on.wait()

    async def due(self, run_id: RunId) -> float | None:
        return self.due_in.pop(0) if len(self.due_in) > 1 else self.due_in[0]

    async def rouse(self, run_id: RunId, turn: TurnId) -> Run | None:
        return replace(self.run, state=RunState.WORKING, turn=turn)

    async def ready(self) -> None:
        if self.broken:
            raise self.broken.pop()

    async def start(self, run: Run) -> None:
        if self.unstarted:
            raise self.unstarted.pop()
        self.begun.append(self.passed)


async def test_what_fails_at_once_sets_a_run_to_work_once_after_it_has_settled() -> None:
    story = Story()
    async with story.watched():
        for _ in range(3):
            await story.happens(FAILED)
        assert story.begun == []
        await story.let_pass(SETTLE_SECONDS)

    assert story.begun == [SETTLE_SECONDS]


async def test_a_run_that_has_to_rest_first_is_set_to_work_after_it() -> None:
    story = Story()
    story.due_in = [40.0, 0.0]
    async with story.watched():
        await story.happens(FAILED)
        await story.let_pass(SETTLE_SECONDS)
        assert story.begun == []
        await story.let_pass(40.0)

    assert story.begun == [SETTLE_SECONDS + 40.0]


async def test_what_failed_while_the_agent_worked_is_met_when_its_turn_has_ended() -> None:
    story = Story()
    story.due_in = [None]
    async with story.watched():
        await story.happens(FAILED)
        await story.let_pass(SETTLE_SECONDS)
        story.due_in = [0.0]
        await story.happens(ENDED)
        await story.let_pass(SETTLE_SECONDS)

    assert len(story.begun) == 1


async def test_a_data_folder_that_takes_nothing_stops_no_later_rousing() -> None:
    story = Story()
    story.broken = [StoreError("The disk is full.")]
    async with story.watched():
        await story.happens(FAILED)
        await story.let_pass(SETTLE_SECONDS)
        assert story.begun == []
        await story.happens(FAILED)
        await story.let_pass(SETTLE_SECONDS)

    assert len(story.begun) == 1


async def test_a_turn_that_is_saved_and_cannot_be_begun_is_begun_later() -> None:
    story = Story()
    story.unstarted = [StoreError("The disk is full.")]
    async with story.watched():
        await story.happens(FAILED)
        await story.let_pass(SETTLE_SECONDS)
        assert story.begun == []
        await story.let_pass(AGAIN_SECONDS)

    assert story.begun == [SETTLE_SECONDS + AGAIN_SECONDS]
