"""Ended processes: a program behind that failed is an error of the app, also where none of its words reads like one."""

from __future__ import annotations

import signal
from collections import deque
from collections.abc import Sequence
from datetime import datetime

from studio.base.text import shorten, shown
from studio.domain.console import ConsoleEntry, ConsoleKind, ConsoleLevel
from studio.domain.failures import is_failure
from studio.sandbox.processes import Process

_ENTRIES, _CHARACTERS, _COMMAND_CHARACTERS = 5, 1000, 120
_TOLD_TO_END = (128 + signal.SIGINT, 128 + signal.SIGTERM)


class LastWords:
    """What one process said last, and what is made of them when it ends; `title` is what people call it."""

    def __init__(self, title: str = "") -> None:
        self._title = title
        self._entries: deque[ConsoleEntry] = deque(maxlen=_ENTRIES)

    def take(self, entries: Sequence[ConsoleEntry]) -> None:
        """Remembers the newest of these, which are led back to their source already."""
        self._entries.extend(entries)

    def end(self, process: Process, now: datetime) -> tuple[ConsoleEntry, ...]:
        """The entry of its end; none for one that did what it should, or that somebody stopped."""
        if process.stopped or not process.exit_code:
            return ()
        # What was an error already is not told as one twice.
        if any(entry.level is ConsoleLevel.ERROR for entry in self._entries):
            return (self._entry(ConsoleLevel.INFO, f"It ended with exit code {process.exit_code}.", process, now),)
        return (self._entry(ConsoleLevel.ERROR, self._told("It", process), process, now),)

    def failure(self, process: Process, now: datetime) -> ConsoleEntry | None:
        """What its agent is to be told of its end.

        None for one that did what it should, that was told to end, or whose last words are told as a failure already.
        """
        if process.stopped or not process.exit_code or process.exit_code in _TOLD_TO_END:
            return None
        if any(map(is_failure, self._entries)):
            return None
        whose = f"{process.name.partition('-')[0]} ({shorten(shown(process.command), _COMMAND_CHARACTERS)})"
        return self._entry(ConsoleLevel.ERROR, self._told(whose, process), process, now)

    def _told(self, whose: str, process: Process) -> str:
        *before, last = [entry.text for entry in self._entries] or ["it said nothing"]
        text = f"{whose} ended with exit code {process.exit_code}: {last}"
        if before:
            text = f"{text}\nBefore that it said:\n" + "\n".join(before)
        return shorten(text, _CHARACTERS)

    def _entry(self, level: ConsoleLevel, text: str, process: Process, now: datetime) -> ConsoleEntry:
        return ConsoleEntry(level, text, kind=ConsoleKind.LOG, method=process.name, time=now, title=self._title)
