"""Entries: what the rows of a chat show, as plain values made from events."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from studio.domain.checkpoints import CheckpointKind, is_left, parted
from studio.domain.rules import CommandKind


class CallState(StrEnum):
    """How far a tool call has come."""

    ASKED = "asked"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Tone(StrEnum):
    """How a line of the system's own is meant; the value names the theme's colour."""

    QUIET = "text_muted"
    GOOD = "ok"
    WARNING = "warn"
    BAD = "error"


@dataclass(frozen=True, slots=True)
class HumanSaid:
    """A person's message, and what they refer to in it or attached (see `domain.references`)."""

    key: str
    text: str
    references: tuple[str, ...] = ()
    images: tuple[str, ...] = ()

    @property
    def files(self) -> tuple[str, ...]:
        """The files among what they refer to."""
        return tuple(name.removeprefix("file:") for name in self.references if name.startswith("file:"))

    @property
    def chips(self) -> tuple[tuple[str, str], ...]:
        """What is shown below the words: the path that each opens, if any, and what it says."""
        named = ((name.removeprefix("file:") if name.startswith("file:") else "", name) for name in self.references)
        return (*((path, path or f"@{name}") for path, name in named), *(("", name) for name in self.images))


@dataclass(frozen=True, slots=True)
class AgentSaid:
    """An agent's finished message; `header` says who and with which model, empty when the entry before did."""

    key: str
    header: str
    text: str
    thinking: str


@dataclass(frozen=True, slots=True)
class Streaming:
    """The message that is arriving now; its text lives beside the rows, because it grows all the time."""

    key: str
    header: str


@dataclass(frozen=True, slots=True)
class CallMade:
    """One tool call from asking to answer, shown as a one-line card.

    `code` says that the target is a command; `files` are those it touches that can be opened. `is_diff` says that
    the request is one; `added` and `removed` count lines of an edit, None for other tools.
    """

    key: str
    icon: str
    verb: str
    target: str
    code: bool
    files: tuple[str, ...]
    request: str
    is_diff: bool = False
    state: CallState = CallState.ASKED
    summary: str = ""
    output: str = ""
    milliseconds: float = 0.0
    added: int | None = None
    removed: int | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """A line of the system's own; `restored`: it tells of a restore, `folds`: rows before it are folded away."""

    key: str
    tone: Tone
    text: str
    restored: bool = False
    folds: bool = False


@dataclass(frozen=True, slots=True)
class TurnFooter:
    """What a finished turn took: seconds, tokens, nano-dollars (None without a price) and files."""

    key: str
    turn: str
    began: datetime
    ended: datetime
    tokens: int
    cached_percent: int | None
    cost_nusd: int | None
    files: int
    saved_nusd: int = 0


Entry = HumanSaid | AgentSaid | Streaming | CallMade | Note | TurnFooter


@dataclass(frozen=True, slots=True)
class Question:
    """A checkpoint that waits for a person; `why` is what the agent said when it asked.

    `more` are asked after it, and somebody waits for them, too; `until` says how long somebody does for this one.
    """

    checkpoint: str
    kind: str
    title: str
    act: str
    options: tuple[str, ...]
    kinds: tuple[CommandKind, ...] = ()
    denied_before: str = ""
    why: str = ""
    more: int = 0
    until: str = ""

    @property
    def parts(self) -> tuple[str, str]:
        """What is asked, and what is told beside that."""
        return parted(self.title) if self.kind == CheckpointKind.NETWORK else (self.title, "")

    @property
    def is_left(self) -> bool:
        """Whether nobody waits for its answer any more."""
        return self.kind == CheckpointKind.NETWORK and is_left(self.title)
