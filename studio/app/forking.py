"""The forks door: go on from a turn of a run in another one, which leaves the first as it is."""

from __future__ import annotations

from studio.agents.forking import fork_of, start_fork
from studio.agents.journal import Journal
from studio.app.choices import Choices
from studio.app.opened import require_open
from studio.contracts.clock import Clock
from studio.domain.errors import NotFound
from studio.domain.ids import RunId
from studio.domain.models import ModelRef
from studio.domain.points import Point, point_of
from studio.domain.runs import Run
from studio.events.recorder import Recorder
from studio.events.whole import whole_log
from studio.store import runs
from studio.store.database import Database
from studio.workflow.acts import Acts, act


class Forks:
    """New runs that begin with the chat and the files of another."""

    def __init__(
        self, acts: Acts, database: Database, recorder: Recorder, journal: Journal, choices: Choices, clock: Clock
    ) -> None:
        self.acts = acts
        self._database = database
        self._recorder = recorder
        self._journal = journal
        self._choices = choices
        self._clock = clock

    async def fork(self, run: RunId, turn: str | None = None, *, before: bool = False, model: str | None = None) -> Run:
        """Makes a run that goes on from after a turn, or before it; `turn` is its number or id, by default the newest.

        The source may have been discarded: its snapshots are there still. Raises NotFound for a turn that it does not
        have, UserError for a model that cannot be used, an archived project, or a turn that goes on.
        """
        async with self._database.reading() as connection:
            source = await runs.by_prefix(connection, run)
            log = await whole_log(connection, source.id)
        point = point_of(log, turn, before=before)
        # Whoever asks names the run: asked again because an engine died, the act is known to be the same.
        return await self._fork(source.id, RunId.new(), point, model)

    @act
    async def _fork(self, run: RunId, new: RunId, point: Point, model: str | None) -> Run:
        """Forks, once however often it is asked for."""
        async with self._database.reading() as connection:
            source = await runs.get(connection, run)
            log = await whole_log(connection, run)
            try:
                return await runs.get(connection, new)
            except NotFound:
                await require_open(connection, source.project)
        chosen = ModelRef.parse(model) if model else None
        if chosen is not None:
            await self._choices.require(chosen)
        made = fork_of(source, new, point, chosen, self._clock.now())
        async with self._recorder.unit(made.project, made.id) as unit:
            await start_fork(unit, self._journal, source, log, made, point)
        return made
