"""The palette: type a few letters, choose, go."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QColor, QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QGraphicsDropShadowEffect,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from studio.ui.theme import Theme
from studio.ui.widgets.labels import label
from studio.ui.widgets.names import shown

_WIDTH = 560
_ROWS = 12
_TOP = 40


@dataclass(frozen=True, slots=True)
class Choice:
    """One line: what it says, a quieter word at its end, and what choosing it does."""

    text: str
    hint: str
    choose: Callable[[], object]


Search = Callable[[str], list[Choice]]
"""Finds the choices for what was typed; called on every key."""


class Palette(QFrame):
    """A field with a list, above everything else of its window; Escape or a click elsewhere closes it."""

    def __init__(self, theme: Theme, window: QWidget) -> None:
        super().__init__(window)
        self.setObjectName("palette")
        self._theme = theme
        self._search: Search = _nothing
        self._choices: list[Choice] = []
        self._former: QWidget | None = None
        self.field = QLineEdit()
        self.field.setAccessibleName("Search")
        self.list = QListWidget()
        self.list.setAccessibleName("Results")
        self.list.setUniformItemSizes(True)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.empty = label("Nothing fits.", "muted")
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(8)
        for widget in (self.field, self.list, self.empty):
            column.addWidget(widget)
        shadow = QGraphicsDropShadowEffect(self, blurRadius=32)
        shadow.setOffset(0, 6)
        shadow.setColor(QColor(0, 0, 0, 110))
        self.setGraphicsEffect(shadow)
        self.field.textChanged.connect(self.refresh)
        self.list.itemClicked.connect(lambda _item: self._choose())
        self.field.installEventFilter(self)
        self.hide()

    def open(self, search: Search, placeholder: str) -> None:
        """Shows itself with what `search` finds for an empty field."""
        self._search = search
        self._former = self.window().focusWidget()
        self.field.setPlaceholderText(placeholder)
        self.field.clear()
        self.refresh()
        self.show()
        self.raise_()
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)

    def refresh(self) -> None:
        """Searches again for what stands in the field."""
        self._choices = self._search(self.field.text())
        self.list.clear()
        for choice in self._choices:
            item = QListWidgetItem(shown(choice.text))
            item.setSizeHint(QSize(0, self._theme.size("row") + 4))
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{shown(choice.text)} {choice.hint}".strip())
            self.list.addItem(item)
            if choice.hint:
                self._add_hint(item, choice.hint)
        self.list.setCurrentRow(0)
        self.list.setVisible(bool(self._choices))
        self.empty.setVisible(not self._choices)
        self._place()

    def close_palette(self) -> None:
        """Goes away and gives the focus back."""
        self.hide()
        if self._former is not None:
            self._former.setFocus()
            self._former = None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keys of the field that move in the list or end the search."""
        if event.type() is QEvent.Type.FocusOut and not self.underMouse():
            self.hide()
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress and self._on_key(event.key()):
            return True
        return super().eventFilter(watched, event)

    def _on_key(self, key: int) -> bool:
        match key:
            case Qt.Key.Key_Escape:
                self.close_palette()
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self._choose()
            case Qt.Key.Key_Down | Qt.Key.Key_Up:
                step = 1 if key == Qt.Key.Key_Down else -1
                if self._choices:
                    self.list.setCurrentRow((self.list.currentRow() + step) % len(self._choices))
            case _:
                return False
        return True

    def _choose(self) -> None:
        row = self.list.currentRow()
        if 0 <= row < len(self._choices):
            self.close_palette()
            self._choices[row].choose()

    def _add_hint(self, item: QListWidgetItem, hint: str) -> None:
        made = label(shown(hint), "small")
        made.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        made.setContentsMargins(0, 0, 8, 0)
        made.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.list.setItemWidget(item, made)

    def _place(self) -> None:
        room = self.window().width()
        width = min(_WIDTH, room - 32)
        rows = min(max(1, len(self._choices)), _ROWS)
        self.list.setFixedHeight(rows * (self._theme.size("row") + 4) + 4)
        self.setFixedWidth(width)
        self.adjustSize()
        self.move((room - width) // 2, _TOP)


def _nothing(_text: str) -> list[Choice]:
    return []
