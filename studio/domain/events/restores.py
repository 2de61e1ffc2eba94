"""A run taken back to an earlier point of its log, or another one begun from there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class ChatRestored:
    """The chat is again as it was right after event `until`: what followed is out of what the agent is shown.

    All of it stays in the log, and what it took stays spent. `restore` names the act, `number` counts the run's
    turns from 1: the point lies before or after that one. `undoes` is the act that this one takes back.
    """

    kind: ClassVar[str] = "chat_restored"
    restore: str
    until: int
    turn: str = ""
    number: int = 0
    before: bool = False
    undoes: str = ""


@dataclass(frozen=True, slots=True)
class FilesRestored:
    """The files of a run are again those of the commit `target`: `commit` has its tree and follows `parent`.

    `restore` names the act, `number` the turn before or after which they were so, as in `ChatRestored`. `files` names
    the first ones that changed, `left_out` counts those beyond. What no snapshot held and stood in the way is in the
    commit `kept`, `kept_files` names the first of it.
    """

    kind: ClassVar[str] = "files_restored"
    restore: str
    target: str
    commit: str
    parent: str
    turn: str = ""
    number: int = 0
    before: bool = False
    undoes: str = ""
    files: tuple[str, ...] = ()
    left_out: int = 0
    kept: str = ""
    kept_files: tuple[str, ...] = ()
    milliseconds: float = 0.0


@dataclass(frozen=True, slots=True)
class RunForked:
    """The run goes on from a point of the run `source`: its log begins with that one's up to event `until`.

    `number` and `before` say at which turn of the source that is, as in `ChatRestored`.
    """

    kind: ClassVar[str] = "run_forked"
    source: str
    until: int
    turn: str = ""
    number: int = 0
    before: bool = False
