"""The stage: a recorded log, how far a replay of it has come, and what must come next."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from enum import Enum
from itertools import takewhile

from studio.domain.errors import LimitReached, OutsideError, PolicyRefused
from studio.domain.events import (
    AgentHeard,
    AgentNudged,
    CallDenied,
    CancelRequested,
    CheckpointOpened,
    ContextCompacted,
    Event,
    GuidanceRead,
    HandedOff,
    HandOverRequested,
    MessagePosted,
    ModelFailed,
    Recorded,
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
    GuidanceRead,
    HandOverRequested,
    HandedOff,
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
        case _:
            return isinstance(event, _OF_TURNS)


class Stage:
    """Follows a replay through the record. Whoever asks it for what is not recorded is broken off.

    `broken` says why, `difference` what was different where the replay went another way.
    """

    def __init__(self, log: Sequence[Recorded]) -> None:
        self._log = log
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
        """Where in the record the event with this number in the log stands, from 1; 0 before its first."""
        return sum(recorded.seq <= seq for recorded in self._log)

    def following(self) -> tuple[Event, ...]:
        """What is still to come."""
        return tuple(recorded.event for recorded in self._log[self.at :])

    def due(self) -> Event | None:
        """What the turn itself is recorded to do next; None when the record ends."""
        return next((event for event in self.following() if is_of_turn(event)), None)

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
                raise self.halt(f"it made {kinds[0]}")
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
            case TurnEnded(outcome=Outcome.REFUSED):
                return PolicyRefused(due.reason, due.action)
            case TurnEnded(outcome=Outcome.LIMIT):
                return LimitReached(due.reason, due.action)
            case _:
                return self.diverge(did)

    def diverge(self, did: str) -> BaseException:
        """What is to be raised where the turn goes another way than recorded."""
        due = self.due()
        recorded = f"event {self.at + 1} of the record is {due.kind}" if due else "the record ends"
        self.difference = self.difference or f"The turn went another way: {did}, but {recorded}."
        return self._break(Break.DIVERGED)

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
