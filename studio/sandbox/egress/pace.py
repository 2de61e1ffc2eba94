"""Pace: no more attempts in a minute than a bound."""

from __future__ import annotations

from collections import deque

from studio.contracts.clock import Clock

_SECONDS = 60.0


class Pace:
    """Counts the attempts of the last minute."""

    def __init__(self, clock: Clock, most: int) -> None:
        self.most = most
        self._clock = clock
        self._times: deque[float] = deque()

    def may(self) -> bool:
        """Whether one more may be made now; counts it if so."""
        now = self._clock.monotonic()
        while self._times and self._times[0] <= now - _SECONDS:
            self._times.popleft()
        if len(self._times) >= self.most:
            return False
        self._times.append(now)
        return True
