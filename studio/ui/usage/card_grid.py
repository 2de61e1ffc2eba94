"""A page of cards in two columns, or in one where there is little room."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QScrollArea, QVBoxLayout, QWidget

_TWO_COLUMNS = 720


class CardGrid(QScrollArea):
    """Shows cards in their order; a wide one has a row to itself."""

    def __init__(self, cards: Sequence[tuple[QWidget, bool]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cards = tuple(cards)
        self._grid = QGridLayout()
        self._grid.setContentsMargins(16, 4, 16, 16)
        self._grid.setSpacing(12)
        self._grid.setColumnStretch(0, 1)
        self.columns = 0
        inner = QWidget()
        inner.setObjectName("panelSurface")
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(self._grid)
        column.addStretch(1)
        self.setWidgetResizable(True)
        self.setWidget(inner)
        self._place(1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lays the cards out anew when there is room for more or fewer columns."""
        super().resizeEvent(event)
        self._place(2 if event.size().width() >= _TWO_COLUMNS else 1)

    def _place(self, columns: int) -> None:
        if columns == self.columns:
            return
        self.columns = columns
        while self._grid.takeAt(0) is not None:
            pass
        row = at = 0
        for card, wide in self._cards:
            if wide or columns == 1:
                row, at = row + (at > 0), 0
                self._grid.addWidget(card, row, 0, 1, columns)
                row += 1
            else:
                self._grid.addWidget(card, row, at)
                row, at = (row + 1, 0) if at else (row, 1)
        self._grid.setColumnStretch(1, columns - 1)
