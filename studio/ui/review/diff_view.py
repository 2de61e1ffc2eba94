"""The diff view: a branch's changes as coloured lines with their numbers."""

from __future__ import annotations

import time
from bisect import bisect_right

from PySide6.QtCore import QRect, QSize, Qt, QTimer
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QResizeEvent, QTextBlock, QTextCursor
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QWidget

from studio.domain.changes import Diff
from studio.ui.review.lines import DiffLine, LineKind, of_diff
from studio.ui.theme import Theme
from studio.ui.widgets.highlight import by_file_name, colour

SLICE_LINES = 500
"""How many lines are put in at a time: the first ones are read while the others follow."""

SLICE_SECONDS = 0.006
"""How long lines that come into view are coloured before they are painted; the others are in the next frames."""

_BACKGROUNDS = {LineKind.ADDED: "diff_added", LineKind.REMOVED: "diff_removed", LineKind.FILE: "raised"}
_COLOURS = {LineKind.HUNK: "text_muted", LineKind.NOTE: "text_muted"}
_SIGNS = {LineKind.ADDED: "+", LineKind.REMOVED: "−"}


class DiffView(QPlainTextEdit):
    """Read-only; every character of the diff that hides or reorders text is written out."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._lines: list[DiffLine] = []
        self._starts: dict[str, int] = {}
        self._most = 0
        self._filled = 0
        self._coloured: set[int] = set()
        self._slices, self._frames = QTimer(self), QTimer(self)
        self._slices.timeout.connect(self._fill)
        self._frames.timeout.connect(self.viewport().update)
        for timer in (self._slices, self._frames):
            timer.setSingleShot(True)
            timer.setInterval(0)
        self._gutter = _Gutter(self)
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setAccessibleName("Changes")
        self.updateRequest.connect(self._on_update)
        theme.changed.connect(self.restyle)
        self.restyle()

    @property
    def lines(self) -> list[DiffLine]:
        """The lines on show."""
        return self._lines

    def show_diff(self, diff: Diff | None) -> None:
        """Shows a diff from its top, or nothing."""
        self._lines, self._starts = of_diff(diff) if diff is not None else ([], {})
        self._most = max((max(line.old, line.new) for line in self._lines), default=0)
        self._slices.stop()
        self._filled = 0
        self._coloured.clear()
        self.clear()
        self._fill()
        self.moveCursor(QTextCursor.MoveOperation.Start)
        self._fit_gutter()

    def go_to_file(self, path: str) -> None:
        """Brings a file's heading to the top."""
        if path in self._starts:
            self._fill(self._starts[path] + SLICE_LINES)
            self.verticalScrollBar().setValue(self._starts[path])

    def restyle(self) -> None:
        """Takes fonts and colours from the theme again."""
        self.setFont(self._theme.code_font())
        self.setStyleSheet("border: none; padding: 0; border-radius: 0")
        self._coloured.clear()
        self._fit_gutter()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: D102
        self._colour_view()
        self._paint_backgrounds(event.rect())
        super().paintEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: D102
        super().resizeEvent(event)
        self._fit_gutter()

    def paint_gutter(self, event: QPaintEvent) -> None:
        """Draws the numbers of the lines in view."""
        painter = QPainter(self._gutter)
        painter.fillRect(event.rect(), self._theme.color("surface"))
        painter.setFont(self.font())
        painter.setPen(self._theme.color("text_faint"))
        column = self._column()
        # Of one line, not of the block: the last block has the document's margin in it.
        height = QFontMetrics(self.font()).height()
        block = self.firstVisibleBlock()
        while block.isValid() and block.blockNumber() < len(self._lines):
            box = self.blockBoundingGeometry(block).translated(self.contentOffset()).toRect()
            if box.top() > event.rect().bottom():
                break
            line = self._lines[block.blockNumber()]
            for number, left in ((line.old, 0), (line.new, column)):
                if number:
                    cell = QRect(left, box.top(), column - 6, height)
                    painter.drawText(
                        cell, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), str(number)
                    )
            sign = _SIGNS.get(line.kind, "")
            cell = QRect(2 * column, box.top(), 12, height)
            painter.drawText(cell, int(Qt.AlignmentFlag.AlignVCenter), sign)
            block = block.next()
        painter.end()

    def gutter_width(self) -> int:
        """Room for two columns of numbers and a sign, in pixels."""
        return 2 * self._column() + 14

    def _fill(self, least: int = 0) -> None:
        """Adds the next lines, and more until there are `least`."""
        there = self._filled
        end = max(there + SLICE_LINES, least)
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        text = "\n".join(line.text for line in self._lines[there:end])
        cursor.insertText(f"\n{text}" if there else text)
        self._filled = min(end, len(self._lines))
        if self._filled < len(self._lines):
            self._slices.start()

    def _colour_view(self) -> None:
        """Colours the lines in view, and stops when that takes too long for one frame."""
        end = time.perf_counter() + SLICE_SECONDS
        block = self.firstVisibleBlock()
        while block.isValid() and block.blockNumber() < len(self._lines):
            box = self.blockBoundingGeometry(block).translated(self.contentOffset())
            if box.top() > self.viewport().height():
                return
            if block.blockNumber() not in self._coloured:
                if time.perf_counter() > end:
                    self._frames.start()
                    return
                self._coloured.add(block.blockNumber())
                self._colour_line(block, self._lines[block.blockNumber()])
            block = block.next()

    def _colour_line(self, block: QTextBlock, line: DiffLine) -> None:
        if line.kind in (LineKind.SAME, LineKind.ADDED, LineKind.REMOVED):
            path = list(self._starts)[bisect_right(list(self._starts.values()), block.blockNumber()) - 1]
            runs = next(by_file_name(line.text, path), [])
        else:
            runs = [(line.text, _COLOURS.get(line.kind, "text"))]
        colour(block, runs, self._theme.color, bold=line.kind is LineKind.FILE)

    def _paint_backgrounds(self, rect: QRect) -> None:
        painter = QPainter(self.viewport())
        height = QFontMetrics(self.font()).height()
        block = self.firstVisibleBlock()
        while block.isValid() and block.blockNumber() < len(self._lines):
            box = self.blockBoundingGeometry(block).translated(self.contentOffset()).toRect()
            if box.top() > rect.bottom():
                break
            name = _BACKGROUNDS.get(self._lines[block.blockNumber()].kind)
            if name is not None:
                line = QRect(0, box.top(), self.viewport().width(), height)
                painter.fillRect(line, self._theme.color(name))
            block = block.next()
        painter.end()

    def _column(self) -> int:
        return QFontMetrics(self.font()).horizontalAdvance("0") * max(len(str(self._most)), 3) + 10

    def _fit_gutter(self) -> None:
        self.setViewportMargins(self.gutter_width(), 0, 0, 0)
        inner = self.contentsRect()
        self._gutter.setGeometry(inner.left(), inner.top(), self.gutter_width(), inner.height())
        self._gutter.update()

    def _on_update(self, rect: QRect, dy: int) -> None:
        if dy:
            self._gutter.scroll(0, dy)
        else:
            self._gutter.update(0, rect.y(), self._gutter.width(), rect.height())


class _Gutter(QWidget):
    """The strip of numbers beside the text."""

    def __init__(self, view: DiffView) -> None:
        super().__init__(view)
        self._view = view

    def sizeHint(self) -> QSize:
        return QSize(self._view.gutter_width(), 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        self._view.paint_gutter(event)
