"""The live message: the one widget that shows what an agent is writing now."""

from __future__ import annotations

import re
import time

from PySide6.QtCore import Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QFrame, QLabel, QTextBrowser, QVBoxLayout, QWidget

from studio.ui.chat.documents import INDENT, space_lines
from studio.ui.chat.markdown import Markdown
from studio.ui.chat.paint_text import MARGIN
from studio.ui.theme import Theme

STEP = 48
"""The row grows by this many pixels at a time, so that the list is laid out rarely."""

REST_MILLISECONDS = 50
SHARE = 4
"""After drawing for N ms the widget rests for REST_MILLISECONDS, or SHARE * N ms when that is longer."""

_FENCE = re.compile(r"^(?:```|~~~)", re.MULTILINE)


class LiveMessage(QFrame):
    """Markdown that grows. Finished paragraphs are set once; only the newest is set again as it changes.

    Signals:
        height_changed: the widget needs this many pixels
    """

    height_changed = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._markdown = Markdown(theme)
        self._header, self._state = QLabel(self), QLabel(self)
        self._body = _Body(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(MARGIN, 10, MARGIN, 4)
        layout.setSpacing(4)
        for widget in (self._header, self._state, self._body):
            layout.addWidget(widget)
        layout.addStretch()
        for label in (self._header, self._state):
            label.setTextFormat(Qt.TextFormat.PlainText)
        self._body.document().documentLayout().documentSizeChanged.connect(self._on_size)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.timeout.connect(self._draw)
        self._text = self._drawn = ""
        self._stable, self._stable_position = 0, 0
        self._needed = 0
        self.setAccessibleName("Message being written")
        self.restyle()
        self.clear("")

    @property
    def body(self) -> QTextBrowser:
        """The widget with the text."""
        return self._body

    def clear(self, header: str) -> None:
        """Starts a new message."""
        self._text = self._drawn = ""
        self._stable, self._stable_position = 0, 0
        self._body.clear()
        self._body.hide()
        self._header.setText(header)
        self._header.setVisible(bool(header))
        self._state.setText("Working…")
        self._state.show()
        self._on_size()

    def show_text(self, text: str, thinking: str) -> None:
        """Shows what has arrived so far, soon."""
        if text:
            self._state.hide()
            self._body.show()
        elif thinking:
            self._state.setText(f"Thinking… {thinking[-90:].split(chr(10))[-1].strip()}")
        if not text.startswith(self._text[: self._stable]):
            self._stable, self._stable_position = 0, 0
        self._text = text
        if not self._rest.isActive():
            self._rest.start(0)

    def restyle(self) -> None:
        """Takes fonts and colours from the theme again."""
        self._markdown = Markdown(self._theme)
        self._body.setFont(self._theme.ui_font())
        self._body.document().setDefaultFont(self._theme.ui_font())
        small = self._theme.ui_font()
        small.setPixelSize(self._theme.size("font_small"))
        muted = f"color: {self._theme.color('text_muted').name()}"
        for label in (self._header, self._state):
            label.setFont(small)
            label.setStyleSheet(muted)
        self._body.setStyleSheet(
            f"background: transparent; border: none; padding: 0; color: {self._theme.color('text').name()}"
        )

    def _draw(self) -> None:
        if self._drawn == self._text:
            return
        began = time.perf_counter()
        end = _stable_end(self._text, self._stable)
        if end > self._stable:
            self._put(self._text[self._stable : end])
            self._stable = end
            cursor = QTextCursor(self._body.document())
            cursor.movePosition(QTextCursor.MoveOperation.End)
            cursor.insertBlock()
            self._stable_position = cursor.position()
        self._put(self._text[self._stable :])
        self._drawn = self._text
        took = (time.perf_counter() - began) * 1000
        self._rest.start(max(REST_MILLISECONDS, int(took * SHARE)))

    def _put(self, text: str) -> None:
        """Sets everything after the finished paragraphs to `text`."""
        cursor = QTextCursor(self._body.document())
        cursor.beginEditBlock()
        cursor.setPosition(self._stable_position)
        cursor.movePosition(QTextCursor.MoveOperation.End, QTextCursor.MoveMode.KeepAnchor)
        cursor.removeSelectedText()
        cursor.insertHtml(self._markdown.render(text).html)
        cursor.setPosition(self._stable_position)
        space_lines(cursor)
        cursor.endEditBlock()

    def _on_size(self) -> None:
        body = int(self._body.document().size().height() + 1) if self._text else 0
        self._body.setFixedHeight(max(body, 1))
        line = self._header.sizeHint().height() + 4
        needed = 18 + (line if self._header.text() else 0) + (body if self._text else line)
        stepped = -(-needed // STEP) * STEP
        if stepped != self._needed:
            self._needed = stepped
            self.height_changed.emit(stepped)


class _Body(QTextBrowser):
    """Text without scroll bars that loads nothing and follows no link by itself."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setOpenLinks(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setUndoRedoEnabled(False)
        self.setAccessibleName("Arriving text")
        self.document().setDocumentMargin(0)
        self.document().setIndentWidth(INDENT)

    def loadResource(self, kind: int, name: QUrl | str) -> object:
        return None

    def wheelEvent(self, event: object) -> None:
        event.ignore()  # type: ignore[attr-defined]


def _stable_end(text: str, begin: int) -> int:
    """Where the last finished paragraph ends: an empty line outside of a code fence."""
    end = text.rfind("\n\n", begin)
    while end > begin:
        if len(_FENCE.findall(text, begin, end)) % 2 == 0:
            return end + 2
        end = text.rfind("\n\n", begin, end)
    return begin
