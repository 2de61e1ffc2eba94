"""A turn as JSON Lines on standard output."""

from __future__ import annotations

from datetime import UTC, datetime

from studio.cli import output
from studio.domain.budgets import alerted
from studio.domain.events import WHOLE, BudgetAlerted, Delta, HandedOff, Recorded, TurnEnded
from studio.domain.runs import Outcome


class JsonLines:
    """What happens in a turn, a line each on standard output."""

    def __init__(self, project: str) -> None:
        self._project = project
        self._handed: HandedOff | None = None

    def show(self, item: Recorded | Delta) -> None:
        """Writes what happened, and pieces of streams."""
        match item:
            case Recorded():
                if isinstance(item.event, HandedOff):
                    self._handed = item.event
                if isinstance(item.event, BudgetAlerted):
                    output.note(f"studio: {alerted(item.event)}")
                output.line(output.of_event(item, self._project))
            case Delta(kind=kind) if kind not in WHOLE:  # which are for a window
                output.line(output.of_delta(item, self._project, datetime.now(UTC)))

    def end(self, ended: Recorded, event: TurnEnded, kept: str) -> None:
        """Writes the turn's end; what people are to know of it goes to standard error."""
        output.line(output.of_event(ended, self._project))
        if event.reason and event.outcome is not Outcome.REPLIED:
            output.note(f"studio: {output.below(f'{event.reason} {event.action}'.rstrip(), 8)}")
        if kept:
            output.note(f"studio: {kept}")

    def outcome(self, ended: Recorded, event: TurnEnded) -> None:
        """Writes the last line, which tells what came of it all."""
        output.line(output.of_outcome(ended, event, self._project, self._handed))
