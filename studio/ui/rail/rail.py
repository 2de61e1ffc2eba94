"""The rail: one icon for each place the side area can show."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from studio.ui.actions import row, tooltip
from studio.ui.theme import Theme
from studio.ui.widgets.buttons import IconButton
from studio.ui.widgets.marks import count_badge, show_count

ENTRIES: tuple[tuple[str, str], ...] = (
    ("home", "show_home"),
    ("explorer", "show_explorer"),
    ("review", "show_review"),
    ("inbox", "show_inbox"),
    ("usage", "show_usage"),
)
"""What the rail offers: the panel and the action that shows it, from top to bottom."""

FOOT: tuple[tuple[str, str], ...] = (("settings", "show_settings"),)
"""What it offers at its foot."""

_BUTTON = 36
_ICON = 20


class Rail(QWidget):
    """A column of icons, each with a count of what waits there.

    Signals: `chosen(str)` with the action's id.
    """

    chosen = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("rail")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedWidth(theme.size("rail"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 1, 8)
        column.setSpacing(4)
        self.buttons = {panel: self._button(theme, action) for panel, action in (*ENTRIES, *FOOT)}
        for panel, _ in ENTRIES:
            column.addWidget(self.buttons[panel], 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)
        for panel, _ in FOOT:
            column.addWidget(self.buttons[panel], 0, Qt.AlignmentFlag.AlignHCenter)

    def show_current(self, panels: frozenset[str]) -> None:
        """Marks the entries whose panels are in view."""
        for name, button in self.buttons.items():
            button.setChecked(name in panels)

    def show_count(self, panel: str, count: int) -> None:
        """Shows how many things wait in a panel."""
        button = self.buttons[panel]
        button.show_count(count)
        button.setAccessibleDescription(f"{count} waiting" if count else "")

    def set_enabled(self, panels: frozenset[str], enabled: bool) -> None:
        """Lets the entries of these panels be pressed or not."""
        for name, button in self.buttons.items():
            if name in panels:
                button.setEnabled(enabled)

    def _button(self, theme: Theme, action: str) -> _RailButton:
        button = _RailButton(theme, action)
        # The mark follows what is in view, not what was clicked.
        button.clicked.connect(lambda checked: button.setChecked(not checked))
        button.clicked.connect(lambda: self.chosen.emit(action))
        return button


class _RailButton(IconButton):
    def __init__(self, theme: Theme, action: str) -> None:
        super().__init__(theme, row(action).icon, row(action).text, _ICON)
        self.setToolTip(tooltip(row(action)))
        self.setCheckable(True)
        self.setFixedSize(QSize(_BUTTON, _BUTTON))
        self.badge: QLabel = count_badge(self)

    def show_count(self, count: int) -> None:
        show_count(self.badge, count)
        # Beside the middle of the icon; where a longer number would be cut off there, farther to the left.
        self.badge.move(min(_BUTTON // 2 + 2, self.width() - self.badge.width()), 2)
