"""Taking over: that a run goes on with the work of another one, in words for people."""

from __future__ import annotations

from studio.domain.events import RunStarted
from studio.domain.runs import Run


def taken_over(event: RunStarted) -> str:
    """Whose work a run begins with, as a sentence; empty for one that begins with a commit of the person's."""
    if not event.takes_over:
        return ""
    return f"Goes on with the work of run {event.takes_over}, which handed it over to this role."


def begins_with(giver: Run) -> str:
    """That a branch holds the work of `giver` too, as the end of a sentence."""
    return f"begins with the work of run {giver.id} ({giver.role})"
