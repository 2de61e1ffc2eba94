"""Queueing: the one writer of what becomes of a run's queue; the queue itself is read from the log."""

from __future__ import annotations

from dataclasses import replace

from studio.agents.journal import Journal
from studio.checkpoints.checkpoints import Checkpoints
from studio.domain.errors import UserError
from studio.domain.events import CancelRequested, MessageQueued, MessageUnqueued, QueuedMessageChanged
from studio.domain.ids import RunId, TurnId
from studio.domain.models import ModelRef
from studio.domain.queue import KINDS, Hold, Queue, QueuedMessage, of_events
from studio.domain.runs import LATER, Run, RunState
from studio.domain.tools import ApprovalMode
from studio.events.recorder import Recorder
from studio.store import event_log, projects, runs
from studio.store.connection import Connection
from studio.store.database import Database

_BETWEEN_TURNS = (RunState.IDLE, RunState.MERGED)


class Queueing:
    """Writes the queues of runs; every method that writes returns after the commit."""

    def __init__(self, database: Database, recorder: Recorder, journal: Journal, checkpoints: Checkpoints) -> None:
        self._database = database
        self._recorder = recorder
        self._journal = journal
        self._checkpoints = checkpoints

    async def queue(self, run: RunId) -> Queue:
        """The run's queue as it stands."""
        async with self._database.reading() as connection:
            return await _queue(connection, run)

    async def runs_with_queue(self) -> tuple[RunId, ...]:
        """Every run that anything was ever queued for."""
        async with self._database.reading() as connection:
            queued = await event_log.since(connection, 0, kinds=(MessageQueued.kind,))
        return tuple(dict.fromkeys(item.run for item in queued if item.run is not None))

    async def add(self, run: Run, item: QueuedMessage) -> None:
        """Queues a message, once however often it is asked for. Raises UserError for a discarded run."""
        async with self._recorder.unit(run.project, run.id) as unit:
            if not (await _queue(unit.connection, run.id)).knows(item.turn):
                _require_alive(await runs.get(unit.connection, run.id))
                unit.record(_queued(item))

    async def interrupt(self, run: Run, item: QueuedMessage) -> Run:
        """Puts a message before all others and asks the turn under way to stop for it, all or nothing.

        Once however often it is asked for; returns the run as it stands. Raises UserError for a discarded run.
        """
        async with self._recorder.unit(run.project, run.id) as unit:
            current = await runs.get(unit.connection, run.id)
            if not (await _queue(unit.connection, run.id)).knows(item.turn):
                _require_alive(current)
                unit.record(replace(_queued(item), first=True))
                if current.state is RunState.WORKING:
                    unit.record(CancelRequested(current.turn or "", item.turn))
        return current

    async def change(self, run: Run, turn: TurnId, text: str, references: dict[str, str]) -> None:
        """Changes a message that waits, and what it refers to. Raises UserError when it has left the queue."""
        async with self._recorder.unit(run.project, run.id) as unit:
            if (await _queue(unit.connection, run.id)).get(turn).text != text:
                unit.record(QueuedMessageChanged(turn, text, references))

    async def take_back(self, run: Run, turn: TurnId) -> None:
        """Takes a message out of the queue; done already, it stays so. Raises UserError when it was sent."""
        async with self._recorder.unit(run.project, run.id) as unit:
            queue = await _queue(unit.connection, run.id)
            if turn not in queue.taken_back:
                unit.record(MessageUnqueued(queue.get(turn).turn, sent=False))

    async def begin_next(self, run_id: RunId, *, by_hand: TurnId | None = None) -> Run | None:
        """Begins the turn of the message that is next, all or nothing; None when none goes now.

        `by_hand` is the message that a person wants sent although the queue is held, and no other; what the agent
        asks is void then. Nothing is sent while the agent works, to a discarded run, or in an archived project.
        """
        async with self._database.reading() as connection:
            run = await runs.get(connection, run_id)
            if not (await _queue(connection, run_id)).waiting:
                return None
        async with self._recorder.unit(run.project, run_id) as unit:
            run = await runs.get(unit.connection, run_id)
            queue = await _queue(unit.connection, run_id)
            waits = run.state in LATER and by_hand is not None
            if not queue.waiting or not (waits or run.state in _BETWEEN_TURNS):
                return None
            if queue.held is not Hold.NONE and by_hand is None:
                return None
            if by_hand is not None and queue.waiting[0].turn != by_hand:
                return None
            if (await projects.get(unit.connection, run.project)).archived:
                return None
            item = queue.waiting[0]
            await self._checkpoints.void(unit, run_id)
            unit.record(MessageUnqueued(item.turn, sent=True))
            return await self._journal.start_turn(
                unit, _set_to(run, item), item.text, item.turn, item.images, item.references
            )


async def _queue(connection: Connection, run: RunId) -> Queue:
    recorded = await event_log.since(connection, 0, run=run, kinds=KINDS)
    return of_events(item.event for item in recorded)


def _queued(item: QueuedMessage) -> MessageQueued:
    return MessageQueued(
        item.turn, item.text, item.model, item.approval, images=item.images, references=item.references
    )


def _set_to(run: Run, item: QueuedMessage) -> Run:
    model = ModelRef.parse(item.model) if item.model else run.model
    return replace(run, model=model, approval=ApprovalMode(item.approval) if item.approval else run.approval)


def _require_alive(run: Run) -> None:
    if run.state is RunState.DISCARDED:
        raise UserError(f"Run {run.id} was discarded.", "Start a new run with your message.")
