"""The stage: a recorded log, how far a replay of it has come, and what must come next."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from enum import Enum
from itertools import takewhile

from studio.agents.replay.record import Record, rules_at
from studio.domain.checkpoints import CheckpointKind
from studio.domain.errors import EngineGone, LimitReached, OutsideError, PolicyRefused
from studio.domain.events import (
    AgentHeard,
    AgentNudged,
    CallDenied,
    CancelRequested,
    CheckpointOpened,
    ContextCompacted,
    Event,
    FailuresTold,
    GuidanceRead,
    HandedOff,
    HandOverRequested,
    MessagePosted,
    ModelFailed,
    Recorded,
    ServicesTold,
    SnapshotFailed,
    SnapshotTaken,
    StepStarted,
    ToolAnswered,
    ToolCalled,
    ToolStarted,
    TurnEnded,
    TurnResumed,
    UsageRecorded,
)
from studio.domain.messages import Speaker
from studio.domain.parked import CONTAINER_ENGINE
from studio.domain.rules import Rule
from studio.domain.runs import Outcome

_OF_TURNS = (
    AgentHeard,
    StepStarted,
    ModelFailed,
    UsageRecorded,
    ToolCalled,
    ToolStarted,
    ToolAnswered,
    AgentNudged,
    CallDenied,
    CheckpointOpened,
    ContextCompacted,
    FailuresTold,
    GuidanceRead,
    HandOverRequested,
    HandedOff,
    ServicesTold,
    SnapshotFailed,
    TurnEnded,
    TurnResumed,
)


class Break(Enum):
    """Why a replayed turn was broken off from outside."""

    NONE = "none"
    STOPPED = "stopped"  # a person stopped it here
    KILLED = "killed"  # the process that ran it died here
    DIVERGED = "diverged"  # it does not do what is recorded


def is_of_turn(event: Event) -> bool:
    """Whether the turn loop itself makes this event; all others came from people or from around it."""
    match event:
        case MessagePosted():
            return event.speaker is not Speaker.HUMAN
        case SnapshotTaken():
            return bool(event.turn)
        case CheckpointOpened():
            return event.checkpoint_kind != CheckpointKind.NETWORK.value
        case _:
            return isinstance(event, _OF_TURNS)


class Stage:
    """Follows a replay through the record. Whoever asks it for what is not recorded is broken off.

    `broken` says why, `difference` what was different where the replay went another way.
    """

    def __init__(self, record: Record) -> None:
        self._record = record
        self._log = record.log
        self.at = 0
        self.broken = Break.NONE
        self.difference = ""

    @property
    def now(self) -> Recorded:
        """The recorded event that comes next; the last one once all have come."""
        return self._log[min(self.at, len(self._log) - 1)]

    @property
    def is_over(self) -> bool:
        """Whether all has come."""
        return self.at >= len(self._log)

    def place(self, seq: int) -> int:
        """Where in the whole record the event with this number in the log stands, from 1; 0 before its first."""
        return sum(recorded.seq <= seq for recorded in self._record.whole)

    def following(self) -> Iterator[Event]:
        """What is still to come."""
        return (self._log[at].event for at in range(self.at, len(self._log)))

    def due(self) -> Event | None:
        """What the turn itself is recorded to do next; None when the record ends."""
        return next((event for event in self.following() if is_of_turn(event)), None)

    def until_due(self) -> Iterator[Event]:
        """Everything of the run up to what the turn itself is recorded to do next."""
        yield from (recorded.event for recorded in self._log[: self.at])
        yield from takewhile(lambda event: not is_of_turn(event), self.following())

    def rules(self) -> tuple[Rule, ...]:
        """The rules of people that counted for the run when the turn did what it is recorded to do next."""
        return rules_at(self._record, self._due_number() if self.due() else self._log[-1].seq)

    def next_of(self, kind: type[Event]) -> tuple[Event, ...]:
        """What of this kind the turn is recorded to do next, before anything else of its own."""
        made = (event for event in self.following() if is_of_turn(event))
        return tuple(takewhile(lambda event: isinstance(event, kind), made))

    def admit(self, kinds: Sequence[str]) -> tuple[Event, ...]:
        """Lets the turn record events of these kinds, and gives what others recorded before that.

        Breaks the turn off when something else is recorded.
        """
        if not kinds:
            return ()
        place = self.at
        while place < len(self._log) and self._log[place].event.kind != kinds[0]:
            if is_of_turn(self._log[place].event):
                raise self._halt_at(f"it made {kinds[0]}")
            place += 1
        found = [recorded.event.kind for recorded in self._log[place : place + len(kinds)]]
        if found != list(kinds):
            raise self.diverge(f"it made {', '.join(kinds)}")
        before = tuple(recorded.event for recorded in self._log[self.at : place])
        self.at = place + len(kinds)
        return before

    def halt(self, did: str) -> BaseException:
        """What is to be raised where the turn ended what it is at in the record; `did` says what it is at."""
        due = self.due()
        match due:
            case TurnResumed():
                return self._break(Break.KILLED)
            case SnapshotTaken() | SnapshotFailed() | TurnEnded() if self._is_stopped():
                return self._break(Break.STOPPED)
            case TurnEnded(outcome=Outcome.FAILED):
                return OutsideError(due.reason, due.action)
            case TurnEnded(fault=fault) if fault == CONTAINER_ENGINE:
                return EngineGone(due.reason, due.action)
            case TurnEnded(outcome=Outcome.REFUSED):
                return PolicyRefused(due.reason, due.action)
            case TurnEnded(outcome=Outcome.LIMIT):
                return LimitReached(due.reason, due.action)
            case _:
                return self.diverge(did)

    def _halt_at(self, did: str) -> BaseException:
        """As `halt`, for what the turn writes: it judges its limits anew, and must end by itself where it did."""
        match self.due():
            case TurnEnded(outcome=Outcome.LIMIT) if not self._is_stopped():
                return self.diverge(did)
            case _:
                return self.halt(did)

    def diverge(self, did: str) -> BaseException:
        """What is to be raised where the turn goes another way than recorded."""
        due = self.due()
        recorded = f"event {self._due_number()} of the log is {due.kind}" if due else "the record ends"
        self.difference = self.difference or f"The turn went another way: {did}, but {recorded}."
        return self._break(Break.DIVERGED)

    def _due_number(self) -> int:
        return next(item.seq for item in self._log[self.at :] if is_of_turn(item.event))

    def _is_stopped(self) -> bool:
        """Whether a person stopped the turn before its recorded end."""
        for event in self.following():
            match event:
                case CancelRequested():
                    return True
                case TurnEnded():
                    return event.outcome is Outcome.CANCELLED
                case SnapshotTaken() | SnapshotFailed():
                    continue
                case _ if is_of_turn(event):
                    return False
        return False

    def _break(self, why: Break) -> BaseException:
        if self.broken is not Break.DIVERGED:
            self.broken = why
        return asyncio.CancelledError()
