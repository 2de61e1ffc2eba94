"""Rates: how many requests a minute go out with one key."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from studio.contracts.clock import Clock

WINDOW = 60.0
"""Seconds; providers count requests per minute."""


class Rates:
    """Keeps each key to its requests per minute, for as long as the process lives.

    `per_minute` says how many a provider may be asked, None where nothing limits it; `key_of` names its key: those that
    share one share its places.
    """

    def __init__(
        self,
        clock: Clock,
        per_minute: Callable[[str], int | None] = lambda _provider: None,
        key_of: Callable[[str], str] = lambda provider: provider,
    ) -> None:
        self._clock = clock
        self._per_minute = per_minute
        self._key_of = key_of
        self._taken: dict[str, deque[float]] = {}

    def take(self, provider: str, patience: float) -> float:
        """Books the next free place for one request, and gives how many seconds it is away.

        Places are given in the order of asking, so nobody waits for ever. One that is further away than `patience` is
        not booked.
        """
        most = self._per_minute(provider)
        if most is None:
            return 0.0
        now = self._clock.monotonic()
        taken = self._taken.setdefault(self._key_of(provider), deque())
        while taken and taken[0] <= now - WINDOW:
            taken.popleft()
        most = max(most, 1)
        free = now if len(taken) < most else taken[len(taken) - most] + WINDOW
        if free - now <= patience:
            taken.append(free)
        return free - now
