"""Folding: what a restore took out of the chat, as the rows of it that are folded away."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from studio.domain.events import Recorded, ToolCalled
from studio.domain.points import left_out
from studio.ui.chat.entries import Entry


def left_out_keys(log: Sequence[Recorded]) -> frozenset[str]:
    """The keys of all entries that are made of events which are not in the chat any more."""
    gone = left_out(log)
    calls = (item.event.call for item in log if item.seq in gone and isinstance(item.event, ToolCalled))
    return frozenset((*(f"e{seq}{end}" for seq in gone for end in ("", "o")), *calls))


def folded_rows(rows: Sequence[Entry], keys: frozenset[str], opened: Iterable[str]) -> set[int]:
    """The rows that are not shown: those left out, unless the note of the restore that follows them is opened."""
    if not keys:
        return set()
    shown, folded, is_open = set(opened), set[int](), False
    for row in range(len(rows) - 1, -1, -1):
        key = rows[row].key
        if key not in keys:
            is_open = key in shown
        elif not is_open:
            folded.add(row)
    return folded
