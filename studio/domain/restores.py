"""Restores: what one act of going back did, and which one can be taken back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from studio.domain.events import (
    ChatRestored,
    FilesRestored,
    MessagePosted,
    Recorded,
    RunForked,
    SnapshotTaken,
    TurnStarted,
)
from studio.domain.points import where


class What(StrEnum):
    """What of a run goes back."""

    FILES = "files"
    CHAT = "chat"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class Restore:
    """One act in the log, whose first event has the number `first`; `point` says for people where it led.

    `files_from` is the commit that the files came from, empty when they stayed; `kept` what was kept beside.
    """

    id: str
    first: int
    point: str
    undoes: str = ""
    chat: bool = False
    files_from: str = ""
    kept: str = ""

    @property
    def what(self) -> What:
        """What of the run went back."""
        if self.chat:
            return What.BOTH if self.files_from else What.CHAT
        return What.FILES


def restores(log: Sequence[Recorded]) -> tuple[Restore, ...]:
    """Every restore in a run's log, oldest first."""
    found: dict[str, Restore] = {}
    for recorded in log:
        if isinstance(recorded.event, ChatRestored | FilesRestored):
            _add(found, recorded, recorded.event)
    return tuple(found.values())


def newest_standing(log: Sequence[Recorded]) -> Restore | None:
    """The newest restore that can be taken back: nothing followed it but restores that were taken back."""
    standing: dict[str, Restore] = {}
    for recorded in log:
        match recorded.event:
            case TurnStarted() | MessagePosted() | SnapshotTaken():
                standing.clear()
            case ChatRestored() | FilesRestored() as event if event.undoes:
                standing.pop(event.undoes, None)
            case ChatRestored() | FilesRestored() as event:
                _add(standing, recorded, event)
            case _:
                pass
    return next(reversed(standing.values()), None)


def restored(event: ChatRestored | FilesRestored | RunForked) -> str:
    """What the event tells, in sentences for people."""
    if isinstance(event, RunForked):
        return f"Forked from run {event.source} as it was {where(event.number, before=event.before)}."
    if isinstance(event, ChatRestored):
        if event.undoes:
            return "The chat is again as it was before the restore."
        back = where(event.number, before=event.before)
        return f"The chat is again as it was {back}. What followed is not shown to the agent any more."
    kept = f" Kept beside the branch: {', '.join(event.kept_files)}." if event.kept_files else ""
    if event.undoes:
        return f"The files are again as they were before the restore.{kept}"
    return f"The files are again as they were {where(event.number, before=event.before)}.{kept}"


def _add(found: dict[str, Restore], recorded: Recorded, event: ChatRestored | FilesRestored) -> None:
    point = "" if event.undoes else where(event.number, before=event.before)
    restore = found.get(event.restore) or Restore(event.restore, recorded.seq, point, event.undoes)
    if isinstance(event, ChatRestored):
        found[restore.id] = replace(restore, chat=True)
    else:
        found[restore.id] = replace(restore, files_from=event.parent, kept=event.kept)
