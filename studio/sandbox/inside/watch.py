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
_GIT_UNWATCHED = (b"/.git/refs/studio",)
_GIT_UNHEARD = (b"index", b"index.lock")


class Watch:
    """Knows whether files or folders were touched, of `.git` only what tells of commits and of ignored files.

    The agent's own index is left out, as a look with git writes it. Not seen is what a program that still runs
    writes through mapped memory, and a file that is written by another name it has in a folder not watched.
    """

    def __init__(self, root: str, most: int | None = None) -> None:
        self._root = os.fsencode(root)
        self._most = _granted() if most is None else most
        self._git: set[int] = set()
        self._began = False
        self._fd = _LIBC.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC) if hasattr(_LIBC, "inotify_init1") else -1

    def touched(self) -> bool:
        """Whether anything may have been touched since the last call; True the first time, and when in doubt.

        A change is seen from the moment the program that made it goes on.
        """
        if self._fd < 0:
            return True
        touched = folders_changed = not self._began
        for folder, mask, name in self._events():
            if mask & (_OVERFLOW | _IS_FOLDER):
                touched = folders_changed = True
            elif not mask & _IGNORED and not (folder in self._git and name in _GIT_UNHEARD):
                touched = True
        if folders_changed:
            self._watch_all()
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

    def _watch_all(self) -> None:
        """Watches every folder there is; those that are watched already stay so."""
        self._began = True
        self._git.clear()
        todo, found = [self._root], 0
        while todo:
            path = todo.pop()
            found += 1
            if found > self._most:
                self.close()
                return
            try:
                todo += self._watch(path)
            except OSError:
                if os.path.isdir(path):
                    self.close()
                    return

    def _watch(self, path: bytes) -> list[bytes]:
        """Watches one folder and gives those in it. Raises OSError."""
        # Watched first and listed then, so that what comes in between is not missed.
        number = _LIBC.inotify_add_watch(self._fd, path, _WANTED)
        if number < 0:
            raise OSError("not to be watched")
        if path.endswith(b"/.git"):
            self._git.add(number)
        return list(_folders(path))


def _folders(path: bytes) -> Iterator[bytes]:
    """The folders in a folder that are to be watched too."""
    inside_git = path.endswith(b"/.git")
    with os.scandir(path) as entries:
        for entry in entries:
            wanted = not inside_git or entry.name in _GIT_FOLDERS
            if wanted and entry.is_dir(follow_symlinks=False) and not entry.path.endswith(_GIT_UNWATCHED):
                yield entry.path


def _granted() -> int:
    try:
        with open("/proc/sys/fs/inotify/max_user_watches") as source:
            return min(MOST_FOLDERS, int(source.read()) // _SHARE)
    except (OSError, ValueError):
        return 0
