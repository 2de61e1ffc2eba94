"""Notes of a project, and how an agent is told them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from studio.base.text import plain, shorten
from studio.domain.errors import StudioError
from studio.domain.files import EntryKind
from studio.tools.notes import NOTE_CHARACTERS, NOTES_FOLDER
from studio.workspace.files import Folder

NOTES_CHARACTERS = 24_000
"""How much of them a context holds; what is beyond is named only."""

_ENDING = ".md"


@dataclass(frozen=True, slots=True)
class NoteFile:
    """One note: its path and what is in it, nothing where it cannot be read."""

    path: str
    data: bytes


def notes_in(folder: Folder) -> Iterator[NoteFile]:
    """The notes that lie in a workspace. Blocks."""
    try:
        entries = folder.list(NOTES_FOLDER).entries
    except StudioError:
        return
    for entry in entries:
        if entry.kind is EntryKind.FILE and entry.name.endswith(_ENDING):
            yield NoteFile(entry.path, _read(folder, entry.path))


def notes_told(notes: Iterable[NoteFile]) -> str:
    """All notes, each under its file's name; empty when there is none."""
    parts: list[str] = []
    beyond: list[str] = []
    left = NOTES_CHARACTERS
    for note in notes:
        text = shorten(plain(note.data.decode(errors="replace")).strip(), NOTE_CHARACTERS)
        if text and len(text) <= left:
            parts.append(f"{plain(note.path)}:\n{text}")
            left -= len(text)
        elif text or left <= 0:
            beyond.append(plain(note.path))
            left = 0
    if beyond:
        parts.append(shorten(f"More notes, not shown here: {', '.join(beyond)}", 2000))
    return "\n\n".join(parts)


def _read(folder: Folder, path: str) -> bytes:
    try:
        return folder.read(path, 0, 4 * NOTE_CHARACTERS).data
    except StudioError:
        return b""
