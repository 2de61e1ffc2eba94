"""The checkpoints door: what waits for the operator, and their decisions."""

from __future__ import annotations

from studio.agents.journal import Journal
from studio.app.chats import Sent
from studio.checkpoints.checkpoints import Checkpoints, require_kind
from studio.checkpoints.networks import Networks
from studio.checkpoints.rules import Rules
from studio.domain.checkpoints import Checkpoint, CheckpointKind, CheckpointState, for_project
from studio.domain.errors import UserError
from studio.domain.ids import CheckpointId, TurnId
from studio.domain.network import asked_of, is_of_images
from studio.domain.rules import Scope
from studio.events.recorder import Recorder
from studio.store import event_log, runs
from studio.store.database import Database
from studio.workflow.acts import Acts, act
from studio.workflow.turns import Turns

OPERATOR = "operator"


class Decisions:
    """Each decision sets the waiting run going again, also after a restart."""

    def __init__(
        self,
        acts: Acts,
        database: Database,
        recorder: Recorder,
        journal: Journal,
        checkpoints: Checkpoints,
        rules: Rules,
        turns: Turns,
        networks: Networks,
    ) -> None:
        self.acts = acts
        self._database = database
        self._recorder = recorder
        self._journal = journal
        self._checkpoints = checkpoints
        self._rules = rules
        self._turns = turns
        self._networks = networks

    async def waiting(self) -> tuple[Checkpoint, ...]:
        """All open checkpoints, oldest first."""
        return await self._checkpoints.waiting()

    async def get(self, name: str) -> Checkpoint:
        """One checkpoint; raises NotFound."""
        return await self._checkpoints.get(name)

    async def approve(self, name: str, note: str = "", scope: Scope = Scope.ONCE) -> Sent:
        """Says yes to the one exact act; the run goes on with it.

        With a wider scope, the kinds that the checkpoint shows are let through from now on, in its run or its project.
        Raises UserError when it shows none. A host that a run wants to reach may be reached by it from now on, or by
        its whole project; no turn begins with that.
        """
        if (await self._checkpoints.get(name)).kind is CheckpointKind.NETWORK:
            return await self._let_out(name, CheckpointState.APPROVED, note, scope)
        return await self._ask(name, CheckpointKind.APPROVAL, CheckpointState.APPROVED, note, scope)

    async def deny(self, name: str, note: str = "") -> Sent:
        """Says no; the agent is told the reason and goes on without the act."""
        if (await self._checkpoints.get(name)).kind is CheckpointKind.NETWORK:
            return await self._let_out(name, CheckpointState.DENIED, note, Scope.ONCE)
        return await self._ask(name, CheckpointKind.APPROVAL, CheckpointState.DENIED, note)

    async def answer(self, name: str, text: str) -> Sent:
        """Answers a question in words; raises UserError for an empty answer."""
        if not text.strip():
            raise UserError("The answer is empty.", "Say what you decide.")
        return await self._ask(name, CheckpointKind.CHOICE, CheckpointState.ANSWERED, text)

    async def _ask(
        self, name: str, kind: CheckpointKind, state: CheckpointState, words: str, scope: Scope = Scope.ONCE
    ) -> Sent:
        checkpoint = await self._checkpoints.get(name)
        async with self._database.reading() as connection:
            since = await event_log.last_seq(connection)
        words = self._recorder.redacted(words)  # an act that another process does is kept in its queue
        # Whoever asks names the turn: asked again because an engine died, the act is known to be the same.
        return await self._decide(checkpoint.id, kind, state, words, scope, Sent(checkpoint.run, TurnId.new(), since))

    async def _let_out(self, name: str, state: CheckpointState, words: str, scope: Scope) -> Sent:
        await self._decide_host(CheckpointId(name), state, self._recorder.redacted(words), scope)
        async with self._database.reading() as connection:
            run = await runs.get(connection, (await self._checkpoints.get(name)).run)
            return Sent(run.id, run.turn or TurnId(""), await event_log.last_seq(connection))

    @act
    async def _decide_host(self, name: CheckpointId, state: CheckpointState, words: str, scope: Scope) -> None:
        """Notes whether a host may be reached; whatever waits for that goes on by itself."""
        checkpoint = await self._checkpoints.get(name)
        async with self._recorder.unit(checkpoint.project, checkpoint.run) as unit:
            # What is said for the project stands in what the project may reach, and goes with it.
            by = for_project(OPERATOR) if scope is Scope.PROJECT else OPERATOR
            decided = await self._checkpoints.decide(unit, checkpoint, state, words, by)
            if scope is Scope.PROJECT:
                let = self._networks.allow_images if is_of_images(decided.act) else self._networks.allow
                await let(unit, decided.project, asked_of(decided.act), OPERATOR, decided.id)

    @act
    async def _decide(
        self,
        name: CheckpointId,
        kind: CheckpointKind,
        state: CheckpointState,
        words: str,
        scope: Scope,
        asked: Sent,
    ) -> Sent:
        """Notes a decision and begins the turn that was asked for, once however often it is asked for."""
        if await self._journal.has_begun(asked.turn, asked.since):
            return asked
        checkpoint = await self._checkpoints.get(name)
        require_kind(checkpoint, kind)
        await self._turns.ready()
        async with self._recorder.unit(checkpoint.project, checkpoint.run) as unit:
            run = await runs.get(unit.connection, checkpoint.run)
            decided = await self._checkpoints.decide(unit, checkpoint, state, words, OPERATOR)
            await self._rules.allow(unit, decided, scope, OPERATOR)
            working = await self._journal.start_turn(unit, run, None, asked.turn)
        await self._turns.start(working)
        return asked
