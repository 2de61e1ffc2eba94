"""Carrying, the inner half: tells what was changed below a folder, gives files out and takes files in.

It is told what to do on its input, in messages of pieces: four bytes of length and so many bytes, ended by an empty
piece. Files travel in a tar whose members are named by their place in the list that was asked for. What it tells of
many paths comes in pages, each a message that is read in no time.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import stat
import sys
import tarfile
from typing import Any, Dict, List

from studio.sandbox.inside.signs import Found, Sign, is_below, scan, sign_of
from studio.sandbox.inside.watch import Watch

PIECE = 1 << 16
PAGE = 1 << 15
"""After about so many bytes another page begins."""


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


class _Line:
    """Messages on this process's input and output."""

    def __init__(self) -> None:
        self._left = 0
        self._over = True

    def message(self) -> bytes:
        """A whole message."""
        self.begin()
        data = b""
        while piece := self.read(PIECE):
            data += piece
        return data

    def begin(self) -> None:
        """Another message comes."""
        self._left, self._over = 0, False

    def read(self, size: int) -> bytes:
        """Up to so many bytes of the message; nothing at its end."""
        if not self._left and not self._over:
            self._left = int.from_bytes(_exactly(4), "big")
            self._over = not self._left
        if self._over:
            return b""
        data = _exactly(min(size, self._left))
        self._left -= len(data)
        return data

    def write(self, data: bytes) -> int:
        """Says a part of a message."""
        view = memoryview(data)
        for at in range(0, len(view), PIECE):
            piece = view[at : at + PIECE]
            _say(len(piece).to_bytes(4, "big") + piece)
        return len(data)

    def end(self) -> None:
        """Ends the message that is being said."""
        _say(bytes(4))


class _Pages:
    """What is being said, a page at a time."""

    def __init__(self, line: _Line) -> None:
        self._line = line
        self._begin()

    def room_for(self, *words: str) -> Dict[str, Any]:
        """The page that these are put on."""
        if self._size >= PAGE:
            self._say(over=False, whole=True)
            self._begin()
        self._size += 64 + sum(map(len, words))
        return self._page

    def end(self, whole: bool) -> None:
        """Says the last page."""
        self._say(over=True, whole=whole)

    def _begin(self) -> None:
        self._size = 0
        self._page: Dict[str, Any] = {"changed": {}, "gone": [], "unread": []}

    def _say(self, over: bool, whole: bool) -> None:
        self._line.write(json.dumps({**self._page, "over": over, "whole": whole}).encode())
        self._line.end()


class Carrying:
    """What lies below one folder, and what was told of it."""

    def __init__(self, root: str, most: int) -> None:
        self._root = root
        self._most = most
        self._line = _Line()
        self._watch = Watch(root)
        self._told: Dict[str, Sign] = {}
        self._found = Found()

    def serve(self) -> None:
        """Does what it is told until its input ends."""
        while True:
            asked = json.loads(self._line.message())
            if asked["do"] == "look":
                self._look()
            elif asked["do"] == "give":
                self._give(asked["paths"])
            else:
                self._tell(self._take(asked), [], {})

    def _tell(self, changed: Dict[str, Sign], gone: List[str], more: Dict[str, Any]) -> None:
        """Says this in pages; `more` is in the last one."""
        pages = _Pages(self._line)
        for path, sign in changed.items():
            pages.room_for(path, sign[5])["changed"][path] = sign
        for path in gone:
            pages.room_for(path)["gone"].append(path)
        for path in more.get("unread", ()):
            pages.room_for(path)["unread"].append(path)
        pages.end(more.get("whole", True))

    def _look(self) -> None:
        if not self._watch.touched():
            self._tell({}, [], self._more())
            return
        self._found = found = scan(self._root, self._most)
        unread = set(found.unread)
        kept = {path: sign for path, sign in self._told.items() if unread and is_below(path, unread)}
        now = {**kept, **found.signs}
        changed = {path: sign for path, sign in now.items() if self._told.get(path) != sign}
        gone = [path for path in self._told if path not in now]
        self._told = now
        self._tell(changed, gone, self._more())

    def _more(self) -> Dict[str, Any]:
        return {"whole": self._found.whole, "unread": self._found.unread}

    def _give(self, paths: List[str]) -> None:
        with tarfile.open(fileobj=self._line, mode="w|", format=tarfile.PAX_FORMAT) as archive:  # type: ignore[call-overload]
            for number, path in enumerate(paths):
                try:
                    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
                    file = os.open(os.path.join(self._root, path), flags)
                except OSError:
                    continue
                try:
                    sign = add_file(archive, number, file)
                finally:
                    os.close(file)
                if sign is not None:
                    self._told[path] = sign
        self._line.end()

    def _take(self, asked: Dict[str, Any]) -> Dict[str, Any]:
        """Makes what is asked for; what cannot be made is not in the answer."""
        for path in sorted(asked["gone"], reverse=True):
            self._remove(os.path.join(self._root, path))
            self._told.pop(path, None)
        told: Dict[str, Sign] = {}
        for path, sign in asked["made"].items():
            self._note(path, told, self._make, sign)
        self._line.begin()
        with tarfile.open(fileobj=self._line, mode="r|") as archive:  # type: ignore[call-overload]
            for member in archive:
                path, mode, mtime = asked["files"][int(member.name)]
                data = archive.extractfile(member)
                if data is not None:
                    self._note(path, told, self._fill, mode, mtime, data)
        while self._line.read(PIECE):
            pass
        return told

    def _note(self, path: str, told: Dict[str, Sign], make: Any, *how: Any) -> None:
        place = os.path.join(self._root, path)
        try:
            make(place, *how)
            known = os.lstat(place)
            sign = sign_of(known, os.readlink(place) if stat.S_ISLNK(known.st_mode) else "")
        except OSError:
            return
        if sign is not None:
            told[path] = self._told[path] = sign

    def _make(self, place: str, sign: Sign) -> None:
        if sign[0] == "d":
            if os.path.islink(place) or not os.path.isdir(place):
                self._remove(place)
                os.mkdir(place)
            os.chmod(place, sign[1])
        else:
            self._remove(place)
            os.symlink(sign[5], place)

    def _fill(self, place: str, mode: int, mtime: int, data: Any) -> None:
        scratch = os.path.join(os.path.dirname(place), f".studio-{secrets.token_hex(8)}.tmp")
        try:
            with open(scratch, "xb") as file:
                shutil.copyfileobj(data, file, PIECE)
                os.fchmod(file.fileno(), mode)
            os.utime(scratch, ns=(mtime, mtime))
            if os.path.isdir(place) and not os.path.islink(place):
                shutil.rmtree(place)
            os.rename(scratch, place)
        except BaseException:
            self._remove(scratch)
            raise

    def _remove(self, place: str) -> None:
        try:
            if os.path.isdir(place) and not os.path.islink(place):
                os.rmdir(place)
            else:
                os.unlink(place)
        except OSError:
            pass  # it is not there, or somebody has put something in it


def _exactly(size: int) -> bytes:
    data = b""
    while len(data) < size:
        piece = os.read(0, size - len(data))
        if not piece:
            sys.exit(0)
        data += piece
    return data


def _say(data: bytes) -> None:
    while data:
        data = data[os.write(1, data) :]


def serve(options: Dict[str, Any]) -> None:
    """Serves one folder for as long as somebody asks."""
    os.umask(0o022)
    Carrying(options["root"], options["most"]).serve()
