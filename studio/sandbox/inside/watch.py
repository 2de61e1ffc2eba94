"""A watch on a folder: whether anything below it was touched since the last look.

The kernel keeps the record (inotify), so that a command which changed no file costs no walk through the files.
"""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Iterator

MOST_FOLDERS = 2000
"""A tree with more folders is not watched: walking it and holding its watches would cost more than is saved."""

_SHARE = 32
"""One watch takes at most this part of what the kernel grants a user, as sandboxes share that with editors."""

_LIBC = ctypes.CDLL(None)
_EVENT = struct.Struct("iIII")
_BUFFER = 1 << 16
_MODIFIED, _ATTRIBUTES, _CLOSED, _MOVED, _CREATED, _DELETED = 0x2, 0x4, 0x8, 0xC0, 0x100, 0x200
_OVERFLOW, _IGNORED, _FOLDERS_ONLY, _NO_LINKS, _IS_FOLDER = 0x4000, 0x8000, 0x01000000, 0x02000000, 0x40000000
# A change through mapped memory is told of when the file is closed, which a writer's end does too.
_WANTED = _MODIFIED | _ATTRIBUTES | _CLOSED | _MOVED | _CREATED | _DELETED | _FOLDERS_ONLY | _NO_LINKS

_GIT_FOLDERS = (b"refs", b"info", b"reftable")
_GIT_UNWATCHED = (b"studio",)
_GIT_UNHEARD = (b"index", b"index.lock")


class Watch:
    """Knows whether files or folders were touched, of `.git` only what tells of commits and of ignored files.

    The agent's own index is left out, as a look with git writes it. Not seen is what a program that still runs
    writes through mapped memory, and a file that is written by another name it has in a folder not watched.
    """

    def __init__(self, root: str, most: int | None = None) -> None:
        self._root = os.fsencode(root)
        self._most = _granted() if most is None else most
        self._paths: dict[int, bytes] = {}
        self._fd = _LIBC.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC) if hasattr(_LIBC, "inotify_init1") else -1

    def touched(self) -> bool:
        """Whether anything may have been touched since the last call; True the first time, and when in doubt.

        A change is seen from the moment the program that made it goes on.
        """
        if self._fd < 0:
            return True
        touched = lost = not self._paths
        new = []
        for folder, mask, name in self._events():
            path = self._paths.get(folder, b"")
            if mask & _IGNORED:
                self._paths.pop(folder, None)
                continue
            touched = touched or not (path.endswith(b"/.git") and name in _GIT_UNHEARD)
            if mask & _OVERFLOW or (mask & _IS_FOLDER and mask & _MOVED):
                lost = True
            elif mask & _IS_FOLDER and mask & _CREATED and path and _wanted(path, name):
                new.append(os.path.join(path, name))
        if lost:
            # Which folder is where is no longer known: all are looked for again.
            self._paths.clear()
            new = [self._root]
        self._watch_below(new)
        return touched

    def close(self) -> None:
        """Gives the watches back; from now on nothing is certain. Safe to call twice."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def _events(self) -> Iterator[tuple[int, int, bytes]]:
        while True:
            try:
                data = os.read(self._fd, _BUFFER)
            except BlockingIOError:
                return
            at = 0
            while at < len(data):
                folder, mask, _, length = _EVENT.unpack_from(data, at)
                at += _EVENT.size + length
                yield folder, mask, data[at - length : at].rstrip(b"\0")

    def _watch_below(self, todo: list[bytes]) -> None:
        """Watches folders and all folders in them; those that are watched already stay so."""
        while todo:
            path = todo.pop()
            try:
                todo += self._watch(path)
            except OSError:
                if os.path.isdir(path):
                    self.close()
                    return
            if len(self._paths) > self._most:
                self.close()
                return

    def _watch(self, path: bytes) -> list[bytes]:
        """Watches one folder and gives those in it. Raises OSError."""
        # Watched first and listed then, so that what comes in between is not missed.
        number = _LIBC.inotify_add_watch(self._fd, path, _WANTED)
        if number < 0:
            raise OSError("not to be watched")
        self._paths[number] = path
        with os.scandir(path) as entries:
            return [each.path for each in entries if _wanted(path, each.name) and each.is_dir(follow_symlinks=False)]


def _wanted(folder: bytes, name: bytes) -> bool:
    """Whether a folder in a folder is to be watched too."""
    if folder.endswith(b"/.git"):
        return name in _GIT_FOLDERS
    return not (folder.endswith(b"/.git/refs") and name in _GIT_UNWATCHED)


def _granted() -> int:
    try:
        with open("/proc/sys/fs/inotify/max_user_watches") as source:
            return min(MOST_FOLDERS, int(source.read()) // _SHARE)
    except (OSError, ValueError):
        return 0
