"""Parking: a turn that cannot go on now, for want of a model or of containers, ends until it can.

The run goes on by itself then.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from studio.agents.history import History
from studio.agents.journal import Journal
from studio.agents.loop import End, ParkedUntil
from studio.agents.parkings import LONGEST_WAIT
from studio.contracts.clock import Clock
from studio.domain.clock import to_text
from studio.domain.errors import EngineGone, NoSandbox, NotFound, NothingLeft, Refused, StudioError
from studio.domain.ids import TurnId
from studio.domain.models import ModelRef
from studio.domain.parked import CONTAINER_ENGINE
from studio.domain.runs import Outcome, Run, RunState
from studio.events.recorder import Recorder
from studio.store import event_log, projects, runs
from studio.store.database import Database

FIRST_WAIT = 60.0
"""Seconds until the first new try where nobody knows when one helps; each further one in a row waits twice as long."""

ENGINE_WAIT = 10.0
"""As FIRST_WAIT, for a turn that met no container engine: a try costs nothing, and that it is back may go unheard."""

GIVE_UP = timedelta(days=1)
"""What has been tried in vain for so long fails, where nobody knows when it would help (`Parkings.tried`)."""

LEAST_WAIT = 1.0
GOES_ON = (
    "{action}\nIt goes on by itself then, in a window or studio serve. "
    "To try at once, or with another model: studio runs resume {run}"
)
ENGINE_GOES_ON = (
    "{action}\nIt goes on by itself as soon as there is one, in a window or studio serve. "
    "To try at once: studio runs resume {run}"
)


class KnowsEngine(Protocol):
    """Knows whether the container engine was there (`sandbox/engine_watch.EngineWatch`)."""

    @property
    def losses(self) -> int:
        """How often it went away so far."""
        ...

    async def missing(self) -> NoSandbox | None:
        """That nothing here can run a sandbox until somebody installs something; None where that is worth a wait."""
        ...

    async def behind(self, error: StudioError, losses: int) -> EngineGone | None:
        """That the engine is, or was since it had been lost `losses` times, what is behind an error; None if not."""
        ...


class Parker:
    """Decides whether a turn is parked, and until when."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def end(self, run: Run, history: History, left: NothingLeft) -> End:
        """How a turn ends for which no model is left: parked, or failed where that was of no use for long."""
        now = self._clock.now()
        wait = left.passes_in
        if left.unsure or wait is None:
            guess = min(FIRST_WAIT * 2.0 ** min(history.parkings.times, 10), LONGEST_WAIT)
            wait = guess if wait is None else min(wait, guess)
            if left.passes_in is None and history.parkings.tried(now) >= GIVE_UP:
                return failed(left)
        until = now + timedelta(seconds=max(wait, LEAST_WAIT))
        return End(
            Outcome.PARKED,
            left.sentence,
            GOES_ON.format(action=left.action, run=run.id).lstrip(),
            parked=ParkedUntil(until, left.fault),
        )

    def without_engine(self, run: Run, history: History, gone: EngineGone) -> End:
        """How a turn ends that met no container engine: parked, until there is one again.

        That is mostly heard at once (`EngineBack`); the moment is for when it is not. Nothing is paid for a try, so
        it is never given up.
        """
        times = history.parkings.times
        at_once = gone.back and not times
        wait = LEAST_WAIT if at_once else min(ENGINE_WAIT * 2.0 ** min(times, 10), LONGEST_WAIT)
        until = self._clock.now() + timedelta(seconds=wait)
        action = ENGINE_GOES_ON.format(action=gone.action, run=run.id).lstrip()
        return End(Outcome.PARKED, gone.sentence, action, parked=ParkedUntil(until, CONTAINER_ENGINE))


def failed(left: NothingLeft) -> End:
    """How a turn ends that does not wait."""
    cause = left.cause
    outcome = Outcome.LIMIT if isinstance(cause, Refused) else Outcome.FAILED
    return End(outcome, cause.sentence, cause.action)


def parked_words(end: End) -> dict[str, str]:
    """What the event of a turn's end tells of its parking."""
    if end.parked is None:
        return {}
    return {"parked_until": to_text(end.parked.moment), "fault": str(end.parked.fault)}


class Parking:
    """The one writer of how a parked run goes on."""

    def __init__(self, database: Database, recorder: Recorder, journal: Journal) -> None:
        self._database = database
        self._recorder = recorder
        self._journal = journal

    async def parked(self) -> tuple[Run, ...]:
        """The parked runs, the one that goes on first before all others; none of archived projects."""
        async with self._database.reading() as connection:
            found = await runs.in_state(connection, RunState.PARKED)
            open_ones = {project.id for project in await projects.all_projects(connection) if not project.archived}
        return tuple(sorted((run for run in found if run.project in open_ones), key=_order))

    async def has_news(self, parked: Run, kinds: Collection[str]) -> bool:
        """Whether anything of these kinds happened since the run was parked."""
        async with self._database.reading() as connection:
            return await event_log.has_since_end(connection, parked.id, kinds)

    async def go_on(self, parked: Run, turn: TurnId, model: ModelRef | None = None) -> Run | None:
        """Begins the turn that goes on where `parked` was left.

        None when the run is not parked any more as it was, is gone, or belongs to an archived project.
        """
        async with self._recorder.unit(parked.project, parked.id) as unit:
            try:
                run = await runs.get(unit.connection, parked.id)
                project = await projects.get(unit.connection, run.project)
            except NotFound:
                return None
            if project.archived or run.state is not RunState.PARKED or run.turn != parked.turn:
                return None
            return await self._journal.start_turn(unit, replace(run, model=model or run.model), None, turn)


def _order(run: Run) -> tuple[datetime, datetime]:
    return run.parked_until or run.created, run.created
