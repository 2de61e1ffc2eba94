"""The turn loop: ask the model, run what it calls, take a snapshot, until the agent stops."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from studio.agents import limits, stuck
from studio.agents.asking import Asker
from studio.agents.calls import CallAnswerer, Waiting
from studio.agents.context import Context
from studio.agents.failures import Failures
from studio.agents.handing import NOT_HANDED_NEXT, Handing, not_handed
from studio.agents.history import History
from studio.agents.journal import Journal, snapshot_taken
from studio.agents.live import LiveRun
from studio.agents.services import ServiceNotes
from studio.board.mail import Mail
from studio.contracts.clock import Clock
from studio.domain.checkpoints import Checkpoint
from studio.domain.errors import LimitReached, OutsideError, PolicyRefused, StoreError
from studio.domain.messages import FinishReason, ToolCall
from studio.domain.roles import Role
from studio.domain.runs import Outcome, Run

_CUT = {
    FinishReason.LENGTH: "The reply was cut at the model's output limit.",
    FinishReason.FILTERED: "The provider's filter ended the reply.",
}


@dataclass(frozen=True, slots=True)
class ParkedUntil:
    """When a turn goes on that cannot now, and what it waits for: see `TurnEnded.fault`."""

    moment: datetime
    fault: str


@dataclass(frozen=True, slots=True)
class End:
    """How a turn ended, in words for the person; `question` is what it waits for, `handed` gave its result."""

    outcome: Outcome
    reason: str = ""
    action: str = ""
    question: Checkpoint | None = None
    handed: ToolCall | None = None
    parked: ParkedUntil | None = None


class TurnLoop:
    """Runs one turn of one run; all it knows at the start comes from the log."""

    def __init__(
        self,
        run: Run,
        role: Role,
        live: LiveRun,
        answerer: CallAnswerer,
        journal: Journal,
        clock: Clock,
        context: Context,
        asker: Asker,
        handing: Handing,
        mail: Mail,
        failures: Failures,
        services: ServiceNotes,
    ) -> None:
        self._run = run
        self._role = role
        self._live = live
        self._answerer = answerer
        self._journal = journal
        self._clock = clock
        self._context = context
        self._asker = asker
        self._handing = handing
        self._mail = mail
        self._failures = failures
        self._services = services

    async def run(self, history: History) -> End:
        """Goes on from where the log stands until the agent stops; what it did is in the log.

        Raises StudioError when it cannot go on, and CancelledError when it is cancelled; a running command
        and the model's stream have ended then.
        """
        try:
            return await self._work(history)
        except Waiting as waiting:
            # What the step did before the question is brought home first: a person decides on what they can see.
            await self._snapshot_or_tell(history)
            return End(Outcome.WAITING, question=waiting.question)
        except LimitReached as reached:
            return End(Outcome.LIMIT, reached.sentence, reached.action)

    async def _work(self, history: History) -> End:
        await self._context.begin(history)
        finish = FinishReason.STOP
        await self._answerer.answer_all(history)
        await self._snapshot_or_tell(history)
        while not history.handed_over() and not await self._has_replied(history):
            limits.check(self._run.limits, history, self._clock.now())
            await self._nudge_or_end(history)
            for teller in (self._services.tell, self._mail.hear, self._failures.tell):
                for heard in await teller(self._run):
                    history.apply(heard)
            finish = await self._asker.ask(history)
            if await self._answerer.answer_all(history):
                await self._snapshot_or_tell(history)
        # What runs in the background goes on writing, and mapped memory unseen: the last look is always taken.
        await self.snapshot(history)
        if (handed := history.handed_over()) is not None:
            return End(Outcome.HANDED_OFF, handed=handed)
        # The last look may be the first that finds a change, too late for anybody to be told.
        if self._handing.is_owed(self._role, history) and history.reminded:
            return End(Outcome.REPLIED, not_handed(self._role), NOT_HANDED_NEXT)
        return End(Outcome.REPLIED, _CUT.get(finish, ""))

    async def _has_replied(self, history: History) -> bool:
        """Whether the agent is done; one that owes its result is told so, once for a message."""
        if self._handing.is_owed(self._role, history) and not history.reminded:
            await self._handing.remind(self._run, self._role, history)
        return history.agent_has_replied()

    async def _nudge_or_end(self, history: History) -> None:
        """Tells an agent that repeats itself so, once for a message; raises LimitReached when it goes on."""
        found = stuck.find(history)
        if found is None:
            return
        if history.nudged:
            raise LimitReached(found.ending, stuck.NEXT)
        await self._journal.nudge(self._run, history, found)

    async def _snapshot_or_tell(self, history: History) -> None:
        """As `snapshot`, but what cannot be brought home now is told to the agent, who can often mend it."""
        try:
            await self.snapshot(history)
        except (OutsideError, PolicyRefused) as error:
            if isinstance(error, StoreError) or self._live.sandbox.broken:
                raise

    async def snapshot(self, history: History) -> None:
        """Commits what changed in the workspace and brings it home.

        Raises OutsideError or PolicyRefused; the files stay in the workspace then.
        """
        head = history.snapshot or self._run.head
        try:
            if not await self._live.changed(head):
                return
            taken = await self._live.snapshot(
                head, f"{self._run.title}\n\nStep {history.total_steps} of run {self._run.id}"
            )
        except (OutsideError, PolicyRefused) as error:
            await self._journal.snapshot_failed(self._run, history, error.sentence)
            raise
        if taken is not None:
            event = snapshot_taken(taken, self._run.turn or "", history.total_steps)
            await self._journal.snapshot(self._run, history, event)
