"""Checkpoints: open, decide, void; each is saved together with its event."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from studio.contracts.clock import Clock
from studio.domain.checkpoints import Checkpoint, CheckpointKind, CheckpointState
from studio.domain.errors import NotFound, UserError
from studio.domain.events import CheckpointDecided, CheckpointOpened, CheckpointReworded
from studio.domain.ids import CallId, CheckpointId, RunId
from studio.domain.rules import CommandKind
from studio.domain.runs import Run
from studio.events.recorder import Recorder, Unit
from studio.store import checkpoints as table
from studio.store.database import Database


def hash_act(act: str) -> str:
    """The SHA-256 that binds an approval to exactly this act."""
    return hashlib.sha256(act.encode("utf-8", "surrogatepass")).hexdigest()


class Checkpoints:
    """Questions to the operator and their answers; the only writer of both."""

    def __init__(self, database: Database, recorder: Recorder, clock: Clock) -> None:
        self._database = database
        self._recorder = recorder
        self._clock = clock

    def question(
        self,
        run: Run,
        call: CallId,
        kind: CheckpointKind,
        title: str,
        act: str,
        options: tuple[str, ...] = (),
        command_class: str = "",
        kinds: tuple[CommandKind, ...] = (),
        denied_before: str = "",
        why: str = "",
    ) -> Checkpoint:
        """What is to be asked about an unanswered call; nobody sees it before `open`."""
        return Checkpoint(
            id=CheckpointId.new(),
            project=run.project,
            run=run.id,
            call=call,
            kind=kind,
            title=title,
            act=act,
            act_hash=hash_act(act),
            opened=self._clock.now(),
            options=options,
            command_class=command_class,
            kinds=kinds,
            denied_before=denied_before,
            why=why,
        )

    async def open(self, unit: Unit, asked: Checkpoint, waits: float = 0.0) -> Checkpoint:
        """Asks within the caller's unit; gives back what is open for the same call, or host, already.

        Saved with the end of the turn that asks: whoever sees the question can decide it. One that is asked in the
        middle of a turn somebody `waits` for, so many seconds.
        """
        for waiting in await table.of_run(unit.connection, asked.run):
            is_same = waiting.call == asked.call and (asked.call or waiting.act == asked.act)
            if is_same and waiting.state is CheckpointState.OPEN:
                return waiting
        await table.add(unit.connection, asked)
        unit.record(
            CheckpointOpened(
                asked.id,
                asked.kind.value,
                asked.call,
                asked.title,
                asked.act,
                asked.options,
                asked.command_class,
                tuple(kind.text for kind in asked.kinds),
                asked.denied_before,
                asked.why,
                waits,
            )
        )
        return asked

    async def decide(
        self, unit: Unit, checkpoint: Checkpoint, state: CheckpointState, answer: str, by: str
    ) -> Checkpoint:
        """Writes a decision within the caller's unit, so that what it sets going is saved with it.

        Raises UserError when the checkpoint is not open any more.
        """
        current = await table.by_id(unit.connection, checkpoint.id)
        if current is None or current.state is not CheckpointState.OPEN:
            was = current.state.value if current else "removed"
            raise UserError(f"Checkpoint {checkpoint.id} was already {was}.", "See what waits: studio checkpoints")
        answer = self._recorder.redacted(answer)
        decided = replace(current, state=state, answer=answer, decided_by=by)
        await table.save(unit.connection, decided)
        unit.record(CheckpointDecided(decided.id, decided.call, state.value, answer, by))
        return decided

    async def reword(self, unit: Unit, asked: CheckpointId, title: str, waits: float = 0.0) -> None:
        """Puts an open question otherwise, within the caller's unit; what it asks about stays the same.

        Somebody `waits` for it so many seconds from now; nobody without.
        """
        current = await table.by_id(unit.connection, asked)
        if current is not None and current.state is CheckpointState.OPEN and current.title != title:
            await table.save(unit.connection, replace(current, title=title))
            unit.record(CheckpointReworded(asked, title, waits))

    async def void(self, unit: Unit, run: RunId) -> None:
        """Voids what a run still asks, within the caller's unit."""
        for waiting in await table.of_run(unit.connection, run):
            if waiting.state is CheckpointState.OPEN:
                await self.decide(unit, waiting, CheckpointState.VOID, "", "")

    async def get(self, name: str) -> Checkpoint:
        """The checkpoint with this id; raises NotFound."""
        async with self._database.reading() as connection:
            found = await table.by_id(connection, CheckpointId(name))
        if found is None:
            raise NotFound(f"There is no checkpoint {name}.", "See what waits: studio checkpoints")
        return found

    async def waiting(self) -> tuple[Checkpoint, ...]:
        """All open checkpoints, oldest first."""
        async with self._database.reading() as connection:
            return await table.open_ones(connection)

    async def of_run(self, run: RunId) -> tuple[Checkpoint, ...]:
        """Every checkpoint of one run, oldest first."""
        async with self._database.reading() as connection:
            return await table.of_run(connection, run)


def require_kind(checkpoint: Checkpoint, wanted: CheckpointKind) -> None:
    """Raises UserError that names the right command when a decision does not fit the question."""
    if checkpoint.kind is wanted:
        return
    match checkpoint.kind:
        case CheckpointKind.APPROVAL:
            hint = f"studio checkpoints approve {checkpoint.id}, or deny {checkpoint.id} --note REASON"
            raise UserError(f"Checkpoint {checkpoint.id} asks for yes or no.", f"Use: {hint}")
        case CheckpointKind.CHOICE:
            raise UserError(
                f"Checkpoint {checkpoint.id} asks a question.", f"Use: studio checkpoints answer {checkpoint.id} TEXT"
            )
        case CheckpointKind.NETWORK:
            hint = f"studio checkpoints approve {checkpoint.id} --for run|project, or deny {checkpoint.id}"
            raise UserError(f"Checkpoint {checkpoint.id} asks whether a host may be reached.", f"Use: {hint}")
