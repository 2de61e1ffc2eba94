"""Spans: the times that the page of usage can show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class Span:
    """A time by what it is called; `days` gives its first and last day, told today's."""

    title: str
    days: Callable[[date], tuple[date, date]]


def _last(count: int) -> Callable[[date], tuple[date, date]]:
    return lambda today: (today - timedelta(days=count - 1), today)


def _month_before(today: date) -> tuple[date, date]:
    last = today.replace(day=1) - timedelta(days=1)
    return last.replace(day=1), last


SPANS: dict[str, Span] = {
    "30": Span("Last 30 days", _last(30)),
    "7": Span("Last 7 days", _last(7)),
    "month": Span("This month", lambda today: (today.replace(day=1), today)),
    "before": Span("Last month", _month_before),
    "90": Span("Last 90 days", _last(90)),
    "365": Span("Last 365 days", _last(365)),
}
"""Every time that can be chosen, by its key; the first one is shown at first. Days are those of UTC."""
