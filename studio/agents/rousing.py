"""Rousing: a run whose app fails goes on by itself, where its role says so; in bounds that a page cannot move."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from studio.agents.failures import told_of, untold
from studio.agents.journal import Journal
from studio.contracts.clock import Clock
from studio.domain.errors import NotFound
from studio.domain.events import FailuresTold, MessagePosted, PreviewFailed, Recorded, RunRoused
from studio.domain.ids import ProjectId, RunId, TurnId
from studio.domain.messages import Speaker
from studio.domain.queue import KINDS as QUEUE_KINDS
from studio.domain.queue import of_events
from studio.domain.roles import RoleList
from studio.domain.runs import Outcome, Run, RunState
from studio.events.recorder import Recorder
from studio.store import event_log, projects, runs
from studio.store.connection import Connection
from studio.store.database import Database

MOST = 3
"""So often a run is roused between two messages of a person: who cannot mend a thing by then, will not by itself."""
REST_SECONDS = 60.0
"""A run that was roused is left alone for so long."""

_KINDS = (PreviewFailed.kind, FailuresTold.kind, RunRoused.kind, MessagePosted.kind)


class KnowsRoles(Protocol):
    """Knows the roles of a project (`agents/roles.Roles`)."""

    async def at(self, project: ProjectId, commit: str) -> RoleList:
        """The roles that count for a project at this commit."""
        ...


class Rouser:
    """The one writer of a run's being roused."""

    def __init__(
        self, database: Database, recorder: Recorder, journal: Journal, roles: KnowsRoles, clock: Clock
    ) -> None:
        self._database = database
        self._recorder = recorder
        self._journal = journal
        self._roles = roles
        self._clock = clock

    async def due(self, run_id: RunId) -> float | None:
        """In how many seconds the run may be roused; None where nothing gives a reason to, or nobody wants it.

        Raises StudioError where that cannot be told.
        """
        async with self._database.reading() as connection:
            try:
                run = await runs.get(connection, run_id)
            except NotFound:
                return None
            if await _reasons(connection, run) is None:
                return None
            rested = await _rested(connection, run, self._clock.now())
        role = (await self._roles.at(run.project, run.base_commit)).get(run.role)
        return rested if role.wakes_on_errors else None

    async def rouse(self, run_id: RunId, turn: TurnId) -> Run | None:
        """Saves what failed and the start of the turn that is to mend it, all or nothing.

        None when the run is none any more that may be roused.
        """
        async with self._database.reading() as connection:
            run = await runs.get(connection, run_id)
        async with self._recorder.unit(run.project, run_id) as unit:
            run = await runs.get(unit.connection, run_id)
            failed = await _reasons(unit.connection, run)
            if failed is None:
                return None
            unit.record(RunRoused(turn, len(failed), told_of(failed)))
            return await self._journal.start_turn(unit, run, None, turn)


async def _reasons(connection: Connection, run: Run) -> list[PreviewFailed] | None:
    """What failed and the agent does not know of; None where it is not to be roused by anything."""
    # One that was stopped, failed, came to a limit or handed its work over is not set to work again by a page.
    if run.state is not RunState.IDLE or run.outcome is not Outcome.REPLIED:
        return None
    if (await projects.get(connection, run.project)).archived:
        return None
    queued = await event_log.since(connection, 0, run=run.id, kinds=QUEUE_KINDS)
    if of_events(recorded.event for recorded in queued).waiting:
        return None
    log = await event_log.since(connection, 0, run=run.id, kinds=_KINDS)
    if sum(isinstance(recorded.event, RunRoused) for recorded in _since_message(log)) >= MOST:
        return None
    return untold(recorded.event for recorded in log) or None


async def _rested(connection: Connection, run: Run, now: datetime) -> float:
    """Seconds until the run has been left alone for long enough; never more than that, whatever the clock does."""
    roused = await event_log.since(connection, 0, run=run.id, kinds=(RunRoused.kind,))
    if not roused:
        return 0.0
    passed = (now - roused[-1].time).total_seconds()
    return max(0.0, min(REST_SECONDS, REST_SECONDS - passed))


def _since_message(log: Sequence[Recorded]) -> Sequence[Recorded]:
    said = (at for at, recorded in enumerate(log) if _is_of_person(recorded))
    return log[max(said, default=-1) + 1 :]


def _is_of_person(recorded: Recorded) -> bool:
    event = recorded.event
    return isinstance(event, MessagePosted) and event.speaker is Speaker.HUMAN
