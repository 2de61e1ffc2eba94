"""The terminal's widgets: tabs of terminals, or a state in their place."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QStackedWidget,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from studio.ui.theme import Theme
from studio.ui.widgets.buttons import IconButton
from studio.ui.widgets.labels import label
from studio.ui.widgets.names import shown, shown_lines


class TerminalView(QWidget):
    """One line of tabs above the terminal in front; a state when there is none.

    Signals: `new_requested()`; `close_requested(QWidget)`; `action_requested()` from the state's button.
    """

    new_requested = Signal()
    close_requested = Signal(QWidget)
    action_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setObjectName("terminalView")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.tabs = QTabBar(self)
        self.tabs.setAccessibleName("Terminals")
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.new = IconButton(theme, "add", "New terminal in this run's sandbox")
        self.state = TerminalState(theme, self)
        self._body = QStackedWidget(self)
        self._body.addWidget(self.state)
        self._terminals: list[QWidget] = []
        self._lay_out()
        self.tabs.currentChanged.connect(self._show_current)
        self.tabs.tabBarClicked.connect(self._show_current)
        self.new.clicked.connect(self.new_requested)
        self.state.button.clicked.connect(self.action_requested)

    @property
    def terminals(self) -> tuple[QWidget, ...]:
        """Every terminal in the order of its tabs."""
        return tuple(self._terminals)

    def add(self, terminal: QWidget, title: str) -> None:
        """Shows a terminal in a new tab."""
        self._terminals.append(terminal)
        self._body.addWidget(terminal)
        index = self.tabs.addTab(shown(title))
        close = IconButton(self._theme, "close", f"Close terminal {title}", size=14)
        close.clicked.connect(lambda: self.close_requested.emit(terminal))
        self.tabs.setTabButton(index, QTabBar.ButtonPosition.RightSide, close)
        self.tabs.setCurrentIndex(index)
        self._show_current()
        terminal.setFocus(Qt.FocusReason.OtherFocusReason)

    def rename(self, terminal: QWidget, title: str) -> None:
        """Gives a tab another name."""
        self.tabs.setTabText(self._terminals.index(terminal), shown(title))

    def title(self, terminal: QWidget) -> str:
        """What the tab of `terminal` says."""
        return self.tabs.tabText(self._terminals.index(terminal))

    def remove(self, terminal: QWidget) -> None:
        """Closes a terminal's tab; its program is ended with it."""
        index = self._terminals.index(terminal)
        self._terminals.remove(terminal)
        self.tabs.removeTab(index)
        self._body.removeWidget(terminal)
        terminal.close()
        terminal.deleteLater()
        self._show_current()

    def show_state(self, sentence: str, action: str = "", command: str = "") -> None:
        """Says something where no terminal is; a `command` can be copied from there."""
        self.state.show_sentence(sentence, action, command)
        self._show_current()

    def show_waiting(self) -> None:
        """Brings the state to the front even while terminals are open."""
        self._body.setCurrentWidget(self.state)

    def _show_current(self) -> None:
        index = self.tabs.currentIndex()
        has_terminal = 0 <= index < len(self._terminals)
        self._body.setCurrentWidget(self._terminals[index] if has_terminal else self.state)
        self.tabs.setVisible(has_terminal)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(8, 0, 8, 0)
        head.addWidget(self.tabs)
        head.addStretch(1)
        head.addWidget(self.new)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self._body, 1)


class TerminalState(QWidget):
    """A sentence, a command to copy if there is one, and one button."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sentence = label(name="emptyHint", wrap=True, parent=self)
        self.sentence.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.command = QLineEdit(self)
        self.command.setReadOnly(True)
        self.command.setAccessibleName("Command to run in your own terminal")
        self.command.setFont(theme.inline_code_font())
        self.button = QPushButton(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 16, 24, 16)
        column.setSpacing(12)
        column.addStretch(1)
        column.addWidget(self.sentence)
        column.addWidget(self.command)
        column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)

    def show_sentence(self, sentence: str, action: str, command: str) -> None:
        """Shows these; what is empty is hidden."""
        self.sentence.setText(shown_lines(sentence))
        self.command.setText(command)
        self.command.setVisible(bool(command))
        self.button.setText(action)
        self.button.setAccessibleName(action)
        self.button.setVisible(bool(action))
