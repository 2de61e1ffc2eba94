"""Ended processes: a program behind that failed is an error of the app, also where none of its words reads like one."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from datetime import datetime

from studio.base.text import shorten
from studio.domain.console import ConsoleEntry, ConsoleKind, ConsoleLevel
from studio.sandbox.processes import Process

_ENTRIES, _CHARACTERS = 5, 1000


class LastWords:
    """What one process said last, and what is made of them when it ends."""

    def __init__(self) -> None:
        self._entries: deque[ConsoleEntry] = deque(maxlen=_ENTRIES)

    def take(self, entries: Sequence[ConsoleEntry]) -> Sequence[ConsoleEntry]:
        """Remembers the newest of these, and gives them all back."""
        self._entries.extend(entries)
        return entries

    def end(self, process: Process, now: datetime) -> tuple[ConsoleEntry, ...]:
        """The entry of its end; none for one that did what it should, or that somebody stopped."""
        if process.stopped or not process.exit_code:
            return ()
        # What was an error already is not told as one twice.
        if any(entry.level is ConsoleLevel.ERROR for entry in self._entries):
            return (self._entry(ConsoleLevel.INFO, f"It ended with exit code {process.exit_code}.", process, now),)
        *before, last = [entry.text for entry in self._entries] or ["it said nothing"]
        text = f"It ended with exit code {process.exit_code}: {last}"
        if before:
            text = f"{text}\nBefore that it said:\n" + "\n".join(before)
        return (self._entry(ConsoleLevel.ERROR, shorten(text, _CHARACTERS), process, now),)

    def _entry(self, level: ConsoleLevel, text: str, process: Process, now: datetime) -> ConsoleEntry:
        return ConsoleEntry(level, text, kind=ConsoleKind.LOG, method=process.name, time=now)
