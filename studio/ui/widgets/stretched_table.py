"""A table in which one column takes the room that is left."""

from __future__ import annotations

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QTableView, QWidget


class StretchedTable(QTableView):
    """Scrolls sideways once the other columns leave the stretched one fewer than `least` pixels.

    Before that, columns `giving_way` are hidden, the first of them first, as long as it has fewer than `wanted`.
    """

    def __init__(
        self,
        stretched: int,
        least: int,
        *,
        giving_way: tuple[int, ...] = (),
        wanted: int = 0,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._stretched = stretched
        self._least, self._wanted = least, wanted
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
            if self._left() >= self._wanted:
                break
            header.hideSection(column)
        header.resizeSection(self._stretched, max(self._left(), self._least))

    def _left(self) -> int:
        """The pixels that the other columns leave."""
        header = self.horizontalHeader()
        return self.viewport().width() - (header.length() - header.sectionSize(self._stretched))
