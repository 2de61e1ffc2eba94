"""The retrying door: a person's newest message once more, with another model."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import replace

from studio.agents.journal import Journal
from studio.agents.restoring import Restorer, require_restorable
from studio.app.chats import Sent
from studio.app.choices import Choices
from studio.app.opened import require_open
from studio.domain.errors import UserError
from studio.domain.events import Recorded
from studio.domain.ids import RestoreId, RunId, TurnId
from studio.domain.models import ModelRef
from studio.domain.points import point_of
from studio.domain.restores import What
from studio.domain.retries import tried
from studio.domain.runs import Run
from studio.events.recorder import Unit
from studio.events.whole import whole_log
from studio.store import event_log, runs
from studio.store.database import Database
from studio.workflow.acts import Acts, act
from studio.workflow.turns import Turns


class Retries:
    """What the failed try left in the log stays there; the model of the new one does not see it."""

    def __init__(
        self, acts: Acts, database: Database, journal: Journal, restorer: Restorer, turns: Turns, choices: Choices
    ) -> None:
        self.acts = acts
        self._database = database
        self._journal = journal
        self._restorer = restorer
        self._turns = turns
        self._choices = choices
        self._at_once: defaultdict[RunId, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def retry(self, run: RunId, model: str, *, turn: str | None = None, files: bool = False) -> Sent:
        """Takes the chat back to before the newest message and sends that again to `model`, as one act.

        The message is sent as it was, with what it referred to then. `files` go back too. `turn` is one that the
        person takes for the newest message's; a message that `model` tries again already is not tried twice.
        Raises UserError, with nothing changed, when the chat has gone on since that turn, the model cannot be used,
        nothing was said yet, or the run works or was discarded; OutsideError when its files cannot go back.
        """
        self._choices.require_usable(ModelRef.parse(model))
        found, log, last = await self._read(run)
        meant = tried(log, turn)
        if meant is None:
            raise UserError(f"Nothing was said in run {found.id} yet.", f"Say it: studio run MESSAGE --run {found.id}")
        # Whoever asks names the turn: asked again because an engine died, the act is known to be the same.
        asked = Sent(found.id, TurnId.new(), last)
        return await self._retry(asked, RestoreId.new(), turn or meant.said.turn, model, files)

    @act
    async def _retry(self, asked: Sent, restore: RestoreId, turn: str, model: str, files: bool) -> Sent:
        """Takes back and sends, once however often it is asked for."""
        # Whoever asks a second time while files move is to find the try that the first one began.
        async with self._at_once[asked.run]:
            return await self._try(asked, restore, turn, model, files)

    async def _try(self, asked: Sent, restore: RestoreId, turn: str, model: str, files: bool) -> Sent:
        if await self._journal.has_begun(asked.turn, asked.since):
            return asked
        run, log, _ = await self._read(asked.run)
        meant = tried(log, turn)
        assert meant is not None
        if meant.begun is not None and str(run.model) == model:
            return Sent(run.id, meant.begun, meant.since)
        require_restorable(run)
        async with self._database.reading() as connection:
            await require_open(connection, run.project)
        chosen = ModelRef.parse(model)
        self._choices.require_usable(chosen)
        await self._turns.ready()
        begun: list[Run] = []

        async def send(unit: Unit, restored: Run) -> None:
            said = meant.said
            working = await self._journal.start_turn(
                unit, replace(restored, model=chosen), said.text, asked.turn, said.images, said.references
            )
            begun.append(working)

        point = point_of(log, meant.said.turn, before=True)
        await self._restorer.restore(run, restore, What.BOTH if files else What.CHAT, point, then=send)
        await self._turns.start(begun[-1])
        return asked

    async def _read(self, name: str) -> tuple[Run, tuple[Recorded, ...], int]:
        async with self._database.reading() as connection:
            run = await runs.by_prefix(connection, name)
            return run, await whole_log(connection, run.id), await event_log.last_seq(connection)
