"""The console of a sandbox's preview: the newest entries that a window heard."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from studio.base.text import plain, shorten
from studio.domain.console import ConsoleEntry, ConsoleLevel

ENTRIES_KEPT = 500
MOST_AT_ONCE = 200
TEXT_CHARACTERS = 1000
_SOURCE_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class Heard:
    """Entries behind a mark; `lost` counts those that are kept no more, `mark` is where the next look goes on."""

    entries: tuple[ConsoleEntry, ...]
    lost: int
    mark: int


class Console:
    """Keeps a bounded number of short, plain entries, whatever a page writes; they end with the sandbox.

    `shown` says whether any window has shown the preview at all.
    """

    def __init__(self) -> None:
        self.shown = False
        self._entries: deque[tuple[int, ConsoleEntry]] = deque(maxlen=ENTRIES_KEPT)
        self._count = 0

    def report(self, entries: Iterable[ConsoleEntry], dropped: int = 0) -> None:
        """Takes entries in order; `dropped` is how many a window left out before them."""
        self.shown = True
        every = tuple(entries)
        self._count += max(0, dropped) + max(0, len(every) - MOST_AT_ONCE)
        for entry in every[-MOST_AT_ONCE:]:
            self._count += 1
            self._entries.append((self._count, _bounded(entry)))

    def since(self, mark: int, level: ConsoleLevel) -> Heard:
        """The entries behind `mark` that are at least as grave as `level`."""
        mark = min(max(mark, 0), self._count)
        behind = [(number, entry) for number, entry in self._entries if number > mark]
        found = tuple(entry for _, entry in behind if level.covers(entry.level))
        return Heard(found, self._count - mark - len(behind), self._count)


def _bounded(entry: ConsoleEntry) -> ConsoleEntry:
    text, source = plain(shorten(entry.text, TEXT_CHARACTERS)), plain(shorten(entry.source, _SOURCE_CHARACTERS))
    return ConsoleEntry(entry.level, text, source)
