"""Matches: the lines of one source, or of all, that hold the words looked for."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QSortFilterProxyModel

from studio.domain.container_logs import LogLine
from studio.ui.logs.items import LogItems

Index = QModelIndex | QPersistentModelIndex


class Matches(QSortFilterProxyModel):
    """What the panel shows of its items."""

    def __init__(self, items: LogItems, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._items = items
        self._text = ""
        self._origin = ""
        self.setSourceModel(items)

    def line(self, row: int) -> LogLine:
        """The line of a row that is shown."""
        return self._items.line(self.mapToSource(self.index(row, 0)).row())

    def lines(self) -> tuple[LogLine, ...]:
        """Every line that is shown."""
        return tuple(self.line(row) for row in range(self.rowCount()))

    def look_for(self, text: str) -> None:
        """Shows lines that hold this text."""
        self.beginFilterChange()
        self._text = text.casefold()
        self.endFilterChange(self.Direction.Rows)

    def show_origin(self, origin: str) -> None:
        """Shows lines of the source that people call so, or of all for an empty one."""
        self.beginFilterChange()
        self._origin = origin
        self.endFilterChange(self.Direction.Rows)

    def filterAcceptsRow(self, row: int, parent: Index) -> bool:
        """Whether a line is shown."""
        line = self._items.line(row)
        if self._origin and line.origin != self._origin:
            return False
        return not self._text or self._text in line.text.casefold()
