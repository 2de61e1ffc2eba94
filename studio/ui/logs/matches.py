"""Matches: the lines of one source, or of all, that hold the words looked for."""

from __future__ import annotations

from PySide6.QtCore import QObject

from studio.domain.container_logs import LogLine
from studio.ui.logs.items import LogItems
from studio.ui.widgets.row_items import Index
from studio.ui.widgets.row_matches import RowMatches


class Matches(RowMatches):
    """What the panel shows of its items."""

    def __init__(self, items: LogItems, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._items = items
        self._origin = ""
        self.setSourceModel(items)

    def line(self, row: int) -> LogLine:
        """The line of a row that is shown."""
        return self._items.line(self.mapToSource(self.index(row, 0)).row())

    def lines(self) -> tuple[LogLine, ...]:
        """Every line that is shown."""
        return tuple(self.line(row) for row in range(self.rowCount()))

    def show_origin(self, origin: str) -> None:
        """Shows lines of the source that people call so, or of all for an empty one."""
        with self._choosing():
            self._origin = origin

    def filterAcceptsRow(self, row: int, parent: Index) -> bool:
        """Whether a line is shown."""
        line = self._items.line(row)
        if self._origin and line.origin != self._origin:
            return False
        return not self._text or self._text in line.text.casefold()
