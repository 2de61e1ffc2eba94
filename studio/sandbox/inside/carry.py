"""Carrying, the inner half: tells what was changed below a folder, gives files out and takes files in.

It is told what to do in messages on its input. Files travel in a tar whose members are named by their place in the list
that was asked for.
"""

from __future__ import annotations

import contextlib
import errno
import filecmp
import json
import os
import secrets
import shutil
import stat
import tarfile
from typing import Any, Dict, List

from studio.sandbox.inside.pages import PIECE, Line, Pages
from studio.sandbox.inside.signs import Found, Sign, is_below, scan, sign_of
from studio.sandbox.inside.watch import Watch


class _Padded:
    """A file that has exactly so many bytes, whatever is done to it while it is read."""

    def __init__(self, file: int) -> None:
        self._file = file

    def read(self, size: int) -> bytes:
        """The next bytes; zeros where the file has become shorter."""
        data = b""
        while len(data) < size:
            piece = os.read(self._file, size - len(data))
            data += piece or bytes(size - len(data))
        return data


def add_file(archive: tarfile.TarFile, number: int, file: int) -> Sign | None:
    """Adds what an open file holds as member `number`, and returns its sign; None, and nothing added, for no file."""
    sign = sign_of(os.fstat(file))
    if sign is None or sign[0] != "f":
        return None
    member = tarfile.TarInfo(str(number))
    member.size = sign[2]
    member.pax_headers = {"STUDIO.sign": json.dumps(sign)}
    archive.addfile(member, _Padded(file))  # type: ignore[arg-type]
    return sign


class Carrying:
    """What lies below one folder, and what was told of it."""

    def __init__(self, root: str, most: int) -> None:
        self._root = root
        self._most = most
        self._line = Line()
        self._watch = Watch(root)
        self._told: Dict[str, Sign] = {}
        self._found = Found()
        self._is_in_doubt = False
        self._is_full = False

    def serve(self) -> None:
        """Does what it is told until its input ends."""
        while True:
            asked = json.loads(self._line.message())
            if asked["do"] == "look":
                self._look()
            elif asked["do"] == "give":
                self._give(asked["paths"])
            else:
                self._is_full = False
                self._tell(self._take(asked), [], [], {"full": self._is_full})

    def _tell(self, changed: Dict[str, Sign], gone: List[str], unread: List[str], more: Dict[str, bool]) -> None:
        """Says this in pages; `more` is in the last one."""
        pages = Pages(self._line)
        for path, sign in changed.items():
            pages.room_for(path, sign[5])["changed"][path] = sign
        for path in gone:
            pages.room_for(path)["gone"].append(path)
        for path in unread:
            pages.room_for(path)["unread"].append(path)
        pages.end(more)

    def _look(self) -> None:
        if not self._watch.touched() and not self._is_in_doubt:
            self._tell({}, [], self._found.unread, {"whole": self._found.whole})
            return
        self._is_in_doubt = False
        self._found = found = scan(self._root, self._most)
        unread = set(found.unread)
        kept = {path: sign for path, sign in self._told.items() if unread and is_below(path, unread)}
        now = {**kept, **found.signs}
        changed = {path: sign for path, sign in now.items() if self._told.get(path) != sign}
        gone = [path for path in self._told if path not in now]
        self._told = now
        self._tell(changed, gone, found.unread, {"whole": found.whole})

    def _give(self, paths: List[str]) -> None:
        with tarfile.open(fileobj=self._line, mode="w|", format=tarfile.PAX_FORMAT) as archive:  # type: ignore[call-overload]
            for number, path in enumerate(paths):
                try:
                    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
                    file = os.open(os.path.join(self._root, path), flags)
                except OSError:
                    continue
                try:
                    add_file(archive, number, file)
                finally:
                    os.close(file)
        self._line.end()

    def _take(self, asked: Dict[str, Any]) -> Dict[str, Any]:
        """Makes what is asked for; what cannot be made, or was changed since it was told of, is not in the answer."""
        for path in sorted(asked["gone"], reverse=True):
            try:
                self._make_room(path, "")
            except OSError:  # it is not there, or somebody has put something in it
                self._is_in_doubt = True
            self._told.pop(path, None)
        told: Dict[str, Sign] = {}
        beside = asked["beside"]
        for path, sign in asked["made"].items():
            self._note(path, told, self._make, beside.get(path, ""), sign)
        self._line.begin()
        with tarfile.open(fileobj=self._line, mode="r|") as archive:  # type: ignore[call-overload]
            for member in archive:
                path, mode, mtime = asked["files"][int(member.name)]
                data = archive.extractfile(member)
                if data is not None:
                    self._note(path, told, self._fill, beside.get(path, ""), mode, mtime, data)
        while self._line.read(PIECE):
            pass
        return told

    def _note(self, path: str, told: Dict[str, Sign], make: Any, *how: Any) -> None:
        place = os.path.join(self._root, path)
        try:
            make(path, place, *how)
        except OSError as error:
            self._is_in_doubt = True
            self._is_full = self._is_full or error.errno in (errno.ENOSPC, errno.EDQUOT)
            return
        sign = _sign(place)
        if sign is not None:
            told[path] = self._told[path] = sign

    def _make(self, path: str, place: str, beside: str, sign: Sign) -> None:
        if sign[0] == "d":
            if os.path.islink(place) or not os.path.isdir(place):
                self._make_room(path, beside)
                os.mkdir(place)
            os.chmod(place, sign[1])
        else:
            self._make_room(path, beside)
            os.symlink(sign[5], place)

    def _fill(self, path: str, place: str, beside: str, mode: int, mtime: int, data: Any) -> None:
        scratch = os.path.join(os.path.dirname(place), f".studio-{secrets.token_hex(8)}.tmp")
        try:
            with open(scratch, "xb") as file:
                shutil.copyfileobj(data, file, PIECE)
                os.fchmod(file.fileno(), mode)
            os.utime(scratch, ns=(mtime, mtime))
            self._make_room(path, beside, scratch)
            os.rename(scratch, place)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(scratch)
            raise

    def _make_room(self, path: str, beside: str, scratch: str = "") -> None:
        """Takes away what is at a path, or moves it to `beside`. Raises OSError, also when that was changed meanwhile.

        A file is left for `scratch` to be laid over, and is not worth keeping when it holds the same.
        """
        place = os.path.join(self._root, path)
        if _sign(place) != self._told.get(path):
            raise FileExistsError(path)
        if os.path.isdir(place) and not os.path.islink(place):
            try:
                os.rmdir(place)
                return
            except OSError:
                if not beside:
                    raise
        elif not os.path.lexists(place):
            return
        elif not beside or (scratch and not os.path.islink(place) and filecmp.cmp(scratch, place, shallow=False)):
            if not scratch:
                os.unlink(place)
            return
        aside = os.path.join(self._root, beside)
        if os.path.lexists(aside):
            raise FileExistsError(beside)
        os.rename(place, aside)


def _sign(place: str) -> Sign | None:
    try:
        known = os.lstat(place)
        return sign_of(known, os.readlink(place) if stat.S_ISLNK(known.st_mode) else "")
    except OSError:
        return None


def serve(options: Dict[str, Any]) -> None:
    """Serves one folder for as long as somebody asks."""
    os.umask(0o022)
    Carrying(options["root"], options["most"]).serve()
