"""Notes of a project, as they lie in a run's workspace."""

from __future__ import annotations

from studio.base.aio import in_thread
from studio.base.text import plain, shorten
from studio.domain.errors import StudioError
from studio.domain.files import EntryKind
from studio.tools.notes import NOTE_CHARACTERS, NOTES_FOLDER
from studio.workspace.files import Folder

NOTES_CHARACTERS = 24_000
"""How much of them a context holds; what is beyond is named only."""

_ENDING = ".md"


async def read_notes(folder: Folder) -> str:
    """All notes, each under its file's name; empty when there is none that can be read."""
    return await in_thread(_read, folder)


def _read(folder: Folder) -> str:
    try:
        entries = folder.list(NOTES_FOLDER).entries
    except StudioError:
        return ""
    parts: list[str] = []
    beyond: list[str] = []
    left = NOTES_CHARACTERS
    for entry in entries:
        if entry.kind is not EntryKind.FILE or not entry.name.endswith(_ENDING):
            continue
        text = _text(folder, entry.path) if left > 0 else ""
        if text and len(text) <= left:
            parts.append(f"{plain(entry.path)}:\n{text}")
            left -= len(text)
        elif text or left <= 0:
            beyond.append(plain(entry.path))
            left = 0
    if beyond:
        parts.append(shorten(f"More notes, not shown here: {', '.join(beyond)}", 2000))
    return "\n\n".join(parts)


def _text(folder: Folder, path: str) -> str:
    try:
        found = folder.read(path, 0, 4 * NOTE_CHARACTERS)
    except StudioError:
        return ""
    return shorten(plain(found.data.decode(errors="replace")).strip(), NOTE_CHARACTERS)
