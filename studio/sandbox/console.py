"""The console of a sandbox's app: the newest of what its page, its processes and its services wrote."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import islice

from studio.base.text import plain, shorten, whole
from studio.domain.console import (
    BESIDE_KEPT,
    ENTRIES_KEPT,
    ConsoleEntry,
    ConsoleKind,
    ConsoleLevel,
    ConsoleSource,
    StackFrame,
    begins_anew,
)
from studio.sandbox.standing_errors import StandingErrors

MOST_AT_ONCE = 200
TEXT_CHARACTERS = 2000
_SOURCE_CHARACTERS = 200
_FRAMES = 12
_MOST_TIMES = 1 << 31
_LOOKED_AT = 50


@dataclass(frozen=True, slots=True)
class Heard:
    """Entries behind a mark; `lost` counts those that are kept no more, `mark` is where the next look goes on.

    An entry that came again since then is among them once more, under the same number and with a higher count.
    """

    entries: tuple[ConsoleEntry, ...]
    lost: int
    mark: int


@dataclass(frozen=True, slots=True)
class Statistics:
    """How much was written since the console was cleared, by level and by kind; `dropped` was never heard.

    `standing` counts the errors since their page last began anew: one that was mended is not among them.
    """

    levels: dict[str, int]
    kinds: dict[str, int]
    dropped: int
    standing: int = 0


@dataclass(slots=True)
class _Row:
    """An entry with the changes that it took: from its first one to its newest, with nothing else between them."""

    entry: ConsoleEntry
    first: int
    newest: int


class Console:
    """Keeps a bounded number of short, plain entries, whatever a page writes; they end with the sandbox.

    Equal ones in a row are one entry with a count. `shown` says whether any window has shown the preview at all.
    """

    def __init__(self) -> None:
        self.shown = False
        self._rows: deque[_Row] = deque()
        self._beside = 0
        self._changes = 0
        self._cleared = 0
        self._levels: Counter[str] = Counter()
        self._kinds: Counter[str] = Counter()
        self._dropped = 0
        self._standing = StandingErrors()

    def report(self, entries: Iterable[ConsoleEntry], dropped: int = 0) -> None:
        """Takes what a page wrote, in order; `dropped` is how many a window left out before them."""
        self.shown = True
        self.add(entries, dropped)

    def add(self, entries: Iterable[ConsoleEntry], dropped: int = 0) -> None:
        """Takes entries in order, wherever they come from."""
        every = tuple(entries)
        dropped = min(max(0, dropped), _MOST_TIMES) + max(0, len(every) - MOST_AT_ONCE)
        self._changes += dropped
        self._dropped += dropped
        for entry in every[-MOST_AT_ONCE:]:
            self._changes += 1
            self._take(self.bounded(entry))

    def since(
        self, mark: int, level: ConsoleLevel = ConsoleLevel.INFO, source: ConsoleSource = ConsoleSource.ALL
    ) -> Heard:
        """The entries behind `mark` that are at least as grave as `level` and come from `source`."""
        mark = min(max(mark, self._cleared), self._changes)
        behind = [row for row in self._rows if row.newest > mark]
        found = tuple(row.entry for row in behind if level.covers(row.entry.level) and source.covers(row.entry.kind))
        kept = sum(row.newest - max(row.first - 1, mark) for row in behind)
        return Heard(found, self._changes - mark - kept, self._changes)

    @staticmethod
    def bounded(entry: ConsoleEntry) -> ConsoleEntry:
        """An entry as it is kept: short, and with nothing hidden in it."""
        return _bounded(entry)

    def clear(self) -> None:
        """Forgets every entry; marks go on."""
        self._rows.clear()
        self._beside = 0
        self._cleared = self._changes
        self._levels.clear()
        self._kinds.clear()
        self._dropped = 0
        self._standing.clear()

    def statistics(self) -> Statistics:
        """What was written since it was cleared."""
        levels = {level.value: self._levels[level.value] for level in ConsoleLevel}
        kinds = {kind.value: self._kinds[kind.value] for kind in ConsoleKind}
        return Statistics(levels, kinds, self._dropped, self._standing.count)

    def _take(self, entry: ConsoleEntry) -> None:
        self._levels[entry.level.value] += entry.count
        self._kinds[entry.kind.value] += entry.count
        if begins_anew(entry):
            self._standing.begin_anew(entry, (row.entry for row in islice(reversed(self._rows), _LOOKED_AT)))
        elif entry.level is ConsoleLevel.ERROR:
            self._standing.add(entry)
        last = self._rows[-1] if self._rows else None
        if last is not None and last.newest == self._changes - 1 and _same(last.entry, entry):
            count = min(last.entry.count + entry.count, _MOST_TIMES)
            last.entry, last.newest = replace(last.entry, count=count, time=entry.time), self._changes
        else:
            self._keep(_Row(replace(entry, number=self._changes), self._changes, self._changes))

    def _keep(self, row: _Row) -> None:
        if len(self._rows) == ENTRIES_KEPT:
            self._forget(0)
        self._rows.append(row)
        self._beside += row.entry.kind.is_beside
        if self._beside > BESIDE_KEPT:
            # A service that writes all the time does not push out what the app says.
            self._forget(next(at for at, one in enumerate(self._rows) if one.entry.kind.is_beside))

    def _forget(self, at: int) -> None:
        self._beside -= self._rows[at].entry.kind.is_beside
        del self._rows[at]


def _same(one: ConsoleEntry, other: ConsoleEntry) -> bool:
    return (one.kind, one.level, one.method, one.text, one.source, one.stack, one.page, one.view) == (
        *(other.kind, other.level, other.method, other.text, other.source, other.stack, other.page, other.view),
    )


def _bounded(entry: ConsoleEntry) -> ConsoleEntry:
    return replace(
        entry,
        text=whole(plain(shorten(entry.text, TEXT_CHARACTERS))),
        source=_short(entry.source),
        method=_short(entry.method),
        stack=tuple(_bounded_frame(frame) for frame in entry.stack[:_FRAMES]),
        path=_short(entry.path),
        page=_short(entry.page),
        view=_short(entry.view),
        title=_short(entry.title),
        count=min(max(1, entry.count), _MOST_TIMES),
    )


def _bounded_frame(frame: StackFrame) -> StackFrame:
    return replace(frame, function=_short(frame.function), source=_short(frame.source), path=_short(frame.path))


def _short(text: str) -> str:
    return whole(plain(shorten(text, _SOURCE_CHARACTERS)))
