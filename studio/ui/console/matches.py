"""Matches: the console rows of a level and an origin that hold the words looked for."""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QSortFilterProxyModel

from studio.domain.console import ConsoleEntry, ConsoleKind, ConsoleLevel
from studio.ui.console.items import ConsoleItems

Index = QModelIndex | QPersistentModelIndex


class Origin(StrEnum):
    """Whose entries are shown; the value is what a person chooses."""

    EVERYTHING = "All sources"
    PAGE = "Page"
    REQUESTS = "Requests"
    PROCESSES = "Processes"

    def covers(self, kind: ConsoleKind) -> bool:
        """Whether entries of this kind are shown."""
        match self:
            case Origin.PAGE:
                return kind is not ConsoleKind.LOG
            case Origin.REQUESTS:
                return kind in (ConsoleKind.NETWORK, ConsoleKind.RESOURCE)
            case Origin.PROCESSES:
                return kind is ConsoleKind.LOG
            case _:
                return True


class Matches(QSortFilterProxyModel):
    """What the console shows of its items."""

    def __init__(self, items: ConsoleItems, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._items = items
        self._text = ""
        self._level = ConsoleLevel.INFO
        self._origin = Origin.EVERYTHING
        self.setSourceModel(items)

    def entry(self, row: int) -> ConsoleEntry:
        """The entry of a row that is shown."""
        return self._items.entry(self.mapToSource(self.index(row, 0)).row())

    def entries(self) -> tuple[ConsoleEntry, ...]:
        """Every entry that is shown."""
        return tuple(self.entry(row) for row in range(self.rowCount()))

    def look_for(self, text: str) -> None:
        """Shows rows that hold this text."""
        self.beginFilterChange()
        self._text = text.casefold()
        self.endFilterChange(self.Direction.Rows)

    def show_level(self, level: ConsoleLevel) -> None:
        """Shows rows that are at least so grave."""
        self.beginFilterChange()
        self._level = level
        self.endFilterChange(self.Direction.Rows)

    def show_origin(self, origin: Origin) -> None:
        """Shows rows that come from there."""
        self.beginFilterChange()
        self._origin = origin
        self.endFilterChange(self.Direction.Rows)

    def filterAcceptsRow(self, row: int, parent: Index) -> bool:
        """Whether a row is shown."""
        entry = self._items.entry(row)
        if not self._level.covers(entry.level) or not self._origin.covers(entry.kind):
            return False
        return not self._text or self._text in f"{entry.text}\n{entry.source}\n{entry.page}".casefold()
