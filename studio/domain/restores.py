"""Restores: what one act of going back did, and which one can be taken back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from studio.domain.events import ChatRestored, MessagePosted, Recorded, SnapshotTaken, TurnStarted


class What(StrEnum):
    """What of a run goes back."""

    CHAT = "chat"


@dataclass(frozen=True, slots=True)
class Restore:
    """One act in the log, which the events numbered from `first` on are: `point` is where it led, for people."""

    id: str
    first: int
    point: str
    undoes: str = ""
    chat: bool = False


def restores(log: Sequence[Recorded]) -> tuple[Restore, ...]:
    """Every restore in a run's log, oldest first."""
    return tuple(_restore(recorded, recorded.event) for recorded in log if isinstance(recorded.event, ChatRestored))


def newest_standing(log: Sequence[Recorded]) -> Restore | None:
    """The newest restore that can be taken back: nothing followed it but restores that were taken back."""
    standing: list[Restore] = []
    for recorded in log:
        match recorded.event:
            case TurnStarted() | MessagePosted() | SnapshotTaken():
                standing.clear()
            case ChatRestored() as event:
                made = _restore(recorded, event)
                standing = [one for one in standing if one.id != made.undoes] if made.undoes else [*standing, made]
            case _:
                pass
    return standing[-1] if standing else None


def restored(event: ChatRestored) -> str:
    """What the event tells, as one sentence for people."""
    if event.undoes:
        return "The chat is again as it was before the restore."
    return f"The chat is again as it was {_point(event)}. What followed is not shown to the agent any more."


def _point(event: ChatRestored) -> str:
    return f"{'before' if event.before else 'after'} turn {event.number}"


def _restore(recorded: Recorded, event: ChatRestored) -> Restore:
    point = "" if event.undoes else _point(event)
    return Restore(event.restore, recorded.seq, point, event.undoes, chat=True)
