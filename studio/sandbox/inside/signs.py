"""Signs: what tells one state of a file, folder or link from another, and a look at all those below a folder."""

from __future__ import annotations

import errno
import os
import re
import stat
from typing import Any, Dict, List, Set

SCRATCH = re.compile(r"\.studio-[0-9a-f]{16}\.tmp")
"""Files that are being written, by us or by what writes for a person: they are nobody's yet."""

_APART = ".git"
"""Git works on a clone where its sandbox is, and nowhere else."""

Sign = List[Any]
"""What tells one state of a path from another: kind (`f`, `d` or `l`), mode, size, mtime, ctime, where a link leads."""


def sign_of(known: os.stat_result, target: str = "") -> Sign | None:
    """The sign of what is neither a file, a folder nor a link is None."""
    mode = stat.S_IMODE(known.st_mode) & 0o777
    if stat.S_ISREG(known.st_mode):
        return ["f", mode, known.st_size, known.st_mtime_ns, known.st_ctime_ns, ""]
    if stat.S_ISDIR(known.st_mode):
        return ["d", mode, 0, 0, 0, ""]
    return ["l", 0, 0, 0, 0, target] if stat.S_ISLNK(known.st_mode) else None


class Found:
    """What lies below a folder: whether that is all, and of which paths nothing can be told though they are there."""

    def __init__(self) -> None:
        self.signs: Dict[str, Sign] = {}
        self.whole = True
        self.unread: List[str] = []


def scan(root: str, most: int) -> Found:
    """Looks at everything below `root` but its repository; no more than `most` are read. Raises OSError."""
    found = Found()
    todo = [""]
    while todo:
        folder = todo.pop()
        try:
            with os.scandir(os.path.join(root, folder)) as entries:
                for entry in entries:
                    path = f"{folder}/{entry.name}" if folder else entry.name
                    if path == _APART or SCRATCH.fullmatch(entry.name):
                        continue
                    if len(found.signs) + len(found.unread) >= most:
                        found.whole = False
                        return found
                    sign = _look_at(entry, path, found)
                    if sign is not None:
                        found.signs[path] = sign
                        if sign[0] == "d":
                            todo.append(path)
        except OSError as error:
            if not folder:
                raise
            _note_unread(folder, error, found)
    return found


def _look_at(entry: os.DirEntry[str], path: str, found: Found) -> Sign | None:
    try:
        known = entry.stat(follow_symlinks=False)
        return sign_of(known, os.readlink(entry.path) if stat.S_ISLNK(known.st_mode) else "")
    except OSError as error:
        _note_unread(path, error, found)
        return None


def _note_unread(path: str, error: OSError, found: Found) -> None:
    if error.errno not in (errno.ENOENT, errno.ENOTDIR):  # else it has gone meanwhile
        found.unread.append(path)


def is_below(path: str, unread: Set[str]) -> bool:
    """Whether that is one of those paths, or below one."""
    while path:
        if path in unread:
            return True
        path = path.rpartition("/")[0]
    return False
