"""A node: one row of the explorer's tree."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from studio.domain.files import Entry, EntryKind


class Reading(Enum):
    """How far a folder's entries are known."""

    UNREAD = "unread"
    ASKED = "asked"
    READ = "read"
    FAILED = "failed"


@dataclass(eq=False)
class Node:
    """An entry with its place in the tree; a `note` row has no entry and says something about its folder.

    `more` counts the entries beyond those that were asked for.
    """

    entry: Entry | None
    parent: Node | None
    note: str = ""
    children: list[Node] = field(default_factory=list)
    more: int = 0
    reading: Reading = Reading.UNREAD

    @property
    def path(self) -> str:
        """The folder or file it stands for; empty for the root."""
        return self.entry.path if self.entry else ""

    @property
    def is_folder(self) -> bool:
        """Whether it can have rows below it."""
        return self.parent is None or (self.entry is not None and self.entry.kind is EntryKind.FOLDER)

    @property
    def row(self) -> int:
        """Where it stands among its siblings."""
        return self.parent.children.index(self) if self.parent else 0


def rest_note(count: int) -> str:
    """What the row after a full page says."""
    return f"\N{HORIZONTAL ELLIPSIS} {count:,} more: press Enter to show them"
