"""Opening: a path's parts one after the other, each relative to the one before, never through a link."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator
from pathlib import Path

from studio.domain.errors import NotFound, OutsideError, UserError
from studio.workspace.names import shown

DEPTH_MAX = 64
"""How many parts a path may have."""

GUARDS = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
"""Flags of every open: no link is followed and no pipe waited for.

They are absent on Windows, where this room does not run but must be importable.
"""

_NAME_MAX = 255
_NO_FILE = (errno.ENXIO, errno.ENODEV, errno.EINVAL, errno.EOPNOTSUPP, errno.ENAMETOOLONG, errno.EBUSY, errno.ETXTBSY)
"""What the system says of sockets, devices without a driver, mount points, and names that a file system cannot hold."""
_FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_CLOEXEC", 0)


@contextlib.contextmanager
def opened_folder(root: Path, parts: list[str], path: str) -> Iterator[int]:
    """A descriptor of the folder that `parts` lead to below `root`; `path` is what errors call it.

    Raises NotFound, UserError.
    """
    with sentences(path):
        # The root is Studio's or the person's own choice, so a link is followed there.
        folder = os.open(root, _FOLDER)
    try:
        for part in parts:
            with sentences(path):
                following = os.open(part, _FOLDER | GUARDS, dir_fd=folder)
            os.close(folder)
            folder = following
        yield folder
    finally:
        os.close(folder)


def path_parts(path: str) -> list[str]:
    """The names along `path`. Raises UserError for anything that is not a plain relative path."""
    if not path:
        return []
    parts = path.split("/")
    plain = all(part not in ("", ".", "..") and "\0" not in part for part in parts)
    try:
        short = all(len(os.fsencode(part)) <= _NAME_MAX for part in parts)
    except UnicodeEncodeError:
        plain, short = False, True
    if not plain or not short or len(parts) > DEPTH_MAX:
        raise UserError(f"{shown(path[:200])!r} is not a path inside this folder.", "Name it relative to the folder.")
    return parts


@contextlib.contextmanager
def opened_file(name: str, parent: int, path: str) -> Iterator[int]:
    """A descriptor for reading; what it is must be asked of the descriptor. Raises NotFound, UserError."""
    with sentences(path):
        file = os.open(name, os.O_RDONLY | GUARDS, dir_fd=parent)
    try:
        yield file
    finally:
        os.close(file)


@contextlib.contextmanager
def sentences(path: str) -> Iterator[None]:
    """Turns the system's errors into sentences."""
    try:
        yield
    except OSError as error:
        name = shown(path) or "the folder"
        match error.errno:
            case errno.ENOENT if not path:
                raise NotFound("No files are laid out yet.", "They are when the run's sandbox starts.") from error
            case errno.ENOENT:
                raise NotFound(f"There is no {name}.") from error
            case errno.ELOOP | errno.ENOTDIR:
                raise UserError(f"{name} leads through a link or a file.", "Links are not followed here.") from error
            case errno.EISDIR:
                raise UserError(f"{name} is a folder.") from error
            case errno.EEXIST | errno.ENOTEMPTY:
                raise UserError(f"{name} exists already or is not empty.", "Choose another name.") from error
            case errno.EACCES | errno.EPERM | errno.EROFS:
                raise UserError(f"{name} may not be opened: {error.strerror}.", "Check its permissions.") from error
            case number if number in _NO_FILE:
                raise UserError(f"{name} cannot be used as a file: {error.strerror}.") from error
            case _:
                raise OutsideError(f"{name} could not be used: {error.strerror}.") from error
