"""Colouring: finished code gets its colours a little at a time, so that the window never waits for them."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QTextBlock, QTextCursor, QTextDocument

from studio.ui.chat.spots import APPLY_SCHEME
from studio.ui.theme import Theme
from studio.ui.widgets.highlight import by_language, colour

SLICE_SECONDS = 0.004
SHOWN_MILLISECONDS = 50
"""How often what was coloured meanwhile is painted."""


class Colouring(QObject):
    """Colours documents in the order in which they were seen last.

    Signals:
        advanced: some code has its colours now, so it must be painted again
    """

    advanced = Signal()

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._works: list[Iterator[None]] = []
        self._slices, self._showing = QTimer(self), QTimer(self)
        for timer, milliseconds in ((self._slices, 0), (self._showing, SHOWN_MILLISECONDS)):
            timer.setSingleShot(True)
            timer.setInterval(milliseconds)
        self._slices.timeout.connect(self._work)
        self._showing.timeout.connect(self.advanced)

    def add(self, document: QTextDocument, languages: Sequence[str]) -> None:
        """Colours a message that is laid out, whose code blocks are in these languages."""
        if any(languages):
            self._works.append(self._coloured(document, languages))
            self._slices.start()

    def clear(self) -> None:
        """Leaves everything that is not coloured yet as it is."""
        self._works.clear()

    def _work(self) -> None:
        end = time.perf_counter() + SLICE_SECONDS
        while self._works and time.perf_counter() < end:
            if next(self._works[-1], self) is self:
                self._works.pop()
        if not self._showing.isActive():
            self._showing.start()
        if self._works:
            self._slices.start()

    def _coloured(self, document: QTextDocument, languages: Sequence[str]) -> Iterator[None]:
        """Colours one line at each step."""
        blocks = _code(document)
        for language, lines in zip(languages, blocks, strict=True):
            text = "\n".join(line.text() for line in lines)
            for line, runs in zip(lines, by_language(text, language), strict=False):
                colour(line, runs, self._theme.color)
                yield


def _code(document: QTextDocument) -> list[list[QTextBlock]]:
    """The lines of each code block: those below the title with its buttons, to the end of the block's frame."""
    found: list[list[QTextBlock]] = []
    block = document.begin()
    while block.isValid():
        cursor = QTextCursor(block)
        cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock)
        block = block.next()
        if cursor.charFormat().anchorHref().startswith(APPLY_SCHEME):
            end = cursor.currentFrame().lastPosition()
            found.append([])
            while block.isValid() and block.position() <= end:
                found[-1].append(block)
                block = block.next()
    return found
