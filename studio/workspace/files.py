"""Folder: the one safe way to read and write files that an agent may have made."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from studio.domain.errors import UserError
from studio.domain.files import Entry, EntryKind
from studio.workspace.clearing import Survey, clear, survey
from studio.workspace.names import shown
from studio.workspace.opening import GUARDS, opened_file, opened_folder, path_parts, sentences

READ_MAX = 10 << 20
"""How many bytes one `read` returns at most; larger files are read in windows."""

PAGE = 5000
"""How many entries one `list` returns."""

LISTED_MAX = 100_000
"""How many names of one folder are looked at; the rest are counted as left out."""


@dataclass(frozen=True, slots=True)
class Content:
    """A window of a file: `data` from `offset` on; `size` is the whole file's, `mode` its permission bits."""

    data: bytes
    offset: int
    size: int
    mode: int

    @property
    def whole(self) -> bool:
        """Whether `data` is the entire file."""
        return self.offset == 0 and len(self.data) == self.size

    @property
    def etag(self) -> str:
        """Names exactly this data."""
        return etag_of(self.data)


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a folder, folders first; `total` names are in it, `left_out` of them were not looked at.

    `waits`: nothing is there yet, because a run's files are laid out when its sandbox starts.
    """

    entries: tuple[Entry, ...]
    total: int
    left_out: int = 0
    waits: bool = False


def etag_of(data: bytes) -> str:
    """The name of exactly this content."""
    return hashlib.sha256(data).hexdigest()


class Folder:
    """The files below one folder, by relative paths with forward slashes.

    No path leads out of the folder, whatever an agent does to it meanwhile: each part is opened relative
    to the one before, and links are never followed. Only regular files are read and written. `owner`
    (user and group id) gets what is made here, when it is not the user of this process. All calls block.
    """

    def __init__(self, root: Path, owner: tuple[int, int] | None = None) -> None:
        self._root = root
        self._owner = owner

    def read(self, path: str, offset: int = 0, limit: int = READ_MAX) -> Content:
        """Up to `limit` bytes (never more than READ_MAX) from `offset` on. Raises NotFound, UserError."""
        with self._parent(path) as (parent, name), opened_file(name, parent, path) as file:
            known = _require_regular(os.fstat(file), path)
            data = _read_at(file, max(0, offset), min(limit, READ_MAX))
            return Content(data, offset, known.st_size, stat.S_IMODE(known.st_mode))

    def write(self, path: str, data: bytes, expected: str | None = None) -> str:
        """Replaces or makes a file, in whole or not at all, keeping its permission bits; returns the new etag.

        With `expected`, raises UserError when the file's content has another etag by now. Missing folders
        are not made: NotFound.
        """
        with self._parent(path) as (parent, name):
            known = _stat_or_none(name, parent, path)
            if known is not None:
                _require_regular(known, path)
            if expected is not None:
                self._require_unchanged(path, known, expected)
            self._replace(parent, name, data, known, path)
        return etag_of(data)

    def list(self, path: str = "", offset: int = 0) -> Listing:
        """One page of the folder `path` (`""` is the root). Raises NotFound, UserError."""
        with opened_folder(self._root, path_parts(path), path) as folder, sentences(path):
            found, left_out = _scan(folder)
            found.sort(key=lambda entry: (not entry.is_dir(follow_symlinks=False), entry.name.casefold(), entry.name))
            prefix = f"{path}/" if path else ""
            entries = tuple(_entries(found[offset : offset + PAGE], prefix))
        return Listing(entries, total=len(found) + left_out, left_out=left_out)

    def stat(self, path: str) -> Entry:
        """What one name is. Raises NotFound, UserError."""
        with self._parent(path) as (parent, name), sentences(path):
            return _entry(name, path, os.stat(name, dir_fd=parent, follow_symlinks=False))

    def make_folder(self, path: str) -> None:
        """Makes one folder in an existing one. Raises UserError when the name is taken."""
        with self._parent(path) as (parent, name), sentences(path):
            os.mkdir(name, 0o755, dir_fd=parent)
            like = os.fstat(parent)
            if os.geteuid() == 0:
                os.chown(name, *(self._owner or (like.st_uid, like.st_gid)), dir_fd=parent, follow_symlinks=False)

    def rename(self, path: str, new_path: str) -> None:
        """Moves a file, link or folder to a name that is free. Raises NotFound, UserError."""
        with self._parent(path) as (parent, name), self._parent(new_path) as (new_parent, new_name):
            if _stat_or_none(new_name, new_parent, new_path) is not None:
                raise UserError(f"{shown(new_path)} exists already.", "Choose another name.")
            with sentences(path):
                os.rename(name, new_name, src_dir_fd=parent, dst_dir_fd=new_parent)

    def remove(self, path: str) -> None:
        """Deletes a file, a link (not what it leads to) or an empty folder. Raises NotFound, UserError."""
        with self._parent(path) as (parent, name), sentences(path):
            if stat.S_ISDIR(os.stat(name, dir_fd=parent, follow_symlinks=False).st_mode):
                os.rmdir(name, dir_fd=parent)
            else:
                os.unlink(name, dir_fd=parent)

    def survey(self, path: str) -> Survey:
        """What lies below a folder. Raises NotFound, UserError for anything else and for too deep a tree."""
        with self._parent(path) as (parent, name), sentences(path):
            return survey(parent, name, path)

    def remove_tree(self, path: str) -> None:
        """Deletes a folder and all below it; what is left when it fails can be deleted again.

        Raises NotFound, UserError, and UserError before anything is deleted for too deep a tree.
        """
        with self._parent(path) as (parent, name), sentences(path):
            survey(parent, name, path)
            clear(parent, name)

    @contextlib.contextmanager
    def _parent(self, path: str) -> Iterator[tuple[int, str]]:
        """The open folder that holds `path`, and its name in there."""
        *folders, name = path_parts(path) or [""]
        if not name:
            raise UserError("A file needs a name.")
        with opened_folder(self._root, folders, path) as parent:
            yield parent, name

    def _require_unchanged(self, path: str, known: os.stat_result | None, expected: str) -> None:
        if known is None:
            raise UserError(f"{shown(path)} was deleted meanwhile.", "Save it under another name, or close it.")
        if known.st_size > READ_MAX or self.read(path).etag != expected:
            raise UserError(f"{shown(path)} was changed meanwhile.", "Reload it, or save your text under another name.")

    def _replace(self, parent: int, name: str, data: bytes, known: os.stat_result | None, path: str) -> None:
        scratch = f".studio-{secrets.token_hex(8)}.tmp"
        with sentences(path):
            file = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL | GUARDS, 0o600, dir_fd=parent)
            try:
                try:
                    _write_all(file, data)
                    self._give(file, parent, known)
                    os.fsync(file)
                finally:
                    os.close(file)
                os.rename(scratch, name, src_dir_fd=parent, dst_dir_fd=parent)
            except BaseException:
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(scratch, dir_fd=parent)
                raise
            os.fsync(parent)

    def _give(self, file: int, parent: int, known: os.stat_result | None) -> None:
        """Lets the new file have the owner and mode that a person expects; a set-user-id bit never survives."""
        like = known or os.fstat(parent)
        owner = self._owner or (like.st_uid, like.st_gid)
        mine = os.fstat(file)
        if os.geteuid() == 0 and owner != (mine.st_uid, mine.st_gid):
            os.fchown(file, *owner)
        os.fchmod(file, known.st_mode & 0o777 if known else 0o644)


def _stat_or_none(name: str, parent: int, path: str) -> os.stat_result | None:
    with sentences(path):
        try:
            return os.stat(name, dir_fd=parent, follow_symlinks=False)
        except FileNotFoundError:
            return None


def _require_regular(known: os.stat_result, path: str) -> os.stat_result:
    if stat.S_ISREG(known.st_mode):
        return known
    what = {EntryKind.FOLDER: "a folder", EntryKind.LINK: "a link"}.get(_kind(known.st_mode), "not an ordinary file")
    raise UserError(f"{shown(path)} is {what}.", "Only ordinary files are opened here.")


def _read_at(file: int, offset: int, limit: int) -> bytes:
    pieces: list[bytes] = []
    while limit > 0 and (piece := os.pread(file, min(limit, 1 << 20), offset)):
        pieces.append(piece)
        offset += len(piece)
        limit -= len(piece)
    return b"".join(pieces)


def _write_all(file: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(file, rest) :]


def _scan(folder: int) -> tuple[list[os.DirEntry[str]], int]:
    found: list[os.DirEntry[str]] = []
    left_out = 0
    with os.scandir(folder) as entries:
        for entry in entries:
            if len(found) < LISTED_MAX:
                found.append(entry)
            else:
                left_out += 1
    return found, left_out


def _entries(found: list[os.DirEntry[str]], prefix: str) -> Iterator[Entry]:
    for entry in found:
        # What was deleted since the folder was read is simply not there any more.
        with contextlib.suppress(FileNotFoundError):
            yield _entry(entry.name, prefix + entry.name, entry.stat(follow_symlinks=False))


def _entry(name: str, path: str, known: os.stat_result) -> Entry:
    kind = _kind(known.st_mode)
    return Entry(shown(name), path, kind, known.st_size if kind is EntryKind.FILE else 0)


def _kind(mode: int) -> EntryKind:
    if stat.S_ISREG(mode):
        return EntryKind.FILE
    if stat.S_ISDIR(mode):
        return EntryKind.FOLDER
    return EntryKind.LINK if stat.S_ISLNK(mode) else EntryKind.OTHER
