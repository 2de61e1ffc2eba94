"""Matches: the console rows of a level and a source that hold the words looked for."""

from __future__ import annotations

from PySide6.QtCore import QObject

from studio.domain.console import ConsoleEntry, ConsoleLevel
from studio.ui.console.items import ConsoleItems
from studio.ui.console.sources import APP, Choice
from studio.ui.widgets.row_items import Index
from studio.ui.widgets.row_matches import RowMatches


class Matches(RowMatches):
    """What the console shows of its items."""

    def __init__(self, items: ConsoleItems, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._items = items
        self._level = ConsoleLevel.INFO
        self._choice = APP
        self.setSourceModel(items)

    def entry(self, row: int) -> ConsoleEntry:
        """The entry of a row that is shown."""
        return self._items.entry(self.mapToSource(self.index(row, 0)).row())

    def entries(self) -> tuple[ConsoleEntry, ...]:
        """Every entry that is shown."""
        return tuple(self.entry(row) for row in range(self.rowCount()))

    def show_level(self, level: ConsoleLevel) -> None:
        """Shows rows that are at least so grave."""
        with self._choosing():
            self._level = level

    def show_source(self, choice: Choice) -> None:
        """Shows rows that come from there."""
        with self._choosing():
            self._choice = choice

    def filterAcceptsRow(self, row: int, parent: Index) -> bool:
        """Whether a row is shown."""
        entry = self._items.entry(row)
        if not self._level.covers(entry.level) or not self._choice.covers(entry):
            return False
        return not self._text or self._text in f"{entry.text}\n{entry.source}\n{entry.page}".casefold()
