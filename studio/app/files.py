"""The files door: what the explorer lists and the editor opens, of a checkout or a run's workspace."""

from __future__ import annotations

import codecs
import itertools
from collections.abc import Iterator
from dataclasses import replace

from studio.agents.keeping import Keeper
from studio.base.aio import in_thread
from studio.domain.errors import NotFound, UserError
from studio.domain.files import Entry, EntryKind, FileText, Place
from studio.domain.ids import RunId
from studio.store import projects
from studio.store.database import Database
from studio.workflow.acts import Acts, act
from studio.workspace.files import PAGE, Content, Folder, Listing
from studio.workspace.workspaces import Workspaces

FIND_FILES = 50_000
SKIPPED_FOLDERS = frozenset({".git", "node_modules", ".venv", "__pycache__", ".mypy_cache", ".ruff_cache", ".tox"})
_MARKS = {"utf-8-sig": codecs.BOM_UTF8, "utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE}
"""What a file starts with in each encoding that has a mark; it is kept when the file is saved."""


class Files:
    """All access goes through the one safe opener: nothing outside the place is ever reached."""

    def __init__(self, acts: Acts, database: Database, workspaces: Workspaces, keeper: Keeper) -> None:
        self.acts = acts
        self._database = database
        self._keeper = keeper
        self._workspaces = workspaces

    async def list(self, place: Place, path: str = "", offset: int = 0) -> Listing:
        """One page of a folder, folders first, without Git's own."""
        listing = await in_thread((await self.folder(place)).list, path, offset)
        shown = tuple(entry for entry in listing.entries if entry.path != ".git")
        waits = place.run is not None and not shown and not await self._workspaces.is_laid_out(place.run)
        return replace(listing, entries=shown, waits=waits)

    async def all(self, place: Place) -> tuple[str, ...]:
        """Paths of all files that a person would look for, at most 50,000."""
        return await in_thread(_all, await self.folder(place))

    async def read(self, place: Place, path: str) -> FileText:
        """A text file for the editor; one over 10 MiB is cut there and read-only. Raises UserError for binary."""
        return _decoded(path, await in_thread((await self.folder(place)).read, path))

    async def write(self, place: Place, path: str, text: str, etag: str | None) -> str:
        """Saves a text in the encoding and with the line ends that the file has, and returns its new etag.

        `etag` is that of the content the text was made from, None for a new file; raises UserError, with
        nothing written, when the file is not as it was then or cannot hold the text.
        """
        folder = await self.folder(place)
        before = await in_thread(_before, folder, path, etag)
        # A file with both kinds of line end is saved as the text has them: only what was changed may differ.
        content = text.replace("\r\n", "\n").replace("\n", "\r\n") if before.newline == "\r\n" else text
        try:
            encoded = _encoded(content, before.encoding)
        except UnicodeEncodeError as error:
            sign = error.object[error.start]
            raise UserError(
                f"“{sign}” cannot be saved in {before.encoding}.", "Remove it, or convert the file."
            ) from error
        saved = await in_thread(folder.write, path, encoded, etag)
        if place.run is not None:
            await self.keep(place.run)
        return saved

    @act
    async def keep(self, run: RunId) -> bool:
        """Takes a snapshot of what a person changed in a run's workspace, so that a merge brings it home too.

        Returns whether everything in the workspace is safe now; a working run takes its own snapshots.
        """
        return await self._keeper.keep(run, start=True)

    async def make_folder(self, place: Place, path: str) -> None:
        """Makes one folder. Raises UserError when the name is taken."""
        await in_thread((await self.folder(place)).make_folder, path)

    async def rename(self, place: Place, path: str, new_path: str) -> None:
        """Moves a file or folder to a free name. Raises UserError."""
        await in_thread((await self.folder(place)).rename, path, new_path)

    async def remove(self, place: Place, path: str) -> None:
        """Deletes a file or an empty folder. Raises UserError."""
        await in_thread((await self.folder(place)).remove, path)

    async def folder(self, place: Place) -> Folder:
        """The place itself, for other doors."""
        if place.run is not None:
            return self._workspaces.files(place.run)
        async with self._database.reading() as connection:
            return Folder((await projects.get(connection, place.project)).path)


def _all(folder: Folder) -> tuple[str, ...]:
    found, todo = list[str](), [""]
    while todo and len(found) < FIND_FILES:
        path = todo.pop()
        try:
            for entry in _entries(folder, path):
                if entry.kind is EntryKind.FOLDER and entry.name not in SKIPPED_FOLDERS:
                    todo.append(entry.path)
                elif entry.kind is EntryKind.FILE:
                    found.append(entry.path)
        except (NotFound, UserError):
            # An agent removes folders meanwhile, and some cannot be read: the others are looked for all the same.
            if not path:
                raise
    return tuple(sorted(found[:FIND_FILES]))


def _entries(folder: Folder, path: str) -> Iterator[Entry]:
    for offset in itertools.count(0, PAGE):
        page = folder.list(path, offset)
        yield from page.entries
        if offset + PAGE >= page.total - page.left_out:
            return


def _before(folder: Folder, path: str, etag: str | None) -> FileText:
    """The file as it stands; a new one is UTF-8. Raises UserError when a new file's name is taken."""
    if etag is not None:
        return _decoded(path, folder.read(path))
    try:
        folder.stat(path)
    except NotFound:
        return FileText("", "utf-8", "\n", 0, "")
    raise UserError(f"{path} exists already.", "Choose another name, or open it.")


def _encoded(text: str, encoding: str) -> bytes:
    return _MARKS.get(encoding, b"") + text.encode(encoding.removesuffix("-sig"))


def _decoded(path: str, found: Content) -> FileText:
    content = found.data
    encoding = next((name for name, mark in _MARKS.items() if content.startswith(mark)), "utf-8")
    if encoding == "utf-8" and b"\0" in content[:8192]:
        raise UserError(f"{path} is a binary file.", "It cannot be shown as text.")
    try:
        unmarked = content.removeprefix(_MARKS.get(encoding, b""))
        text = unmarked.decode(encoding.removesuffix("-sig"), "strict" if found.whole else "ignore")
    except UnicodeDecodeError:
        # Latin-1 maps every byte to a character and back, so that what is not touched is saved as it was.
        encoding = "latin-1"
        text = content.decode(encoding)
    ends = text.count("\r\n")
    newline = "\r\n" if ends and ends == text.count("\n") else "\n"
    shown = text.replace("\r\n", "\n") if newline == "\r\n" else text
    return FileText(shown, encoding, newline, found.size, found.etag, not found.whole)
