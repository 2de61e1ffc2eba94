"""Flood: when a page says more to its console than the window's thread can carry, however its scripts are made."""

from __future__ import annotations

from PySide6.QtCore import QElapsedTimer

MOST_MESSAGES, MOST_CHARACTERS = 2000, 1 << 22
"""So many messages and characters may reach the window in one span, read or not: 13,000 or 28 million a second."""
SPAN_MILLISECONDS = 150
SPANS = 4
"""A burst is carried. So many spans in a row that are over are none, nor is one that is over by much: what one brings
counts as often as it would be enough for one."""
HEAVY_CHARACTERS = 1 << 18
"""A longer message holds the window up by itself while the engine hands it over; no script of ours says one."""
MOST_HEAVY, HEAVY_SECONDS = 1 << 23, 30
"""So many characters beyond that length they may bring in this time; one alone is carried, however long it is."""


class Flood:
    """Counts every message that the engine hands over, also of workers and frames that no script of ours is in."""

    def __init__(self) -> None:
        self._span = QElapsedTimer()
        self._messages = self._characters = 0
        self._over = 0.0
        self._heavy_span = QElapsedTimer()
        self._heavy = 0

    def take(self, characters: int) -> bool:
        """Counts a message of so many characters; True as soon as there are too many, for too long, or too heavy."""
        passed = self._span.elapsed() if self._span.isValid() else 0
        if passed >= SPAN_MILLISECONDS or not self._span.isValid():
            # A window that is late itself hears what a longer time brought.
            spans = passed / SPAN_MILLISECONDS
            much = max(self._messages / MOST_MESSAGES, self._characters / MOST_CHARACTERS) / max(spans, 1)
            self._over = self._over + much if much > 1 else 0
            self._messages = self._characters = 0
            self._span.restart()
        self._messages += 1
        self._characters += characters
        too_heavy = characters > HEAVY_CHARACTERS and self._is_too_heavy(characters - HEAVY_CHARACTERS)
        return too_heavy or self._over >= SPANS

    def _is_too_heavy(self, beyond: int) -> bool:
        if not self._heavy_span.isValid() or self._heavy_span.hasExpired(HEAVY_SECONDS * 1000):
            self._heavy_span.restart()
            self._heavy = 0
        is_again = self._heavy > 0
        self._heavy += beyond
        return is_again and self._heavy > MOST_HEAVY
