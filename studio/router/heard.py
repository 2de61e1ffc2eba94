"""Heard: what one try at a model has streamed."""

from __future__ import annotations

from studio.contracts.chat_model import OnDelta
from studio.contracts.clock import Clock


class Heard:
    """Passes the deltas of one try on, and remembers when the first one came."""

    def __init__(self, on_delta: OnDelta, clock: Clock) -> None:
        self._on_delta = on_delta
        self._clock = clock
        self._began = clock.monotonic()
        self.first_token_ms: float | None = None

    def __call__(self, kind: str, text: str) -> None:
        """See OnDelta."""
        if self.first_token_ms is None:
            self.first_token_ms = (self._clock.monotonic() - self._began) * 1000
        self._on_delta(kind, text)
