"""Sizes: what providers said about how long a context is, which corrects our own estimate of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from studio.domain.errors import ProviderFault
from studio.domain.events import ModelFailed, Recorded, StepStarted, UsageRecorded
from studio.domain.models import ModelRef

MOST_SCALE = 4.0
"""A provider that counts more than four times our estimate counts something else."""
LEFT_AFTER_REFUSAL = 0.5
"""How much of a refused context is shown at most from then on: by how much it was too long, few providers say."""


@dataclass(slots=True)
class Sizes:
    """What was learned in a run. `scale` is how many tokens a provider counts for each of ours, 1 at least."""

    scale: float = 1.0
    _asked: int = 0
    _refused: dict[str, int] = field(default_factory=dict)

    def apply(self, recorded: Recorded) -> None:
        """Takes in one event of the run."""
        match recorded.event:
            case StepStarted() as event:
                self._asked = sum(event.context.values())
            case UsageRecorded() as event if self._asked and not event.cached:
                self.scale = min(max(event.input / self._asked, 1.0), MOST_SCALE)
            case ModelFailed() as event if event.fault == ProviderFault.CONTEXT_TOO_LONG.value and self._asked:
                # What was refused after it had been shortened is the shorter one.
                self._refused[event.model] = self._asked
            case _:
                pass

    def most(self, route: tuple[ModelRef, ...], limit: int) -> int:
        """How many tokens models of this route are shown at most, counted as they count: `limit`, or less."""
        refused = (self._refused[str(model)] for model in route if str(model) in self._refused)
        return min([limit, *(int(size * LEFT_AFTER_REFUSAL * self.scale) for size in refused)])
