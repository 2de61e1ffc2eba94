"""The parkings door: a parked run goes on now, because a person says so."""

from __future__ import annotations

from dataclasses import dataclass

from studio.agents.journal import Journal
from studio.agents.parking import Parking
from studio.app.chats import Sent
from studio.app.choices import Choices
from studio.app.opened import require_open
from studio.domain.errors import UserError
from studio.domain.events import TurnEnded
from studio.domain.ids import RunId, TurnId
from studio.domain.models import ModelRef
from studio.domain.runs import Run, RunState
from studio.router.router import Router
from studio.store import event_log, runs
from studio.store.database import Database
from studio.workflow.acts import Acts, act
from studio.workflow.turns import Turns


@dataclass(frozen=True, slots=True)
class ParkedRun:
    """A run that is parked, and why; until when, the run says."""

    run: Run
    reason: str


class Parkings:
    """Runs that go on by themselves, and can be let go on before."""

    def __init__(
        self,
        acts: Acts,
        database: Database,
        journal: Journal,
        parking: Parking,
        turns: Turns,
        choices: Choices,
        router: Router,
    ) -> None:
        self.acts = acts
        self._database = database
        self._journal = journal
        self._parking = parking
        self._turns = turns
        self._choices = choices
        self._router = router

    async def goes_on(self) -> bool:
        """Whether some process does the work, so that runs which are parked or were left go on. Raises StoreError."""
        return await self.acts.has_engine()

    async def parked(self) -> tuple[ParkedRun, ...]:
        """What is parked, the run that goes on first before all others; nothing of archived projects."""
        return tuple([ParkedRun(run, await self._reason(run.id)) for run in await self._parking.parked()])

    async def resume(self, run: str, model: str | None = None) -> Sent:
        """Lets a parked run go on at once where it was left, from now on with `model` if one is named.

        Providers that are left alone are tried all the same. Raises UserError when the run is not parked, the model
        cannot be used, or the project is archived.
        """
        if model is not None:
            self._choices.require_usable(ModelRef.parse(model))
        found = await self._run(run)
        _require_parked(found)
        async with self._database.reading() as connection:
            last = await event_log.last_seq(connection)
        # Whoever asks names the turn: asked again because an engine died, the act is known to be the same.
        return await self._resume(Sent(found.id, TurnId.new(), last), model)

    @act
    async def _resume(self, asked: Sent, model: str | None) -> Sent:
        """Begins the turn that was asked for, once however often it is asked for."""
        if await self._journal.has_begun(asked.turn, asked.since):
            return asked
        run = await self._resumable(asked.run)
        chosen = ModelRef.parse(model) if model is not None else None
        if chosen is not None:
            self._choices.require_usable(chosen)
        await self._turns.ready()
        self._router.wake()
        working = await self._parking.go_on(run, asked.turn, chosen)
        if working is None:
            await self._resumable(run.id)
            raise UserError(f"Run {run.id} has gone on meanwhile.", f"Look at it again: studio runs log {run.id}")
        await self._turns.start(working)
        return asked

    async def _resumable(self, name: str) -> Run:
        run = await self._run(name)
        _require_parked(run)
        async with self._database.reading() as connection:
            await require_open(connection, run.project)
        return run

    async def _reason(self, run: RunId) -> str:
        async with self._database.reading() as connection:
            ends = await event_log.since(connection, 0, run=run, kinds=(TurnEnded.kind,))
        last = ends[-1].event if ends else None
        return last.reason if isinstance(last, TurnEnded) else ""

    async def _run(self, name: str) -> Run:
        async with self._database.reading() as connection:
            return await runs.by_prefix(connection, RunId(name))


def _require_parked(run: Run) -> None:
    if run.state is not RunState.PARKED:
        raise UserError(f"Run {run.id} is not parked.", f"Say what is to be done: studio run MESSAGE --run {run.id}")
