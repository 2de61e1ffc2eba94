"""Taking over: that a run goes on with the work of another one, in words for people."""

from __future__ import annotations

from dataclasses import dataclass

from studio.domain.events import RunStarted
from studio.domain.runs import Run, RunState


@dataclass(frozen=True, slots=True)
class WaitingWork:
    """What a run handed over to a role and no run has gone on with yet: its branch as it was then, at `head`.

    `files` counts what that changes; where it is none, only the words of the handoff are taken over. `here` tells
    whether it started from what is checked out now.
    """

    giver: Run
    role: str
    head: str
    files: int
    here: bool


def taken_over(event: RunStarted) -> str:
    """Whose work a run begins with, as a sentence; empty for one that begins with a commit of the person's."""
    if not event.takes_over:
        return ""
    return f"Goes on with the work of run {event.takes_over}, which handed it over to this role."


def begun(event: RunStarted) -> str:
    """What a run is for and whose work it begins with, in sentences; empty where there is nothing to say of either."""
    task = f"task {event.task}" if event.task else ""
    brief = f"brief {event.brief}" if event.brief else ""
    purpose = " of ".join(part for part in (task, brief) if part)
    return " ".join(part for part in (f"For {purpose}." if purpose else "", taken_over(event)) if part)


def begins_with(giver: Run) -> str:
    """That a branch holds the work of `giver` too, as the end of a sentence."""
    return f"begins with the work of run {giver.id} ({giver.role})"


def discarded_since(giver: Run) -> str:
    """That the person has put the giver away since, as a sentence; empty where that is not so."""
    return f"You discarded run {giver.id}: its work is in this branch all the same." if is_discarded(giver) else ""


def is_discarded(giver: Run) -> bool:
    """Whether the person has put the giver away."""
    return giver.state is RunState.DISCARDED
