"""Completing: what an @ in the message field may mean, offered above it while the keyboard stays in the field."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QTextCursor
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QPlainTextEdit, QWidget

from studio.base.text import shorten
from studio.ui.chat.mentions import positions, text_before
from studio.ui.theme import Theme
from studio.ui.widgets.names import shown

if TYPE_CHECKING:
    from studio.app.references import Offer

ROWS = 8
PAUSE_MILLISECONDS = 60
"""So long one pauses before a list is asked for."""

ABOUT_CHARACTERS = 60

_TYPED = re.compile(r'(?<!\S)@((?:\w+:)?"[^"\n]*|\S*)\Z')


class Completing(QListWidget):
    """The list; it never takes the keyboard, and goes when nothing fits, on Escape, or when the field is left.

    Signals:
        wanted: the text after an @ for which offers are asked
    """

    wanted = Signal(str)

    def __init__(self, field: QPlainTextEdit, anchor: QWidget, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._page = parent
        self._field, self._anchor, self._theme = field, anchor, theme
        self._typed: str | None = None
        self._dismissed = ""
        self._offers: Sequence[Offer] = ()
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MILLISECONDS)
        self._pause.timeout.connect(self._ask)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName("What the @ may mean")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setUniformItemSizes(True)
        self.itemClicked.connect(lambda _item: self._accept())
        field.textChanged.connect(self._look)
        field.cursorPositionChanged.connect(self._look)
        field.installEventFilter(self)
        theme.changed.connect(self._restyle)
        self._restyle()
        self.hide()

    def show_offers(self, typed: str, offers: Sequence[Offer]) -> None:
        """Shows what `typed` may mean, unless something else is typed by now."""
        if typed != self._typed:
            return
        self._offers = offers
        self.clear()
        for offer in offers:
            about = f"   {shown(shorten(offer.about, ABOUT_CHARACTERS))}" if offer.about else ""
            self.addItem(QListWidgetItem(f"{shown(offer.typed)}{about}"))
        self.setCurrentRow(0)
        self.setVisible(bool(offers) and self._field.hasFocus())
        self.place()

    def place(self) -> None:
        """Stands above the composer, as high as its rows."""
        rows = max(1, min(self.count(), ROWS))
        height = rows * max(self.sizeHintForRow(0), 20) + 2 * self.frameWidth() + 4
        top = self._anchor.mapTo(self._page, self._anchor.rect().topLeft())
        self.setGeometry(top.x(), max(top.y() - height - 4, 0), self._anchor.width(), min(height, max(top.y() - 4, 0)))
        self.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: D102
        if event.type() is QEvent.Type.FocusOut:
            self.hide()
        if event.type() is QEvent.Type.KeyPress and self.isVisible() and isinstance(event, QKeyEvent):
            return self._take_key(event)
        return False

    def _take_key(self, event: QKeyEvent) -> bool:
        match event.key():
            case Qt.Key.Key_Down | Qt.Key.Key_Up:
                step = 1 if event.key() == Qt.Key.Key_Down else -1
                self.setCurrentRow((self.currentRow() + step) % self.count())
            case Qt.Key.Key_Return | Qt.Key.Key_Enter | Qt.Key.Key_Tab if not event.modifiers():
                # What is whole already is sent, not completed once more.
                if event.key() != Qt.Key.Key_Tab and self._is_as_offered():
                    self.hide()
                    return False
                self._accept()
            case Qt.Key.Key_Escape:
                self._dismissed = self._typed or ""
                self.hide()
            case _:
                return False
        return True

    def _is_as_offered(self) -> bool:
        return any(offer.whole and offer.typed == f"@{self._typed}" for offer in self._offers)

    def _look(self) -> None:
        cursor = self._field.textCursor()
        before = text_before(cursor)
        found = _TYPED.search(before) if not cursor.hasSelection() else None
        typed = found[1] if found is not None else None
        if typed == self._typed:
            return
        self._typed = typed
        if typed is None:
            self._dismissed = ""
        if typed is None or (self._dismissed and typed.startswith(self._dismissed)):
            self._pause.stop()
            self.hide()
        else:
            self._pause.start()

    def _ask(self) -> None:
        if self._typed is not None:
            self.wanted.emit(self._typed)

    def _accept(self) -> None:
        """Puts the chosen offer in the place of what was typed."""
        row = self.currentRow()
        if self._typed is None or not 0 <= row < len(self._offers):
            return
        offer = self._offers[row]
        cursor = self._field.textCursor()
        cursor.setPosition(cursor.position() - positions(self._typed) - 1, QTextCursor.MoveMode.KeepAnchor)
        cursor.insertText(offer.typed + (" " if offer.whole else ""))
        self.hide()
        self._field.setTextCursor(cursor)

    def _restyle(self) -> None:
        color = {name: self._theme.color(name).name() for name in ("raised", "line", "text", "selected")}
        self.setStyleSheet(
            f"QListWidget {{ background: {color['raised']}; color: {color['text']};"
            f" border: 1px solid {color['line']}; border-radius: {self._theme.size('radius')}px; padding: 2px; }}"
            f"QListWidget::item {{ padding: 2px 6px; }}"
            f"QListWidget::item:selected {{ background: {color['selected']}; color: {color['text']}; }}"
        )
