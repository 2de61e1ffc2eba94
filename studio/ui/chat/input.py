"""The input: a text field that grows with what is typed and remembers what was sent."""

from __future__ import annotations

import math
from collections.abc import Iterable

from PySide6.QtCore import QEvent, QMimeData, QSize, Qt, Signal
from PySide6.QtGui import QFont, QImage, QKeyEvent, QTextCursor, QTextLayout
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QWidget

MOST_LINES = 10
REMEMBERED = 100
LONGEST_WRAPPED = 5_000
"""Lines of more characters than this are not wrapped."""
_AIR = 4
"""Pixels beyond what the lines take."""


class Input(QPlainTextEdit):
    """Enter submits, Shift+Enter makes a new line, Up and Down at the edges go through what was sent.

    Signals:
        submitted: Enter was pressed
        submitted_now: Ctrl+Enter was pressed
        files_given: local files were dropped or pasted
        image_given: a picture was dropped or pasted
    """

    submitted = Signal()
    submitted_now = Signal()
    files_given = Signal(tuple)
    image_given = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sent: list[str] = []
        self._at = 0
        # By place among the sent texts: what the person made of one; that behind the last is what they typed.
        self._changed: dict[int, str] = {}
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setTabChangesFocus(True)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().documentLayout().documentSizeChanged.connect(self._fit)
        self.document().setDocumentMargin(2)
        self._fit()

    @property
    def draft(self) -> str:
        """What the person typed: while a sent text is brought back unchanged, that which it took the place of."""
        text = self.toPlainText()
        return self._typed if self._at < len(self._sent) and text == self._sent[self._at] else text

    def restore(self, draft: str) -> None:
        """Puts a draft of before into the field, ready to go on at its end."""
        self._wrap(draft)
        self.setPlainText(draft)
        self.moveCursor(QTextCursor.MoveOperation.End)

    def add(self, text: str, with_keyboard: bool = False) -> None:
        """Puts a text below what is typed, and the keyboard behind it if one was typing in it."""
        self._wrap(text)
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.insertText(f"\n\n{text}" if self.toPlainText().strip() else text)
        if with_keyboard:
            self.setTextCursor(cursor)
            self.setFocus()

    def remember(self, text: str) -> None:
        """Adds a text to what Up brings back."""
        typed, behind = self._typed, len(self._sent) - self._at
        if is_new := not self._sent or self._sent[-1] != text:
            self._sent = [*self._sent, text][-REMEMBERED:]
        # Whoever looks at a sent text meanwhile still finds below it what they had typed before.
        goes_on = behind > 0 and typed not in ("", text)
        self._at = max(len(self._sent) - behind - is_new, 0) if goes_on else len(self._sent)
        self._changed = {len(self._sent): typed} if goes_on else {}

    def let_go(self, text: str) -> None:
        """This text was sent: it leaves the field and comes back with Up; what was typed after it stays."""
        self.remember(text)
        now = self.toPlainText()
        if now == text:
            self.clear()
        elif now.startswith(text):
            start = QTextCursor(self.document())
            start.setPosition(len(text.encode("utf-16-le")) // 2, QTextCursor.MoveMode.KeepAnchor)
            start.removeSelectedText()

    def remember_earlier(self, texts: Iterable[str]) -> None:
        """Lets Up bring back what was sent before this window was there, unless something was sent from it already."""
        if not self._sent:
            self._sent = list(texts)[-REMEMBERED:]
            self._at = len(self._sent)

    def sizeHint(self) -> QSize:  # noqa: D102
        return QSize(200, self.height())

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: D102
        is_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if is_enter and not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            (self.submitted_now if event.modifiers() & Qt.KeyboardModifier.ControlModifier else self.submitted).emit()
        elif event.key() == Qt.Key.Key_Up and self._at > 0 and self._is_at_edge(QTextCursor.MoveOperation.Up):
            self._recall(self._at - 1)
        elif (
            event.key() == Qt.Key.Key_Down
            and self._at < len(self._sent)
            and self._is_at_edge(QTextCursor.MoveOperation.Down)
        ):
            self._recall(self._at + 1)
        else:
            super().keyPressEvent(event)

    def canInsertFromMimeData(self, source: QMimeData) -> bool:  # noqa: D102
        return bool(_local_files(source)) or source.hasImage() or super().canInsertFromMimeData(source)

    def insertFromMimeData(self, source: QMimeData) -> None:  # noqa: D102
        files = _local_files(source)
        if files:
            self.files_given.emit(files)
        elif source.hasImage() and not source.text().strip():
            # Tables are copied as text and as a picture of it.
            self.image_given.emit(QImage(source.imageData()))
        else:
            self._wrap(source.text())
            super().insertFromMimeData(source)

    @property
    def _typed(self) -> str:
        return self._changed.get(len(self._sent), "")

    def _is_at_edge(self, direction: QTextCursor.MoveOperation) -> bool:
        """Whether the caret is in the first or the last line, of those that a long text is wrapped into too."""
        here = self.textCursor()
        moved = QTextCursor(here)
        return not moved.movePosition(direction) or (moved.block() == here.block() and _line(moved) == _line(here))

    def _recall(self, at: int) -> None:
        self._changed[self._at] = self.toPlainText()
        self._at = at
        self.restore(self._changed.get(at, self._sent[at] if at < len(self._sent) else ""))

    def _wrap(self, more: str) -> None:
        """Wraps lines, unless one of those to come is so long that Qt would take seconds to wrap it at every key."""
        is_long = any(len(line) > LONGEST_WRAPPED for line in more.split("\n"))
        if is_long or not self.toPlainText():
            self.setLineWrapMode(self.LineWrapMode.NoWrap if is_long else self.LineWrapMode.WidgetWidth)

    def changeEvent(self, event: QEvent) -> None:
        """Makes room for the border and padding that a style sheet gives it."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.StyleChange:
            self._fit()

    def _fit(self) -> None:
        lines = max(2, min(int(self.document().size().height() + 0.5), MOST_LINES))
        dress = self.contentsMargins()
        around = dress.top() + dress.bottom() + 2 * math.ceil(self.document().documentMargin()) + _AIR
        self.setFixedHeight(math.ceil(lines * _line_height(self.font())) + around)


def _line(cursor: QTextCursor) -> int:
    """Which line of its paragraph the caret is in."""
    return cursor.block().layout().lineForTextPosition(cursor.positionInBlock()).lineNumber()


def _line_height(font: QFont) -> float:
    """How high a line is laid out, which is more than the metrics of some fonts say."""
    layout = QTextLayout("x", font)
    layout.beginLayout()
    line = layout.createLine()
    layout.endLayout()
    return line.height()


def _local_files(source: QMimeData) -> tuple[str, ...]:
    return tuple(url.toLocalFile() for url in source.urls() if url.isLocalFile())
