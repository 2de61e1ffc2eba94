"""Turns as durable work: start, stop, take up again."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from studio.base.aio import Tasks, uncancel
from studio.base.log import logger
from studio.contracts.clock import Clock
from studio.domain.errors import StoreError
from studio.domain.ids import RunId, TurnId
from studio.domain.runs import Run, RunState
from studio.store import runs
from studio.store.database import Database
from studio.workflow.waking import WakingEngine

log = logger("workflow")

STOP_SECONDS = 20.0
AGAIN_SECONDS = 5.0
"""How long to wait before what is queued is tried again while the data folder takes nothing."""


class RunsTurns(Protocol):
    """Runs one turn to its end (`agents/turns.TurnRunner`)."""

    async def run(self, run_id: RunId, turn: TurnId, *, cancelled_by_person: Callable[[], bool]) -> str:
        """Runs the turn and returns its outcome's name; run again after a cancellation, it goes on from the log."""
        ...


class KeepsQueues(Protocol):
    """Knows what people queued (`agents/queue.Queueing`)."""

    async def runs_with_queue(self) -> tuple[RunId, ...]:
        """Every run that anything was ever queued for."""
        ...

    async def begin_next(self, run_id: RunId, *, by_hand: TurnId | None = None) -> Run | None:
        """Saves the start of the next queued message's turn; None when none goes now."""
        ...


@dataclass(slots=True)
class _Going:
    """A turn under way; `stopped` once a person wants it to end."""

    turn: TurnId
    task: asyncio.Task[str]
    stopped: bool = False


class Turns:
    """All turns under way in this process, one at a time for each run; each is awaited or cancelled here."""

    def __init__(self, database: Database, runner: RunsTurns, queues: KeepsQueues, clock: Clock) -> None:
        self._database = database
        self._runner = runner
        self._queues = queues
        self._clock = clock
        self._tasks = Tasks()
        self._going: dict[RunId, _Going] = {}
        self._engine: WakingEngine | None = None
        self._closed = False

    def use(self, engine: WakingEngine) -> None:
        """Names the engine that turns are begun on; called once, before anything else."""
        self._engine = engine

    async def ready(self) -> None:
        """Makes sure that turns can be begun, before anything is saved that needs one. Raises StoreError."""
        assert self._engine is not None
        await self._engine.wake()

    async def start(self, run: Run) -> None:
        """Begins the run's current turn; returns at once."""
        assert self._engine is not None
        assert run.turn is not None
        await self._engine.start_turn(run.id, run.turn)

    async def take_up(self) -> tuple[Run, ...]:
        """Begins again every turn that the log says is going on, and returns their runs; sends what is queued."""
        async with self._database.reading() as connection:
            left = await runs.in_state(connection, RunState.WORKING)
        for run in left:
            log.info("turn_taken_up", run=run.id, turn=run.turn)
            await self.start(run)
        # A process may have died between a turn's end and the next one's start.
        for waiting in await self._queues.runs_with_queue():
            await self.go_on(waiting)
        return left

    async def go_on(self, run: RunId, *, by_hand: TurnId | None = None) -> bool:
        """Begins the turn of the run's next queued message, if one goes now; returns whether it did.

        `by_hand` is the one that a person wants sent although the queue is held.
        """
        working = await self._queues.begin_next(run, by_hand=by_hand)
        if working is None:
            return False
        await self.start(working)
        return True

    async def execute(self, run: str, turn: str) -> str:
        """The body of a turn's durable workflow: runs the turn, or waits for it where it is under way already."""
        run_id, turn_id = RunId(run), TurnId(turn)
        while (going := self._going.get(run_id)) is not None and going.turn != turn_id:
            await asyncio.wait({going.task})
        if going is None:
            if self._closed:
                raise asyncio.CancelledError
            task = self._tasks.spawn(self._to_the_end(run_id, turn_id), f"turn {turn} of {run}")
            going = self._going[run_id] = _Going(turn_id, task)
            task.add_done_callback(lambda _: self._going.pop(run_id, None))
        return await asyncio.shield(going.task)

    async def cancel(self, run: Run) -> bool:
        """Stops the run's turn, whose stop the log knows of by now; returns whether it has ended within 20 s.

        A turn that has not begun its work yet ends before it does.
        """
        assert run.turn is not None
        going = self._going.get(run.id)
        if going is not None and going.turn == run.turn and not going.stopped:
            going.stopped = True
            going.task.cancel()
        ending = self._tasks.spawn(self.execute(run.id, run.turn), f"stop of {run.turn}")
        done, _ = await asyncio.wait({ending}, timeout=STOP_SECONDS)
        return ending in done

    async def close(self) -> None:
        """Interrupts every turn without ending it, so that the next engine takes it up."""
        self._closed = True
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(STOP_SECONDS):
                await self._tasks.close()

    async def _to_the_end(self, run: RunId, turn: TurnId) -> str:
        while True:
            try:
                outcome = await self._runner.run(run, turn, cancelled_by_person=lambda: self._is_stopped(run))
                self._look_in_queue(run)
                return outcome
            except asyncio.CancelledError:
                if self._closed or not self._is_stopped(run):
                    raise
                # The stop came where the turn could not answer it. Run again, it ends at once: the log says so.
                uncancel()

    def _look_in_queue(self, run: RunId) -> None:
        if not self._closed:
            # The library does not let a turn begin from within another one: this one begins from nowhere.
            self._tasks.spawn(self._send_queued(run), f"queue of {run}", contextvars.Context())

    async def _send_queued(self, run: RunId) -> None:
        while True:
            try:
                await self.go_on(run)
                return
            except StoreError as error:
                log.warning("queue_not_sent_yet", run=run, error=str(error))
                await self._clock.sleep(AGAIN_SECONDS)

    def _is_stopped(self, run: RunId) -> bool:
        going = self._going.get(run)
        return going is not None and going.stopped and not self._closed
