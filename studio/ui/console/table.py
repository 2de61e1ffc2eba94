"""The table of console entries: the column of what was written takes the room that is left."""

from __future__ import annotations

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QTableView, QWidget

LEAST = 200
"""Pixels that the column has, however narrow the table is."""


class ConsoleTable(QTableView):
    """Scrolls sideways once the other columns leave that one, `stretched`, too little room to be read."""

    def __init__(self, stretched: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stretched = stretched
        self.setHorizontalScrollMode(QTableView.ScrollMode.ScrollPerPixel)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: D102
        super().resizeEvent(event)
        header = self.horizontalHeader()
        if header.count():
            others = header.length() - header.sectionSize(self._stretched)
            header.resizeSection(self._stretched, max(self.viewport().width() - others, LEAST))
