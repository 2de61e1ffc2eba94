"""The head line of the page: its title and choices, in one row or, where there is little room, in several."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

_EDGE = 16
_APART = 8


class Head(QWidget):
    """Shows a title at the left and choices at the right, each as wide as its words.

    Where they do not fit in one row, the last choice stays beside the title, and the others have a row each.
    """

    def __init__(self, title: QWidget, choices: Sequence[QWidget], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title, self._choices = title, tuple(choices)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(_EDGE, 8, _EDGE, 8)
        self._grid.setSpacing(_APART)
        self._grid.setColumnStretch(1, 1)
        # It takes the room that there is, and does not ask for more.
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.rows = 0
        self.place()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lays all out anew when there is room for more or less in a row."""
        super().resizeEvent(event)
        self.place()

    def place(self) -> None:
        """Lays all out anew, as after what a choice says became longer."""
        widths = [min(each.sizeHint().width(), each.maximumWidth()) for each in (self._title, *self._choices)]
        fits = sum(widths) + _APART * len(widths) + 2 * _EDGE <= self.width()
        rows = 1 if fits else len(self._choices)
        if rows == self.rows:
            return
        self.rows = rows
        while self._grid.takeAt(0) is not None:
            pass
        last = len(self._choices) - 1
        self._grid.addWidget(self._title, 0, 0)
        self._grid.addWidget(self._choices[last], 0, 2 + last)
        for at, choice in enumerate(self._choices[:last]):
            if fits:
                self._grid.addWidget(choice, 0, 2 + at)
            else:
                self._grid.addWidget(choice, 1 + at, 0, 1, 3 + last)
