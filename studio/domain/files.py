"""Files as the explorer and the editor show them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from studio.domain.ids import ProjectId, RunId


@dataclass(frozen=True, slots=True)
class Place:
    """Whose files are meant: the person's checkout (no run) or a run's workspace."""

    project: ProjectId
    run: RunId | None = None


class EntryKind(StrEnum):
    """What a directory entry is; links are shown, never followed."""

    FILE = "file"
    FOLDER = "folder"
    LINK = "link"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Entry:
    """One name in a folder; `path` is relative to the place's root with forward slashes, `size` in bytes."""

    name: str
    path: str
    kind: EntryKind
    size: int = 0


@dataclass(frozen=True, slots=True)
class FileText:
    """A file's text as the editor needs it; `etag` names exactly this content, for a later write."""

    text: str
    encoding: str
    newline: str
    size: int
    etag: str
    read_only: bool = False
