"""The diff view: a branch's changes as coloured lines with their numbers."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import (
    QFontMetrics,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
)
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QWidget

from studio.domain.changes import Diff
from studio.ui.review.lines import DiffLine, LineKind, of_diff
from studio.ui.theme import Theme
from studio.ui.widgets.highlight import by_file_name

_BACKGROUNDS = {LineKind.ADDED: "diff_added", LineKind.REMOVED: "diff_removed", LineKind.FILE: "raised"}
_COLOURS = {LineKind.HUNK: "text_muted", LineKind.NOTE: "text_muted"}
_SIGNS = {LineKind.ADDED: "+", LineKind.REMOVED: "−"}


class DiffView(QPlainTextEdit):
    """Read-only; every character of the diff that hides or reorders text is written out."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._diff: Diff | None = None
        self._lines: list[DiffLine] = []
        self._starts: dict[str, int] = {}
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
        self._diff = diff
        self._lines, self._starts = of_diff(diff) if diff is not None else ([], {})
        self._fill()
        self.moveCursor(QTextCursor.MoveOperation.Start)
        self._fit_gutter()

    def go_to_file(self, path: str) -> None:
        """Brings a file's heading to the top."""
        if path in self._starts:
            self.verticalScrollBar().setValue(self._starts[path])

    def restyle(self) -> None:
        """Takes fonts and colours from the theme again."""
        self.setFont(self._theme.code_font())
        self.setStyleSheet("border: none; padding: 0; border-radius: 0")
        self._fill()
        self._fit_gutter()

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

    def _fill(self) -> None:
        self.clear()
        cursor = QTextCursor(self.document())
        cursor.beginEditBlock()
        path = ""
        starts = {index: path for path, index in self._starts.items()}
        for index, line in enumerate(self._lines):
            path = starts.get(index, path)
            layout, text = QTextBlockFormat(), QTextCharFormat()
            if line.kind in _BACKGROUNDS:
                layout.setBackground(self._theme.color(_BACKGROUNDS[line.kind]))
            text.setForeground(self._theme.color(_COLOURS.get(line.kind, "text")))
            if index:
                cursor.insertBlock(layout, text)
            else:
                cursor.setBlockFormat(layout)
                cursor.setBlockCharFormat(text)
            self._put(cursor, line, path, text)
        cursor.endEditBlock()

    def _put(self, cursor: QTextCursor, line: DiffLine, path: str, plain: QTextCharFormat) -> None:
        if line.kind is LineKind.FILE:
            plain.setFontWeight(600)
            cursor.insertText(line.text, plain)
        elif line.kind in (LineKind.HUNK, LineKind.NOTE):
            cursor.insertText(line.text, plain)
        else:
            for piece, colour in by_file_name(line.text, path):
                if colour:
                    shade = QTextCharFormat(plain)
                    shade.setForeground(self._theme.color(colour))
                    cursor.insertText(piece, shade)
                else:
                    cursor.insertText(piece, plain)

    def _column(self) -> int:
        most = max((max(line.old, line.new) for line in self._lines), default=0)
        return QFontMetrics(self.font()).horizontalAdvance("0") * max(len(str(most)), 3) + 10

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
