"""Buttons: plain, primary, and small ones with an icon."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QPushButton, QToolButton, QWidget

from studio.ui.icons import icon
from studio.ui.theme import Theme


def button(text: str, act: Callable[[], object], kind: str = "", parent: QWidget | None = None) -> QPushButton:
    """A push button; `kind` is empty, `primary`, `danger` or `flat`."""
    made = QPushButton(text, parent)
    made.setProperty("kind", kind)
    made.setAccessibleName(text)
    made.clicked.connect(lambda: act())
    return made


class IconButton(QToolButton):
    """A square button with one icon; `name` is what it does, for the tooltip and for screen readers."""

    def __init__(self, theme: Theme, icon_name: str, name: str, size: int = 16, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._icon_name = icon_name
        self.setAccessibleName(name)
        self.setToolTip(name)
        self.setIconSize(QSize(size, size))
        self.setAutoRaise(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.toggled.connect(self._paint_icon)
        theme.changed.connect(self._paint_icon)
        self._paint_icon()

    def _paint_icon(self) -> None:
        color = "text" if self.isChecked() else "text_muted"
        self.setIcon(icon(self._icon_name, self._theme.color(color)))
