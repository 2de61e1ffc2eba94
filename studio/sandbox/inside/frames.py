"""The frames that host and sandbox exchange: kind, channel, payload.

Spoken by both sides, and run inside any image: standard library only, Python 3.9 and newer.
"""

from __future__ import annotations

import struct

READY, OUT, ERR, LIVE, TAIL, DONE = 1, 2, 3, 4, 5, 6
SHELL, PROGRAM, TERMINAL, OPEN, PORTS, BEHIND, LISTEN, ACCEPT = 20, 21, 22, 23, 24, 25, 26, 27
DATA, END, CREDIT, STOP, RESIZE = 40, 41, 42, 43, 44

MAX_PAYLOAD = 1 << 24
"""Longer frames are not the protocol; requests carry whole commands, data travels in pieces of PIECE."""
PIECE = 1 << 16
WINDOW = 1 << 20
"""How many bytes of one channel may be under way in one direction before the receiver has used them."""

_HEADER = struct.Struct(">BII")


def frame(kind: int, channel: int, payload: bytes = b"") -> bytes:
    """One frame, ready to be written."""
    return _HEADER.pack(kind, channel, len(payload)) + payload


class Splitter:
    """Cuts a stream of bytes back into frames."""

    def __init__(self) -> None:
        self._rest = bytearray()

    def feed(self, data: bytes) -> list[tuple[int, int, bytes]]:
        """The frames that `data` completes. Raises ValueError when the stream is not made of frames."""
        self._rest += data
        found, at = [], 0
        while len(self._rest) - at >= _HEADER.size:
            kind, channel, length = _HEADER.unpack_from(self._rest, at)
            if length > MAX_PAYLOAD:
                raise ValueError("not a frame: %r" % bytes(self._rest[at : at + 200]))
            end = at + _HEADER.size + length
            if len(self._rest) < end:
                break
            found.append((kind, channel, bytes(self._rest[at + _HEADER.size : end])))
            at = end
        del self._rest[:at]
        return found
