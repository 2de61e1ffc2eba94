"""The status bar's widgets."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QWidget

from studio.ui.icons import icon
from studio.ui.theme import Theme
from studio.ui.widgets.labels import ElidedLabel
from studio.ui.widgets.marks import StatusDot
from studio.ui.widgets.names import shown, tooltip_lines


class StatusView(QWidget):
    """One line: where one is on the left, what it costs on the right; an item without a word is hidden.

    Signals: `item_pressed(str)` with `project`, `branch`, `sandbox`, `container_engine`, `engine`, `model`, `budget` or
    `cost`.
    """

    item_pressed = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("statusBar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(theme.size("status"))
        names = ("project", "branch", "sandbox", "container_engine", "engine", "model", "budget", "cost")
        self.items = {name: self._item(name) for name in names}
        self.dot = StatusDot(theme)
        self.message = ElidedLabel()
        self.message.setObjectName("small")
        # A long sentence gives way: it must not make the window wider than the screen.
        self.message.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._theme = theme
        self._engine = ""
        self._lay_out()
        self.dot.hide()
        theme.changed.connect(self._dress)
        self._dress()

    def say(self, name: str, text: str, hint: str = "") -> None:
        """Shows `text` as one of the items; `hint` is what pressing it does."""
        item = self.items[name]
        item.setText(shown(text).replace("&", "&&"))
        item.setAccessibleName(f"{name}: {shown(text)}")
        item.setToolTip(tooltip_lines(hint))
        item.setVisible(bool(text))

    def show_sandbox(self, color: str, words: str, *, hollow: bool) -> None:
        """Shows how the run's sandbox is; no words hide it."""
        self.dot.setVisible(bool(words))
        self.dot.show_state(color, words, hollow=hollow)
        self.say("sandbox", words, self._hint)

    def tell_engine(self, words: str) -> None:
        """Says, where one points at the sandbox, behind which walls it runs."""
        self._engine = words
        self.items["sandbox"].setToolTip(tooltip_lines(self._hint))

    @property
    def _hint(self) -> str:
        return f"Show sandboxes, and how strong their walls are\n{self._engine}".strip()

    def _dress(self) -> None:
        self.items["branch"].setIcon(icon("git-branch", self._theme.color("text_muted")))
        self.items["branch"].setIconSize(QSize(12, 12))

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 1, 4, 0)
        row.setSpacing(0)
        for widget in (self.items["project"], self.items["branch"], self.dot, self.items["sandbox"]):
            row.addWidget(widget)
        row.addWidget(self.items["container_engine"])
        row.addStretch(1)
        row.addWidget(self.message)
        row.addWidget(self.items["engine"])
        row.addWidget(self.items["model"])
        row.addWidget(self.items["budget"])
        row.addWidget(self.items["cost"])

    def _item(self, name: str) -> QPushButton:
        button = QPushButton()
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda: self.item_pressed.emit(name))
        button.hide()
        return button
