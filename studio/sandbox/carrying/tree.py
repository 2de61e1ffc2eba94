"""The host's half of carried files: a folder read and written by what a sandbox says, which nobody has to trust."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import secrets
import shutil
import stat
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

from studio.domain.errors import EngineError
from studio.sandbox.inside.carry import add_file
from studio.sandbox.inside.signs import SCRATCH, Found, Sign, scan, sign_of

DEPTH_MAX = 64
NAME_MAX = 255
_FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_CLOEXEC", 0)
_GUARDS = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
_LINK_MAX = 4096
_PATH_MAX = 4096
_SIGN_MAX = 1 << 15


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

    def unpack(self, source: IO[bytes], wanted: Sequence[Wanted], largest: int, spare: int) -> dict[str, Sign]:
        """Takes files out of a tar that has them by their place in `wanted`; returns theirs by path.

        A file that was changed here meanwhile is left alone, and so is whatever was not asked for. They may have grown
        since they were told of, by `spare` bytes in all. Raises ValueError for what is no tar.
        """
        taken: dict[str, Sign] = {}
        try:
            with tarfile.open(fileobj=source, mode="r|") as archive:
                for member in archive:
                    place = int(member.name) if member.name.isascii() and member.name.isdecimal() else -1
                    if not (0 <= place < len(wanted)) or not _is_plain_file(member) or member.size > largest:
                        continue
                    path, mine, told = wanted[place]
                    theirs = read_sign(_json(member.pax_headers.get("STUDIO.sign", "")))
                    data = archive.extractfile(member)
                    if theirs is None or theirs[:1] + theirs[2:3] != ["f", member.size] or data is None:
                        continue
                    grown = max(0, member.size - told)
                    if path not in taken and grown <= spare and self._fill(path, mine, theirs, data):
                        spare -= grown
                        taken[path] = theirs
        except (tarfile.TarError, UnicodeError, OverflowError) as error:
            raise ValueError(str(error)) from error
        return taken

    def make(self, path: str, sign: Sign) -> bool:
        """Makes a folder or a link in place of what is there; whether it is there now."""
        try:
            with self._parent(path) as (parent, name):
                found = _stat(name, parent)
                if sign[0] == "d":
                    if found is None or not stat.S_ISDIR(found.st_mode):
                        self._clear(name, parent, found)
                        os.mkdir(name, 0o755, dir_fd=parent)
                        self._give(name, parent)
                    os.chmod(name, sign[1] | 0o700, dir_fd=parent)
                else:
                    self._clear(name, parent, found)
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

    def _fill(self, path: str, mine: Sign | None, sign: Sign, data: IO[bytes]) -> bool:
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
                    if mine is not None and mine[0] == "d":
                        os.rmdir(name, dir_fd=parent)
                    os.rename(scratch, name, src_dir_fd=parent, dst_dir_fd=parent)
                except BaseException:
                    with contextlib.suppress(OSError):
                        os.unlink(scratch, dir_fd=parent)
                    raise
        except OSError as error:
            _require_room(error)
            return False
        return True

    def _clear(self, name: str, parent: int, found: os.stat_result | None) -> None:
        if found is None:
            return
        if stat.S_ISDIR(found.st_mode):
            os.rmdir(name, dir_fd=parent)
        else:
            os.unlink(name, dir_fd=parent)

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


def read_signs(value: object, most: int) -> dict[str, Sign]:
    """What a sandbox said of paths, without any that cannot be a workspace's. Raises ValueError for no signs."""
    if not isinstance(value, Mapping) or len(value) > most:
        raise ValueError("it does not say what lies in its workspace")
    found = {path: read_sign(sign) for path, sign in value.items() if is_plain(path)}
    return {path: sign for path, sign in found.items() if sign is not None}


def read_sign(value: object) -> Sign | None:
    """A sign, if that is one."""
    if not isinstance(value, list) or len(value) != 6 or value[0] not in ("f", "d", "l"):
        return None
    kind, mode, *numbers, target = value
    if not all(isinstance(number, int) and 0 <= number < 1 << 63 for number in (mode, *numbers)):
        return None
    if not isinstance(target, str) or len(target) > _LINK_MAX or "\0" in target or (kind == "l" and not target):
        return None
    return [kind, mode & 0o777, *numbers, target]


def is_plain(path: object) -> bool:
    """Whether that names something below a folder, its repository left out."""
    if not isinstance(path, str):
        return False
    parts = path.split("/")
    try:
        short = len(path) <= _PATH_MAX and all(len(os.fsencode(part)) <= NAME_MAX for part in parts)
    except UnicodeEncodeError:
        return False
    plain = all(part not in ("", ".", "..") and "\0" not in part for part in parts)
    return short and plain and len(parts) <= DEPTH_MAX and parts[0] != ".git" and not SCRATCH.fullmatch(parts[-1])


def _stat(name: str, parent: int) -> os.stat_result | None:
    try:
        return os.stat(name, dir_fd=parent, follow_symlinks=False)
    except FileNotFoundError:
        return None


def _json(text: str) -> object:
    try:
        return json.loads(text) if len(text) <= _SIGN_MAX else None
    except (ValueError, RecursionError):
        return None


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
