"""Parkings: how often, and since when, a run was parked in a row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from studio.domain.events import MessagePosted, Recorded, TurnEnded
from studio.domain.runs import Outcome


@dataclass(slots=True)
class Parkings:
    """What of a run's log says how long it has tried in vain: since anybody, person or model, said anything."""

    times: int = 0
    since: datetime | None = None

    def apply(self, recorded: Recorded) -> None:
        """Takes in one event of the run."""
        match recorded.event:
            case TurnEnded(outcome=Outcome.PARKED):
                self.times += 1
                self.since = self.since or recorded.time
            case MessagePosted():
                self.times, self.since = 0, None
            case _:
                pass
