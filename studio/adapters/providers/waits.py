"""Waits: how long a provider asks to be left alone, from its headers or its own words, and in words for a person."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_LONGEST = 366 * 86_400.0
"""A longer wait than a year is none that anybody means."""

_SAID = re.compile(
    r"(?:retry|try again) in (?:(?P<d>\d{1,9})d)?(?:(?P<h>\d{1,9})h)?(?:(?P<m>\d{1,9})m(?!s))?"
    r"(?:(?P<s>\d{1,9}(?:\.\d{1,9})?)s|(?P<ms>\d{1,9}(?:\.\d{1,9})?)ms)?",
    re.IGNORECASE,
)
_LIMITS = ("requests", "tokens")
_SECONDS = {"d": 86_400.0, "h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_UNITS = ((86_400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))


def retry_after(headers: Mapping[str, str], said: str = "", now: datetime | None = None) -> float | None:
    """Seconds a provider asks to wait, else None.

    From `retry-after-ms`, then `retry-after` (seconds or a date), then what it `said`: Gemini has no such header.
    OpenAI often says no more than which of its limits is used up, and in how long that is reset.
    """
    named = headers.get("retry-after", "")
    milliseconds = _number(headers.get("retry-after-ms", ""))
    found = milliseconds / 1000 if milliseconds is not None else _number(named)
    if found is None:
        found = _until(named, now or datetime.now(UTC))
    if found is None:
        found = _in_words(said)
    if found is None:
        found = _reset(headers)
    return None if found is None else max(0.0, min(found, _LONGEST))


def spoken(seconds: float) -> str:
    """A wait for a person, in its largest unit and never too short: `40 seconds`, `3 days`."""
    for size, name in _UNITS:
        if seconds >= size or size == 1:
            count = max(1, math.ceil(seconds / size))
            return f"{count} {name}" if count == 1 else f"{count} {name}s"
    raise AssertionError("seconds are the smallest unit")


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return None if math.isnan(number) else number


def _until(date: str, now: datetime) -> float | None:
    try:
        moment = parsedate_to_datetime(date)
        return (moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds()
    except (ValueError, OverflowError, TypeError):
        return None


def _reset(headers: Mapping[str, str]) -> float | None:
    """In how long every limit is reset of which nothing remains."""
    used_up = [kind for kind in _LIMITS if headers.get(f"x-ratelimit-remaining-{kind}", "").strip() == "0"]
    waits = [_in_words(f"retry in {headers.get(f'x-ratelimit-reset-{kind}', '')}") for kind in used_up]
    return max((wait for wait in waits if wait is not None), default=None)


def _in_words(said: str) -> float | None:
    match = _SAID.search(said)
    parts = match.groupdict() if match else {}
    counted = [float(count) * _SECONDS[unit] for unit, count in parts.items() if count]
    return sum(counted) if counted else None
