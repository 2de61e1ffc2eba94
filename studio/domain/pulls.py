"""Pulls: models that a server fetches, to have them on its own disk."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from studio.domain.models import ModelRef


class PullStep(StrEnum):
    """What a server is doing for a pull."""

    ASKING = "asking"  # what the model consists of
    FETCHING = "fetching"
    CHECKING = "checking"  # that what came is what was meant
    SAVING = "saving"


@dataclass(frozen=True, slots=True)
class PullProgress:
    """How far a pull is, in bytes; `total` grows while the server learns of more, and is 0 before it knows of any."""

    step: PullStep = PullStep.ASKING
    done: int = 0
    total: int = 0


class PullState(StrEnum):
    """How a pull stands."""

    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"  # by a person
    FAILED = "failed"

    @property
    def over(self) -> bool:
        """Whether nothing more comes of it."""
        return self is not PullState.RUNNING


@dataclass(frozen=True, slots=True)
class Pull:
    """One model that is or was fetched; a failed one says why in `sentence`, and in `action` what to do next."""

    model: ModelRef
    state: PullState = PullState.RUNNING
    progress: PullProgress = PullProgress()
    sentence: str = ""
    action: str = ""
