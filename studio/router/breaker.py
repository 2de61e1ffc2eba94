"""The breaker: a provider that keeps failing is left alone for a while, so that no step waits for it in vain."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from studio.contracts.clock import Clock
from studio.domain.errors import ProviderError, ProviderFault

IN_A_ROW = 5
"""How often a provider may fail in a row until it is left alone."""

FIRST_REST = 30.0
"""Seconds; each further failure after a rest doubles the next one, up to LONGEST_REST."""

LONGEST_REST = 600.0
LONGEST_ASKED = 86_400.0
"""Seconds; a provider that asks to be left alone for longer is asked again after a day all the same."""

_COUNTED = frozenset(
    {ProviderFault.OVERLOADED, ProviderFault.UNREACHABLE, ProviderFault.TIMED_OUT, ProviderFault.BROKEN_STREAM}
)
"""What says something of the provider; a wrong key, model or request does not."""


@dataclass(slots=True)
class _Record:
    """How one provider did lately; times are the clock's monotonic ones. Its rest may be what it `asked` for."""

    in_a_row: int = 0
    rests: int = 0
    until: float = 0.0
    asked: bool = False

    def rest(self, until: float, *, asked: bool) -> None:
        """Begins a rest, unless a longer one is on."""
        if until > self.until:
            self.until, self.asked = until, asked


class Breaker:
    """Remembers failures of each provider, for as long as the process lives."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._records: dict[str, _Record] = {}

    def rests_until(self, provider: str) -> datetime | None:
        """Until when `provider` is better left alone; None when it may be asked now."""
        record = self._records.get(provider)
        left = record.until - self._clock.monotonic() if record is not None else 0.0
        return self._clock.now() + timedelta(seconds=left) if left > 0 else None

    def asked_for_rest(self, provider: str) -> bool:
        """Whether it is left alone since it asked for that, and not since it failed too often."""
        record = self._records.get(provider)
        return record is not None and record.asked

    def failed(self, provider: str, error: ProviderError) -> None:
        """Notes a failed try."""
        record = self._records.setdefault(provider, _Record())
        now = self._clock.monotonic()
        if error.fault is ProviderFault.RATE_LIMITED and error.retry_after is not None:
            record.rest(now + min(error.retry_after, LONGEST_ASKED), asked=True)
        if error.fault not in _COUNTED:
            return
        record.in_a_row += 1
        if record.in_a_row >= IN_A_ROW:
            record.rest(now + min(FIRST_REST * 2.0**record.rests, LONGEST_REST), asked=False)
            record.rests += 1
            # One failure after the rest is enough to begin the next one.
            record.in_a_row = IN_A_ROW - 1

    def wake(self) -> None:
        """Ends every rest; a provider that fails then begins the next one."""
        for record in self._records.values():
            record.until = 0.0

    def replied(self, provider: str) -> None:
        """Notes that a try went well: all is forgotten."""
        self._records.pop(provider, None)
