"""Within: which model calls one asks about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Self

from studio.domain.errors import UserError
from studio.domain.ids import ProjectId


@dataclass(frozen=True, slots=True)
class Within:
    """Which calls a sum is over: those of a project or of all, from `since` on and before `until`, both in UTC."""

    project: ProjectId | None = None
    since: datetime | None = None
    until: datetime | None = None

    @classmethod
    def days(cls, first: date, last: date, project: ProjectId | None = None) -> Self:
        """From the begin of one day to the end of another."""
        return cls(project, _begin(first), _begin(last + timedelta(days=1)))

    @classmethod
    def month(cls, first: date, project: ProjectId | None = None) -> Self:
        """The whole month that `first` lies in."""
        begin = first.replace(day=1)
        return cls(project, _begin(begin), _begin((begin + timedelta(days=31)).replace(day=1)))


def read_month(text: str) -> date:
    """The first day of a month written `2026-01`; raises UserError."""
    try:
        return datetime.strptime(text, "%Y-%m").date()
    except ValueError as error:
        raise UserError(f"“{text}” is not a month.", "Write it as year and month: 2026-01.") from error


def read_day(text: str) -> date:
    """A day written `2026-01-31`; raises UserError."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UserError(f"“{text}” is not a day.", "Write it as year, month and day: 2026-01-31.") from error


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
