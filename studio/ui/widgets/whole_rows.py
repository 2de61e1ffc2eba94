"""Whole rows: a table of rows of one height that is only so high that none of them is cut."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QTableView, QWidget


class WholeRows(QWidget):
    """Leaves what is too little for another row empty below the table.

    A table that stands at its end would else show a part of a row below its header.
    """

    def __init__(self, table: QTableView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._table = table
        table.setParent(self)
        self.setFocusProxy(table)
        # A scroll bar that comes or goes leaves another room for rows.
        table.viewport().installEventFilter(self)

    def sizeHint(self) -> QSize:  # noqa: D102
        return self._table.sizeHint()

    def minimumSizeHint(self) -> QSize:  # noqa: D102
        return self._table.minimumSizeHint()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: D102
        super().resizeEvent(event)
        self._fit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: D102
        if event.type() == QEvent.Type.Resize:
            self._fit()
        return super().eventFilter(watched, event)

    def _fit(self) -> None:
        room = self.height() - (self._table.height() - self._table.viewport().height())
        extra = max(0, room) % self._table.verticalHeader().defaultSectionSize()
        self._table.setGeometry(0, 0, self.width(), self.height() - extra)
