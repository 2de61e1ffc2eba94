"""Console batches: what the script in a page says, read as what it is, the words of a page."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from studio.domain.console import ConsoleEntry, ConsoleKind, ConsoleLevel
from studio.domain.stacks import frames_of

MOST_ENTRIES = 100
BATCH_CHARACTERS = 256 * 1024
_TEXT_CHARACTERS = 2000
_PAGE_CHARACTERS = 200
_LONG_AGO = 60.0


@dataclass(frozen=True, slots=True)
class Batch:
    """Entries in order, and how many more there were, of these so many errors."""

    entries: tuple[ConsoleEntry, ...] = ()
    dropped: int = 0


def batch_of(payload: str, now: datetime) -> Batch:
    """What a page's script sent; a page can send anything, of which what cannot be read is dropped and counted.

    The view of the entries is the path at which the page was loaded: whoever knows the browser makes one of it.
    """
    try:
        said = json.loads(payload[:BATCH_CHARACTERS])
    except (ValueError, RecursionError):
        return Batch(dropped=1)
    if not isinstance(said, dict) or not isinstance(listed := said.get("entries", []), list):
        return Batch(dropped=1)
    page, began = (_text(said.get(name), _PAGE_CHARACTERS) for name in ("page", "began"))
    entries = tuple(_entry(one, page, began, now) for one in listed[:MOST_ENTRIES] if isinstance(one, dict))
    return Batch(entries, _count(said.get("dropped")) + len(listed) - len(entries))


def _entry(said: dict[str, Any], page: str, began: str, now: datetime) -> ConsoleEntry:
    kind = next((one for one in ConsoleKind if one.value == said.get("kind")), ConsoleKind.CONSOLE)
    level = next((one for one in ConsoleLevel if one.value == said.get("level")), ConsoleLevel.INFO)
    stack = frames_of(_text(said.get("stack"), 8000))
    return ConsoleEntry(
        level,
        _text(said.get("text"), _TEXT_CHARACTERS),
        stack[0].place if stack else "",
        # No page writes the log of a container.
        kind if kind.is_of_page else ConsoleKind.CONSOLE,
        _text(said.get("method"), 20),
        stack,
        time=_moment(said.get("time"), now),
        page=page,
        count=max(1, _count(said.get("count"))),
        view=began,
    )


def _text(value: Any, most: int) -> str:
    return value[:most] if isinstance(value, str) else ""


def _count(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 31 else 0


def _moment(value: Any, now: datetime) -> datetime:
    """When the page says it was, unless that is far from now: the time line is ours."""
    # A page can say a number that nothing can be worked out with.
    if not isinstance(value, int | float) or not 0 < value < 1 << 53:
        return now
    if abs(value / 1000 - now.timestamp()) < _LONG_AGO:
        return datetime.fromtimestamp(value / 1000, UTC)
    return now
