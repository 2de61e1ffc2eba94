"""Messages between a program inside and who asks it, on its input and output.

They come in pieces: four bytes of length and so many bytes, ended by an empty piece. What is told of many paths comes
in pages, each a message that is read in no time.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any, Dict

PIECE = 1 << 16
PAGE = 1 << 15
"""After about so many bytes another page begins."""


class Line:
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


class Pages:
    """What is being said, a page at a time."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._begin()

    def room_for(self, *words: str) -> Dict[str, Any]:
        """The page that these are put on."""
        if self._size >= PAGE:
            self._say({"over": False})
            self._begin()
        self._size += 64 + sum(map(len, words))
        return self._page

    def end(self, more: Dict[str, bool]) -> None:
        """Says the last page, with this in it."""
        self._say({"over": True, **more})

    def _begin(self) -> None:
        self._size = 0
        self._page: Dict[str, Any] = {"changed": {}, "gone": [], "unread": []}

    def _say(self, more: Dict[str, bool]) -> None:
        self._line.write(json.dumps({**self._page, **more}).encode())
        self._line.end()


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
