"""The live message: the one widget that shows what an agent is writing now."""

from __future__ import annotations

import time

from PySide6.QtCore import Qt, QTimer, QUrl, Signal
from PySide6.QtWidgets import QFrame, QLabel, QTextBrowser, QVBoxLayout, QWidget

from studio.base.text import plain
from studio.ui.chat.documents import INDENT
from studio.ui.chat.growing import Growing
from studio.ui.chat.paint_text import MARGIN
from studio.ui.theme import Theme
from studio.ui.widgets.labels import ElidedLabel, label

STEP = 48
"""The row grows by this many pixels at a time, so that the list is laid out rarely."""

REST_MILLISECONDS = 50
SHARE = 4
"""After drawing for N ms the widget rests for REST_MILLISECONDS, or SHARE * N ms when that is longer."""


class LiveMessage(QFrame):
    """Who writes, what they do, and the text so far.

    Signals:
        height_changed: the widget needs this many pixels
        spot_clicked: a link, file or copy button was clicked
    """

    height_changed = Signal(int)
    spot_clicked = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._header, self._state = label(parent=self), ElidedLabel(parent=self)
        self._body = _Body(self)
        self._growing = Growing(self._body.document(), theme)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(MARGIN, 10, MARGIN, 4)
        layout.setSpacing(4)
        for widget in (self._header, self._body, self._state):
            layout.addWidget(widget)
        layout.addStretch()
        self._body.anchorClicked.connect(self._on_anchor)
        self._body.document().documentLayout().documentSizeChanged.connect(self._on_size)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.timeout.connect(self._draw)
        self._text = self._drawn = ""
        self._needed = 0
        self.setAccessibleName("Message being written")
        self.restyle()
        self.clear("")

    @property
    def body(self) -> QTextBrowser:
        """The widget with the text."""
        return self._body

    @property
    def state(self) -> QLabel:
        """The line that says what the agent does while it writes nothing."""
        return self._state

    @property
    def growing(self) -> Growing:
        """The text as it is laid out."""
        return self._growing

    def clear(self, header: str) -> None:
        """Starts a new message."""
        self._text = self._drawn = ""
        self._growing.clear()
        self._body.hide()
        self._header.setText(header)
        self._header.setVisible(bool(header))
        self._state.set_text("Working…")
        self._state.show()
        self._on_size()

    def show_text(self, text: str, thinking: str, setup: str) -> None:
        """Shows what has arrived so far, soon; `setup` is what the sandbox says while it is prepared."""
        if text:
            self._body.show()
            self._state.set_text("Writing…")
        elif thinking:
            self._state.set_text(f"Thinking… {thinking[-90:].split(chr(10))[-1].strip()}")
        elif setup:
            self._state.set_text(f"Preparing the sandbox… {plain(setup).strip().split(chr(10))[-1]}")
        else:
            self._state.set_text("Working…")
        self._text = text
        if not self._rest.isActive():
            self._rest.start(0)

    def restyle(self) -> None:
        """Takes fonts and colours from the theme again."""
        self._body.setFont(self._theme.ui_font())
        self._body.document().setDefaultFont(self._theme.ui_font())
        small = self._theme.ui_font()
        small.setPixelSize(self._theme.size("font_small"))
        muted = f"color: {self._theme.color('text_muted').name()}"
        for each in (self._header, self._state):
            each.setFont(small)
            each.setStyleSheet(muted)
        self._body.setStyleSheet(
            f"background: transparent; border: none; padding: 0; color: {self._theme.color('text').name()}"
        )
        self._growing.restyle()
        self._drawn = ""
        self._draw()

    def _draw(self) -> None:
        if self._drawn == self._text:
            return
        began = time.perf_counter()
        self._growing.show(self._text)
        self._drawn = self._text
        took = (time.perf_counter() - began) * 1000
        self._rest.start(max(REST_MILLISECONDS, int(took * SHARE)))

    def _on_anchor(self, url: QUrl) -> None:
        spot = self._growing.spot(url.toEncoded().toStdString())
        if spot is not None:
            self.spot_clicked.emit(spot)

    def _on_size(self) -> None:
        body = int(self._body.document().size().height() + 1) if self._text else 0
        self._body.setFixedHeight(max(body, 1))
        line = self._header.sizeHint().height() + 4
        needed = 18 + (line if self._header.text() else 0) + body + line
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
