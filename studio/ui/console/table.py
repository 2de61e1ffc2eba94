"""The table of console entries: the column of what was written takes the room that is left."""

from __future__ import annotations

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QTableView, QWidget

LEAST = 220
"""Pixels that the column has before others give way to it."""


class ConsoleTable(QTableView):
    """Where there is little room, the columns `giving_way` are hidden, the first of them first.

    What they say is with the chosen entry as well.
    """

    def __init__(self, stretched: int, giving_way: tuple[int, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stretched = stretched
        self._giving_way = giving_way
        self.setHorizontalScrollMode(QTableView.ScrollMode.ScrollPerPixel)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: D102
        super().resizeEvent(event)
        header = self.horizontalHeader()
        if not header.count():
            return
        for column in self._giving_way:
            header.showSection(column)
        for column in self._giving_way:
            if self._left() >= LEAST:
                break
            header.hideSection(column)
        header.resizeSection(self._stretched, max(self._left(), LEAST // 2))

    def _left(self) -> int:
        """The pixels that the other columns leave."""
        header = self.horizontalHeader()
        return self.viewport().width() - (header.length() - header.sectionSize(self._stretched))
