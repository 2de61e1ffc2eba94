"""The host's half of carried files: a folder read and written by what a sandbox says, which nobody has to trust."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import shutil
import stat
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import IO

from studio.domain.errors import EngineError
from studio.sandbox.carrying.said import sign_in
from studio.sandbox.inside.carry import add_file
from studio.sandbox.inside.signs import Found, Sign, scan, sign_of

_FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_CLOEXEC", 0)
_GUARDS = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)

Wanted = tuple[str, Sign | None, int]
"""A path, what stands there here, and how many bytes it was told to have."""


class Tree:
    """What lies below one folder of this machine. No path leads out of it and no link is followed. All calls block.

    `owner` (user and group id) gets what is made here, when it is not the user of this process.
    """

    def __init__(self, root: Path, owner: tuple[int, int] | None, most: int) -> None:
        self.root = root
        self._owner = owner if os.geteuid() == 0 else None
        self._most = most

    def which(self) -> tuple[int, int]:
        """What tells this folder from another one in its place. Raises EngineError when there is none."""
        try:
            known = os.stat(self.root)
        except OSError as error:
            raise _unreadable(self.root, error) from error
        return known.st_dev, known.st_ino

    def scan(self) -> Found:
        """The sign of everything in it, but for its repository, and what cannot be read. Raises EngineError."""
        try:
            found = scan(str(self.root), self._most)
        except OSError as error:
            raise _unreadable(self.root, error) from error
        if not found.whole:
            raise EngineError(
                f"The folder {self.root} holds more than {self._most:,} files, too many to be copied to the container "
                "engine's machine.",
                "Delete what is not needed there, or use an engine on this machine.",
            )
        return found

    def pack(self, paths: Sequence[str], target: IO[bytes]) -> dict[str, Sign]:
        """Writes those of these files that can be read into a tar, each named by its place; returns their signs."""
        packed: dict[str, Sign] = {}
        with tarfile.open(fileobj=target, mode="w|", format=tarfile.PAX_FORMAT) as archive:
            for number, path in enumerate(paths):
                if (file := self._opened(path)) is None:
                    continue
                try:
                    sign = add_file(archive, number, file)
                finally:
                    os.close(file)
                if sign is not None:
                    packed[path] = sign
        return packed

    def _opened(self, path: str) -> int | None:
        with contextlib.suppress(OSError), self._parent(path) as (parent, name):
            return os.open(name, os.O_RDONLY | _GUARDS, dir_fd=parent)
        return None

    def unpack(
        self,
        source: IO[bytes],
        wanted: Sequence[Wanted],
        largest: int,
        spare: int,
        beside: Mapping[str, str] = MappingProxyType({}),
    ) -> dict[str, Sign]:
        """Takes files out of a tar that has them by their place in `wanted`; returns theirs by path.

        A file that was changed here meanwhile is left alone, and so is whatever was not asked for. They may have grown
        since they were told of, by `spare` bytes in all. What gives way at a path of `beside` is moved to where that
        says. Raises ValueError for what is no tar.
        """
        taken: dict[str, Sign] = {}
        try:
            with tarfile.open(fileobj=source, mode="r|") as archive:
                for member in archive:
                    place = int(member.name) if member.name.isascii() and member.name.isdecimal() else -1
                    if not (0 <= place < len(wanted)) or not _is_plain_file(member) or member.size > largest:
                        continue
                    path, mine, told = wanted[place]
                    theirs = sign_in(member.pax_headers.get("STUDIO.sign", ""))
                    data = archive.extractfile(member)
                    if theirs is None or theirs[:1] + theirs[2:3] != ["f", member.size] or data is None:
                        continue
                    grown = max(0, member.size - told)
                    if path in taken or grown > spare:
                        continue
                    if self._fill(path, mine, theirs, data, beside.get(path, "")):
                        spare -= grown
                        taken[path] = theirs
        except (tarfile.TarError, UnicodeError, OverflowError) as error:
            raise ValueError(str(error)) from error
        return taken

    def make(self, path: str, sign: Sign, beside: str = "") -> bool:
        """Makes a folder or a link in place of what is there, or was moved to `beside`; whether it is there now."""
        try:
            with self._parent(path) as (parent, name):
                found = _stat(name, parent)
                if sign[0] == "d":
                    if found is None or not stat.S_ISDIR(found.st_mode):
                        self._clear(name, parent, beside)
                        os.mkdir(name, 0o755, dir_fd=parent)
                        self._give(name, parent)
                    os.chmod(name, sign[1] | 0o700, dir_fd=parent)
                else:
                    self._clear(name, parent, beside)
                    os.symlink(sign[5], name, dir_fd=parent)
                    self._give(name, parent)
        except OSError as error:
            _require_room(error)
            return False
        return True

    def remove(self, path: str) -> None:
        """Deletes a file, a link, or a folder that is empty; what cannot be deleted stays."""
        with contextlib.suppress(OSError), self._parent(path) as (parent, name):
            found = os.stat(name, dir_fd=parent, follow_symlinks=False)
            if stat.S_ISDIR(found.st_mode):
                os.rmdir(name, dir_fd=parent)
            else:
                os.unlink(name, dir_fd=parent)

    def sign(self, path: str) -> Sign | None:
        """The sign of one path; None where nothing is."""
        try:
            with self._parent(path) as (parent, name):
                found = os.stat(name, dir_fd=parent, follow_symlinks=False)
                target = os.readlink(name, dir_fd=parent) if stat.S_ISLNK(found.st_mode) else ""
                return sign_of(found, target)
        except OSError:
            return None

    def _fill(self, path: str, mine: Sign | None, sign: Sign, data: IO[bytes], beside: str) -> bool:
        """Puts a file in the place of `mine`, unless somebody has saved something there meanwhile."""
        if self.sign(path) != mine:
            return False
        scratch = f".studio-{secrets.token_hex(8)}.tmp"
        try:
            with self._parent(path) as (parent, name):
                flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _GUARDS
                try:
                    with os.fdopen(os.open(scratch, flags, 0o600, dir_fd=parent), "wb") as file:
                        shutil.copyfileobj(data, file, 1 << 20)
                        self._give(scratch, parent)
                        os.fchmod(file.fileno(), sign[1])
                    os.utime(scratch, ns=(sign[3], sign[3]), dir_fd=parent, follow_symlinks=False)
                    if self.sign(path) != mine:
                        raise FileExistsError(path)
                    self._clear(name, parent, beside, scratch)
                    os.rename(scratch, name, src_dir_fd=parent, dst_dir_fd=parent)
                except BaseException:
                    with contextlib.suppress(OSError):
                        os.unlink(scratch, dir_fd=parent)
                    raise
        except OSError as error:
            _require_room(error)
            return False
        return True

    def _clear(self, name: str, parent: int, beside: str, scratch: str = "") -> None:
        """Takes away what has that name, or moves it to the path `beside`. Raises OSError.

        A file is left for `scratch` to be laid over, and is not worth keeping when it holds the same.
        """
        found = _stat(name, parent)
        if found is None:
            return
        if stat.S_ISDIR(found.st_mode):
            try:
                os.rmdir(name, dir_fd=parent)
                return
            except OSError:
                if not beside:
                    raise
        elif not beside or (scratch and _hold_the_same(scratch, name, parent)):
            if not scratch:
                os.unlink(name, dir_fd=parent)
            return
        aside = beside.rpartition("/")[2]
        if _stat(aside, parent) is not None:
            raise FileExistsError(beside)
        os.rename(name, aside, src_dir_fd=parent, dst_dir_fd=parent)

    def _give(self, name: str, parent: int) -> None:
        if self._owner is not None:
            os.chown(name, *self._owner, dir_fd=parent, follow_symlinks=False)

    @contextlib.contextmanager
    def _parent(self, path: str) -> Iterator[tuple[int, str]]:
        """The open folder that holds `path`, and its name in there. Raises OSError."""
        *folders, name = path.split("/")
        folder = os.open(self.root, _FOLDER)
        try:
            for part in folders:
                following = os.open(part, _FOLDER | _GUARDS, dir_fd=folder)
                os.close(folder)
                folder = following
            yield folder, name
        finally:
            os.close(folder)


def _unreadable(root: Path, error: OSError) -> EngineError:
    return EngineError(f"The folder {root}, from which files are carried, cannot be read: {error.strerror}.")


def _stat(name: str, parent: int) -> os.stat_result | None:
    try:
        return os.stat(name, dir_fd=parent, follow_symlinks=False)
    except FileNotFoundError:
        return None


def _hold_the_same(one: str, other: str, parent: int) -> bool:
    """Whether two names are of files with the same bytes."""
    try:
        with _read(one, parent) as mine, _read(other, parent) as theirs:
            while (piece := mine.read(1 << 20)) == theirs.read(1 << 20):
                if not piece:
                    return True
    except OSError:
        pass  # what cannot be read is kept
    return False


def _read(name: str, parent: int) -> IO[bytes]:
    return os.fdopen(os.open(name, os.O_RDONLY | _GUARDS, dir_fd=parent), "rb")


def _is_plain_file(member: tarfile.TarInfo) -> bool:
    """Whether the archive holds every byte of it: of a sparse file there may be a few, and gigabytes of holes."""
    return member.type in (tarfile.REGTYPE, tarfile.AREGTYPE) and not member.issparse()


def _require_room(error: OSError) -> None:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        raise EngineError(
            "This machine's disk is full, so the files of the sandbox cannot be brought home.",
            "Make room, and send the message again.",
            retryable=True,
        ) from error
