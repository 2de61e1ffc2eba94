"""Paces: how slow the network between a page and its app is made, and the line that keeps to it."""

from __future__ import annotations

from dataclasses import dataclass

_AHEAD_SECONDS = 0.05
"""Nothing more is taken from a sender whose bytes would have to wait longer than this for the line."""
_PIECE_SECONDS, _LEAST_PIECE = 0.02, 512


@dataclass(frozen=True, slots=True)
class Pace:
    """A network: bytes a second each way (0: as many as come), and what a way there and back takes at least."""

    name: str
    down: int = 0
    up: int = 0
    milliseconds: int = 0
    offline: bool = False

    @property
    def title(self) -> str:
        """Name and figures."""
        if not self.down:
            return self.name
        return f"{self.name} ({_bits(self.down)} down, {_bits(self.up)} up, {self.milliseconds} ms)"


def _bits(bytes_a_second: int) -> str:
    kilobits = bytes_a_second * 8 / 1000
    return f"{kilobits / 1000:g} Mbit/s" if kilobits >= 1000 else f"{kilobits:g} kbit/s"


FULL = Pace("No throttle")
FAST_3G = Pace("Fast 3G", down=200_000, up=93_750, milliseconds=150)
SLOW_3G = Pace("Slow 3G", down=50_000, up=50_000, milliseconds=400)
OFFLINE = Pace("Offline", offline=True)
PACES = (FULL, FAST_3G, SLOW_3G, OFFLINE)


class Line:
    """One direction of the network, shared by every connection; times are in seconds of one clock."""

    def __init__(self) -> None:
        self._rate = 0
        self._free = 0.0

    def run_at(self, bytes_a_second: int) -> None:
        """Lets so much through from now on (0: all), and forgets what it was busy with."""
        self._rate, self._free = bytes_a_second, 0.0

    @property
    def piece(self) -> int:
        """How many bytes are taken at once, so that connections take turns; 0 for all there are."""
        return max(_LEAST_PIECE, int(self._rate * _PIECE_SECONDS)) if self._rate else 0

    def wait(self, now: float) -> float:
        """How long it takes nothing more."""
        return max(0.0, self._free - now - _AHEAD_SECONDS)

    def carry(self, count: int, now: float) -> float:
        """Takes so many bytes; when the last of them is through."""
        self._free = max(now, self._free) + (count / self._rate if self._rate else 0.0)
        return self._free
