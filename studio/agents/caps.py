"""Caps: how much of what fails in a preview becomes a fact of its run."""

from __future__ import annotations

from collections import deque

SAME_SECONDS = 30.0
"""An equal failure is noted once in this time."""
MOST = 10
PER_SECONDS = 60.0
"""So many different ones are noted in this time."""
BYTES = 256 * 1024
"""So much is noted in all for one container, which a page that fails on purpose reaches in minutes."""


class Caps:
    """What of one run's failures may be noted; the rest is counted, and told with the next one that may."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str, str], float] = {}
        self._times: deque[float] = deque()
        self._bytes = 0
        self._left_out = 0

    def take(self, failure: tuple[str, str, str], size: int, now: float) -> int | None:
        """None for a failure that may not be noted now; else how many different ones were left out before it."""
        self._seen = {key: when for key, when in self._seen.items() if now - when < SAME_SECONDS}
        if failure in self._seen:
            return None
        while self._times and now - self._times[0] >= PER_SECONDS:
            self._times.popleft()
        if len(self._times) >= MOST or self._bytes + size > BYTES:
            self._left_out += 1
            return None
        self._seen[failure] = now
        self._times.append(now)
        self._bytes += size
        left_out, self._left_out = self._left_out, 0
        return left_out

    def spend(self, size: int) -> None:
        """Counts what was looked up for a failure that was taken."""
        self._bytes += size
