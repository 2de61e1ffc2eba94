"""How many attempts to go out a run may make in a minute."""

from __future__ import annotations

from datetime import UTC, datetime

from studio.sandbox.egress.pace import Pace


class ByHand:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.at = 0.0

    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC)

    def monotonic(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        raise AssertionError


def test_no_more_than_so_many_are_made_in_any_minute() -> None:
    clock = ByHand()
    pace = Pace(clock, 2)
    made = []
    for clock.at in (0, 1, 2, 59, 60, 60.5, 61, 62):
        made.append(pace.may())

    assert made == [True, True, False, False, True, False, True, False]
