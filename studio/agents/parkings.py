"""Parkings: how often, and over how long, a run was parked in a row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from studio.domain.events import MessagePosted, Recorded, TurnEnded
from studio.domain.runs import Outcome

LONGEST_WAIT = 1800.0
"""Seconds that a run waits at most for its next try where nobody knows when one helps."""


@dataclass(slots=True)
class Parkings:
    """What of a run's log says how long it has tried in vain: since anybody, person or model, said anything."""

    times: int = 0
    _tried: timedelta = timedelta()
    _last: datetime | None = None

    def tried(self, now: datetime) -> timedelta:
        """How long there were tries in vain until now; what went by without any (the machine slept) is left out."""
        if self._last is None:
            return timedelta()
        return self._tried + min(max(now - self._last, timedelta()), timedelta(seconds=LONGEST_WAIT))

    def apply(self, recorded: Recorded) -> None:
        """Takes in one event of the run."""
        match recorded.event:
            case TurnEnded(outcome=Outcome.PARKED):
                self.times += 1
                self._tried, self._last = self.tried(recorded.time), recorded.time
            case MessagePosted():
                self.times, self._tried, self._last = 0, timedelta(), None
            case _:
                pass
