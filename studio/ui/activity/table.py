"""The table of events: its last column takes the room that is left, and is scrolled to where that is little."""

from __future__ import annotations

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QTableView, QWidget

LEAST_DETAILS = 360
"""Pixels that the last column has, however narrow the table is."""


class EventTable(QTableView):
    """Scrolls sideways once the other columns leave its last one too little room to be read."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setHorizontalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        self.horizontalHeader().sectionResized.connect(self._on_resized)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: D102
        super().resizeEvent(event)
        self._fit()

    def _on_resized(self, section: int) -> None:
        if section != self._last():
            self._fit()

    def _last(self) -> int:
        return self.horizontalHeader().count() - 1

    def _fit(self) -> None:
        header, last = self.horizontalHeader(), self._last()
        if last >= 0:
            others = header.length() - header.sectionSize(last)
            header.resizeSection(last, max(self.viewport().width() - others, LEAST_DETAILS))
