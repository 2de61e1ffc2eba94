"""Turns as durable work: start, stop, take up again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from studio.base.log import logger
from studio.domain.ids import RunId, TurnId
from studio.domain.runs import Run, RunState
from studio.store import runs
from studio.store.database import Database
from studio.workflow.waking import WakingEngine

log = logger("workflow")

STOP_SECONDS = 20.0


class RunsTurns(Protocol):
    """Runs one turn to its end (`agents/turns.TurnRunner`)."""

    async def run(self, run_id: RunId, turn: TurnId, *, cancelled_by_person: Callable[[], bool]) -> str:
        """Runs the turn and returns its outcome's name."""
        ...


class Turns:
    """All turns under way in this process; each has one task here that is awaited or cancelled."""

    def __init__(self, database: Database, runner: RunsTurns) -> None:
        self._database = database
        self._runner = runner
        self._tasks: dict[RunId, asyncio.Task[str]] = {}
        self._cancelled: set[RunId] = set()
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
        """Begins again every turn that the log says is going on; returns their runs."""
        async with self._database.reading() as connection:
            left = await runs.in_state(connection, RunState.WORKING)
        for run in left:
            log.info("turn_taken_up", run=run.id, turn=run.turn)
            await self.start(run)
        return left

    async def execute(self, run: str, turn: str) -> str:
        """The body of a turn's durable workflow."""
        if self._closed:
            raise asyncio.CancelledError
        run_id = RunId(run)
        if run_id in self._tasks:
            return await asyncio.shield(self._tasks[run_id])
        task = asyncio.create_task(
            self._runner.run(run_id, TurnId(turn), cancelled_by_person=lambda: run_id in self._cancelled),
            name=f"turn {turn} of {run}",
        )
        self._tasks[run_id] = task
        try:
            return await task
        finally:
            self._tasks.pop(run_id, None)
            self._cancelled.discard(run_id)

    async def cancel(self, run: RunId) -> bool:
        """Stops the run's turn and waits until it has ended; False when none is under way here."""
        task = self._tasks.get(run)
        if task is None:
            return False
        self._cancelled.add(run)
        task.cancel()
        await asyncio.wait({task}, timeout=STOP_SECONDS)
        return True

    async def close(self) -> None:
        """Interrupts every turn without ending it, so that the next engine takes it up."""
        self._closed = True
        tasks = set(self._tasks.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=STOP_SECONDS)
