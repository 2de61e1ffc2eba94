"""Times as text: UTC, ISO 8601; and how long something lasts, for people."""

from __future__ import annotations

from datetime import UTC, datetime

_WIDTH = len("2026-01-31T12:00:00.123456Z")
_IN_MINUTES = 120


def to_text(moment: datetime) -> str:
    """`2026-01-31T12:00:00.123456Z`: UTC, microseconds, always the same width, so that text order is time order."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def from_text(text: str) -> datetime:
    """The moment that `to_text` wrote; raises ValueError on anything else."""
    if len(text) != _WIDTH or text[10] != "T" or text[-1] != "Z":
        raise ValueError(f"{text!r} is no moment as it is saved")
    # A hundred times as quick as strptime, which was most of what reading a long log took.
    return datetime.fromisoformat(text)


def in_words(seconds: float) -> str:
    """How long that is, in the unit that people would take."""
    return f"{seconds:g} s" if seconds < _IN_MINUTES else f"{seconds / 60:.3g} min"
