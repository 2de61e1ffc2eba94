"""Console items: what the app of one run wrote, as one line each."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QIcon

from studio.base.text import shorten
from studio.domain.console import BESIDE_KEPT, ENTRIES_KEPT, ConsoleEntry, ConsoleKind, ConsoleLevel, begins_anew
from studio.domain.log_lines import telling
from studio.ui.icons import icon
from studio.ui.theme import Theme
from studio.ui.widgets.names import shown
from studio.ui.widgets.row_items import Index, RowItems

COLUMNS = ("Time", "From", "What", "Source", "Times")
WHAT, SOURCE = COLUMNS.index("What"), COLUMNS.index("Source")
GIVING_WAY = tuple(map(COLUMNS.index, ("Times", "Source", "Time", "From")))
"""Columns that are not shown where there is little room, the least missed first: a place is often in the words too."""
_LINE_CHARACTERS = 400
_EARLIEST = datetime.min.replace(tzinfo=UTC)
_LOOKS = {
    ConsoleLevel.ERROR: ("error", "error"),
    ConsoleLevel.WARNING: ("warning", "warn"),
    ConsoleLevel.INFO: ("info", "text_faint"),
}
_FROM = {
    ConsoleKind.CONSOLE: "console",
    ConsoleKind.ERROR: "page",
    ConsoleKind.REJECTION: "promise",
    ConsoleKind.NETWORK: "request",
    ConsoleKind.RESOURCE: "resource",
    ConsoleKind.CSP: "policy",
    ConsoleKind.LOAD: "page",
}
_WRITERS = 20


class ConsoleItems(RowItems[ConsoleEntry]):
    """Entries by their time, at most as many as the core keeps; with `grouped`, equal ones are one row.

    Those from before their page last began anew are faint: what they tell of may be mended.

    Signals: `writer_found(ConsoleKind, str)` a process or service wrote for the first time; `writer_gone(ConsoleKind,
    str)` so many others have written since that it is not among those that can be chosen any more.
    """

    writer_found = Signal(object, str)
    writer_gone = Signal(object, str)

    def __init__(self, theme: Theme) -> None:
        super().__init__(COLUMNS)
        self._theme = theme
        self._entries: list[ConsoleEntry] = []
        self._grouped = False
        self._newest = -1
        self._anew: dict[str, int] = {}
        self._writers: dict[tuple[ConsoleKind, str], None] = {}
        theme.changed.connect(self._repaint)

    def entry(self, row: int) -> ConsoleEntry:
        """The entry of a row; a row of a group is its newest one, with the count of all."""
        return self._rows[row]

    @property
    def rows(self) -> tuple[ConsoleEntry, ...]:
        """Every row."""
        return tuple(self._rows)

    def is_earlier(self, row: int) -> bool:
        """Whether a row is from before its page last began anew; what no page says, before any did."""
        view = self._rows[row].view
        return row < (self._anew.get(view, 0) if view else max(self._anew.values(), default=0))

    def group(self, grouped: bool) -> None:
        """Shows equal entries as one row, where the newest of them stands, or each by itself."""
        if grouped != self._grouped:
            self._grouped = grouped
            self._lay_anew()

    def clear(self) -> None:
        """Begins anew."""
        self._entries = []
        self._newest, self._anew = -1, {}
        self._writers.clear()
        self._begin_anew()

    def add(self, entries: Iterable[ConsoleEntry]) -> None:
        """Takes what is new, also an entry that is known and came again."""
        newer = list(entries)
        if newer and newer[0].number == self._newest:
            self._came_again(newer.pop(0))
        if not newer:
            return
        self._newest = newer[-1].number
        self._find_writers(newer)
        # What a page wrote is heard later than what its server said meanwhile.
        newer.sort(key=_moment_of)
        last = _moment_of(self._entries[-1]) if self._entries else _EARLIEST
        late = [entry for entry in newer if _moment_of(entry) < last]
        for entry in late:
            self._take(bisect_right(self._entries, _moment_of(entry), key=_moment_of), [entry])
        self._take(len(self._entries), newer[len(late) :][-ENTRIES_KEPT:])
        self._forget_beside()
        self._forget(0, len(self._entries) - ENTRIES_KEPT)
        if self._grouped:
            self._lay_anew()
        elif (anew := _anew_at(self._rows)) != self._anew:
            self._anew = anew
            self._repaint()

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:  # noqa: D102
        if not index.isValid():
            return None
        entry, column = self._rows[index.row()], index.column()
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return _cell(entry, column)
            case Qt.ItemDataRole.DecorationRole if column == WHAT:
                return self._icon(entry, earlier=self.is_earlier(index.row()))
            case Qt.ItemDataRole.ForegroundRole if column == SOURCE and entry.path:
                return self._theme.color("accent")
            case Qt.ItemDataRole.ForegroundRole if self.is_earlier(index.row()) or entry.kind is ConsoleKind.LOAD:
                return self._theme.color("text_faint")
            case Qt.ItemDataRole.AccessibleTextRole if column == WHAT:
                earlier = "earlier " if self.is_earlier(index.row()) else ""
                return f"{earlier}{entry.level.value}: {_cell(entry, column)}"
            case _:
                return None

    def _lay_anew(self) -> None:
        rows = self._grouped_rows() if self._grouped else self._entries
        self._anew = _anew_at(rows)
        self._begin_anew(rows)

    def _came_again(self, entry: ConsoleEntry) -> None:
        """Takes in that the entry that was heard last came again."""
        every = reversed(range(len(self._entries)))
        at = next((at for at in every if self._entries[at].number == entry.number), None)
        if at is None:  # it came so late that it was older than all that are kept
            return
        self._entries[at] = entry
        if not self._grouped:
            self._rows[at] = entry
            self._renew(at)

    def _take(self, at: int, newer: list[ConsoleEntry]) -> None:
        self._entries[at:at] = newer
        if not self._grouped:
            self._insert(at, newer)

    def _forget(self, first: int, count: int) -> None:
        """Drops so many from the first one on."""
        if count <= 0:
            return
        del self._entries[first : first + count]
        if not self._grouped:
            self._remove(first, count)

    def _find_writers(self, newer: list[ConsoleEntry]) -> None:
        for entry in newer:
            if not entry.writer:
                continue
            found = (entry.kind, entry.writer)
            is_new = found not in self._writers
            self._writers.pop(found, None)
            self._writers[found] = None
            if is_new:
                self.writer_found.emit(*found)
        while len(self._writers) > _WRITERS:
            silent = next(iter(self._writers))
            del self._writers[silent]
            self.writer_gone.emit(*silent)

    def _forget_beside(self) -> None:
        """Drops the oldest of what services wrote, as the core does."""
        beside = [at for at, entry in enumerate(self._entries) if entry.kind.is_beside]
        # Neighbours go together: whoever shows the rows does something for each time that some go.
        for run in reversed(_runs(beside[: max(0, len(beside) - BESIDE_KEPT)])):
            self._forget(run.start, len(run))

    def _grouped_rows(self) -> list[ConsoleEntry]:
        groups: dict[tuple[object, ...], ConsoleEntry] = {}
        for entry in self._entries:
            key = (entry.kind, entry.level, entry.text, entry.source)
            before = groups.pop(key, None)
            groups[key] = replace(entry, count=entry.count + (before.count if before else 0))
        return list(groups.values())

    def _icon(self, entry: ConsoleEntry, *, earlier: bool) -> QIcon:
        name, color = ("refresh", "accent") if entry.kind is ConsoleKind.LOAD else _LOOKS[entry.level]
        return icon(name, self._theme.color("text_faint" if earlier else color))


def origin(entry: ConsoleEntry) -> str:
    """Where an entry comes from, in a word; a process is named."""
    return shown(entry.writer) if entry.writer else _FROM.get(entry.kind, entry.kind.value)


def time_of(entry: ConsoleEntry) -> str:
    """When it was written, for people."""
    return entry.time.astimezone().strftime("%H:%M:%S.%f")[:-3] if entry.time else ""


def _anew_at(rows: Sequence[ConsoleEntry]) -> dict[str, int]:
    """The row at which the page of each view last began anew."""
    return {entry.view: at for at, entry in enumerate(rows) if begins_anew(entry)}


def _runs(numbers: Iterable[int]) -> list[range]:
    """Rising numbers as runs of such as follow each other."""
    runs: list[range] = []
    for number in numbers:
        if runs and runs[-1].stop == number:
            runs[-1] = range(runs[-1].start, number + 1)
        else:
            runs.append(range(number, number + 1))
    return runs


def _moment_of(entry: ConsoleEntry) -> datetime:
    return entry.time or _EARLIEST


def _cell(entry: ConsoleEntry, column: int) -> str:
    match COLUMNS[column]:
        case "Time":
            return time_of(entry)
        case "From":
            return origin(entry)
        case "What":
            first, _, more = entry.text.partition("\n")
            first = telling(first) if entry.writer else first
            return shown(shorten(first, _LINE_CHARACTERS)) + (" \N{HORIZONTAL ELLIPSIS}" if more else "")
        case "Source":
            return shown(entry.source)
        case _:
            return str(entry.count) if entry.count > 1 else ""
