from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.fixtures.memory import database

__all__ = ["database"]


class ScriptedClock:
    """A clock that a test owns: sleeping moves it on at once and is noted."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def now(self) -> datetime:
        """The first of January and what was slept since."""
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        """Seconds slept so far."""
        return sum(self.slept)

    async def sleep(self, seconds: float) -> None:
        """Notes the seconds."""
        self.slept.append(seconds)


@pytest.fixture
def clock() -> ScriptedClock:
    """A clock that stands at the first of January."""
    return ScriptedClock()
