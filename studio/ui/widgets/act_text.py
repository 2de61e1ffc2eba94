"""The act text: the words of a question, as high as they are, up to the room there is for them."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QWidget

_LEAST_LINES = 3
"""Even where there is no room at all, so much is seen at once."""


class ActText(QPlainTextEdit):
    """A text to be read before it is answered: whole lines, wrapped; only what finds no room is scrolled to."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._room = self._around = 0
        self.setReadOnly(True)
        self.setAccessibleName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().documentLayout().documentSizeChanged.connect(lambda _size: self._fit())
        self._fit()

    def give_room(self, height: int) -> None:
        """Lets the text be as high as this, if it has so many lines."""
        self._room = height
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width wraps the lines anew."""
        super().resizeEvent(event)
        self._fit()

    def showEvent(self, event: QShowEvent) -> None:
        """What came while the text was out of sight is fitted now."""
        super().showEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        """Another font has lines of another height."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._fit()

    def _fit(self) -> None:
        if self.isVisible():
            # Out of sight the inner part does not follow the outer one.
            self._around = self.height() - self.viewport().height() + round(2 * self.document().documentMargin())
        most = max(self._room, _LEAST_LINES * self.fontMetrics().lineSpacing())
        needed = self._needed(most)
        is_whole = needed <= most
        # Qt shows a bar for a moment whenever the text is new, and wraps the lines beside it.
        policy = Qt.ScrollBarPolicy.ScrollBarAlwaysOff if is_whole else Qt.ScrollBarPolicy.ScrollBarAsNeeded
        self.setVerticalScrollBarPolicy(policy)
        height = min(needed, most) + self._around
        if height != self.height():
            self.setFixedHeight(height)

    def _needed(self, most: int) -> int:
        """How high the wrapped text is; beyond `most` nobody needs to know."""
        height, block = 0.0, self.document().firstBlock()
        while block.isValid() and height <= most:
            height += self.blockBoundingRect(block).height()
            block = block.next()
        return math.ceil(height)
