"""Stacks: sums per day and part, ready to be drawn; the largest parts by themselves, the rest as one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from studio.app.usage import UsageRow

PARTS = 6
OTHERS = "others"


@dataclass(frozen=True, slots=True)
class Part:
    """One part of every day: a value for each, and their sum."""

    name: str
    values: tuple[float, ...]

    @property
    def whole(self) -> float:
        """The sum of all days."""
        return sum(self.values)


def days_between(first: date, last: date) -> tuple[date, ...]:
    """Every day from the first to the last."""
    return tuple(first + timedelta(days=at) for at in range((last - first).days + 1))


def stack(
    days: tuple[date, ...],
    rows: Iterable[UsageRow],
    name: Callable[[UsageRow], str],
    value: Callable[[UsageRow], float],
) -> tuple[Part, ...]:
    """The parts with a value, largest first, at most `PARTS`; a day without a row is 0."""
    place = {day.isoformat(): at for at, day in enumerate(days)}
    found: dict[str, list[float]] = {}
    for row in rows:
        if row.day in place:
            found.setdefault(name(row), [0.0] * len(days))[place[row.day]] += value(row)
    parts = sorted((Part(key, tuple(values)) for key, values in found.items()), key=lambda part: -part.whole)
    parts = [part for part in parts if part.whole > 0]
    if len(parts) <= PARTS:
        return tuple(parts)
    rest = zip(*(part.values for part in parts[PARTS - 1 :]), strict=True)
    return (*parts[: PARTS - 1], Part(OTHERS, tuple(sum(day) for day in rest)))


def hit_rates(days: tuple[date, ...], rows: Iterable[UsageRow]) -> tuple[float | None, ...]:
    """The part of each day's input that came from a cache; None for a day without input."""
    read, whole = dict.fromkeys(days, 0), dict.fromkeys(days, 0)
    for row in rows:
        day = date.fromisoformat(row.day or "")
        if day in whole:
            read[day] += row.cache_read
            whole[day] += row.input
    return tuple(read[day] / whole[day] if whole[day] else None for day in days)
