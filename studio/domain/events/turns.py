"""The turns of a run: begun, asked to stop, ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from studio.domain.runs import Outcome


@dataclass(frozen=True, slots=True)
class TurnStarted:
    """An agent was set to work on the newest message or decision."""

    kind: ClassVar[str] = "turn_started"
    turn: str


@dataclass(frozen=True, slots=True)
class TurnResumed:
    """A turn that a dead process left was taken up again."""

    kind: ClassVar[str] = "turn_resumed"
    turn: str


@dataclass(frozen=True, slots=True)
class CancelRequested:
    """A person asked the run to stop; `then` names the turn of a queued message that is to begin at once after it."""

    kind: ClassVar[str] = "cancel_requested"
    turn: str = ""
    then: str = ""


@dataclass(frozen=True, slots=True)
class TurnEnded:
    """The agent stopped; `reason` is one sentence, `action` what to do next (both empty when it replied).

    A turn that is parked goes on with another one at `parked_until`. What it is parked for is its `fault`: as in
    ModelFailed, or `container_engine`.
    """

    kind: ClassVar[str] = "turn_ended"
    turn: str
    outcome: Outcome
    steps: int
    branch: str
    snapshot: str = ""
    reason: str = ""
    action: str = ""
    checkpoint: str = ""
    input: int = 0
    output: int = 0
    cache_read: int = 0
    cache_write: int = 0
    cost_nusd: int | None = None
    saved_nusd: int = 0
    parked_until: str = ""
    fault: str = ""
