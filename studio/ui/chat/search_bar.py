"""The search bar: finds words in a chat, from the newest message back, and older messages as it gets to them."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPersistentModelIndex, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QWidget

from studio.ui.chat.entries import CallMade, Entry
from studio.ui.chat.items import ChatItems, plain_text
from studio.ui.chat.list import ChatList
from studio.ui.theme import Theme
from studio.ui.widgets.buttons import IconButton
from studio.ui.widgets.labels import label


class SearchBar(QFrame):
    """Enter and the arrow up go to older matches, Shift+Enter and the arrow down to newer ones; Escape ends it.

    Signals:
        closed: the bar went, and the keyboard belongs into the message field
    """

    closed = Signal()

    def __init__(self, items: ChatItems, view: ChatList, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._items, self._view = items, view
        self._at = QPersistentModelIndex()
        # Older messages are told a part at a time, so that the window breathes between them.
        self._older = QTimer(self)
        self._older.setSingleShot(True)
        self._older.setInterval(0)
        self._older.timeout.connect(self._look_further)
        self._is_looking = False
        self.field = QLineEdit(self)
        self.field.setPlaceholderText("Search in this chat")
        self.field.setAccessibleName("Search in this chat")
        self.field.setClearButtonEnabled(True)
        self.field.installEventFilter(self)
        self.field.textEdited.connect(self._on_edited)
        self.count: QLabel = label("", "small", parent=self)
        self._up = IconButton(theme, "arrow-up", "Older match (Enter)")
        self._down = IconButton(theme, "arrow-down", "Newer match (Shift+Enter)")
        self._close = IconButton(theme, "close", "Close the search (Esc)")
        self._up.clicked.connect(self.go_older)
        self._down.clicked.connect(self.go_newer)
        self._close.clicked.connect(self.stop)
        items.completed.connect(self._on_completed)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 8, 6)
        row.setSpacing(4)
        row.addWidget(self.field, 1)
        for widget in (self.count, self._up, self._down, self._close):
            row.addWidget(widget)
        self.hide()

    def start(self) -> None:
        """Shows the bar and puts the keyboard there."""
        self.show()
        self.field.selectAll()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._view.mark_words(self.field.text())

    def stop(self) -> None:
        """Hides the bar and takes the marks away."""
        self._end_looking()
        self.hide()
        self._view.mark_words("")
        self.closed.emit()

    def go_older(self) -> None:
        """Shows the match above the one on show, else looks for one in older messages."""
        rows = self._rows()
        here = self._at.row() if self._at.isValid() else self._items.rowCount()
        above = [row for row in rows if row < here]
        if above:
            self._show(above[-1], rows)
        elif self._words and self._items.has_earlier:
            self._is_looking = True
            self.count.setText("Searching older messages…")
            self._older.start()
        else:
            self._tell(rows)

    def go_newer(self) -> None:
        """Shows the match below the one on show."""
        rows = self._rows()
        here = self._at.row() if self._at.isValid() else -1
        below = [row for row in rows if row > here]
        if below:
            self._show(below[0], rows)
        else:
            self._tell(rows)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: D102
        if event.type() is not QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return False
        match event.key():
            case Qt.Key.Key_Escape:
                self.stop()
            case Qt.Key.Key_Return | Qt.Key.Key_Enter if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
                self.go_newer()
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self.go_older()
            case _:
                return False
        return True

    @property
    def _words(self) -> str:
        return self.field.text().strip().lower()

    def _on_edited(self) -> None:
        self._end_looking()
        self._at = QPersistentModelIndex()
        self._view.mark_words(self.field.text().strip())
        if self._words:
            self.go_older()
        else:
            self.count.setText("")

    def _look_further(self) -> None:
        if self._is_looking:
            self._items.show_earlier()
            if not self._items.waits_for_log:
                self._is_looking = False
                self.go_older()

    def _on_completed(self) -> None:
        if self._is_looking:
            self._older.start()

    def _end_looking(self) -> None:
        self._is_looking = False
        self._older.stop()

    def _rows(self) -> list[int]:
        words = self._words
        if not words:
            return []
        folded = self._items.folded_rows()
        rows = (row for row in range(self._items.rowCount()) if row not in folded)
        return [row for row in rows if words in _searched(self._items.entry(row))]

    def _show(self, row: int, rows: list[int]) -> None:
        entry = self._items.entry(row)
        if not self._items.is_opened(row) and isinstance(entry, CallMade):
            seen = f"{entry.verb} {entry.target}".lower()
            if self._words not in seen:
                self._items.toggle(row)
        self._at = QPersistentModelIndex(self._items.index(row))
        self._view.show_row(row)
        self._tell(rows)

    def _tell(self, rows: list[int]) -> None:
        here = self._at.row() if self._at.isValid() else -1
        more = "+" if self._items.has_earlier else ""
        if here in rows:
            self.count.setText(f"{len(rows) - rows.index(here)} of {len(rows)}{more}")
        else:
            self.count.setText(f"{len(rows)}{more} found" if rows else "No results")


def _searched(entry: Entry) -> str:
    """All words of an entry, also those that only show when it is opened."""
    text = f"{plain_text(entry)}\n{entry.request}" if isinstance(entry, CallMade) else plain_text(entry)
    return text.lower()
