"""What a panel shows in place of content, or above it: nothing yet, at work, gone wrong."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from studio.domain.errors import StudioError
from studio.ui.theme import Theme
from studio.ui.widgets.buttons import IconButton, button
from studio.ui.widgets.labels import label
from studio.ui.widgets.names import shown_lines


class EmptyState(QWidget):
    """A title, a sentence and the one next action, in the middle of an empty panel.

    Signals: `action_requested()`.
    """

    action_requested = Signal()

    def __init__(self, title: str, text: str = "", action: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = label("", "strong", wrap=True)
        self.text = label("", "muted", wrap=True)
        self.button = button("", self.action_requested.emit, "primary")
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(8)
        column.addStretch(2)
        for widget in (self.title, self.text):
            widget.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            column.addWidget(widget)
        column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(3)
        self.say(title, text, action)

    def add_below(self, widget: QWidget) -> None:
        """Puts something else to do below the button."""
        self._column.insertWidget(self._column.count() - 1, widget, 0, Qt.AlignmentFlag.AlignHCenter)

    def say(self, title: str, text: str = "", action: str = "") -> None:
        """Says something else; without `action` there is no button."""
        self.title.setText(shown_lines(title))
        self.text.setText(shown_lines(text))
        self.text.setVisible(bool(text))
        self.button.setText(action)
        self.button.setAccessibleName(action)
        self.button.setVisible(bool(action))


class MessageBar(QFrame):
    """One calm line with what can be done about it, hidden until there is something to say; it stays until closed."""

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.sentence = label("", wrap=True)
        self.sentence.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.close_button = IconButton(theme, "close", "Close this message")
        self.close_button.clicked.connect(self.hide)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(12, 4, 8, 4)
        self._row.setSpacing(8)
        self._row.addWidget(self.sentence, 1)
        self._row.addWidget(self.close_button)
        self.hide()

    def offer(self, act: QPushButton) -> None:
        """Puts the button of what can be done behind the line."""
        self._row.insertWidget(1, act)


class ErrorBar(MessageBar):
    """What went wrong.

    Signals: `details_requested()` from its one extra button.
    """

    details_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "errorBar", parent)
        self.details = button("Details", self.details_requested.emit, "flat")
        self.offer(self.details)

    def show_error(self, error: StudioError) -> None:
        """Says what an error says, and what to do next."""
        self.say(f"{error.sentence} {error.action}".strip())

    def say(self, sentence: str, *, details: bool = False) -> None:
        """Shows a sentence in place of the last one."""
        self.sentence.setText(shown_lines(sentence))
        self.details.setVisible(details)
        self.show()


class Card(QFrame):
    """A framed surface for one thing; with `clickable` it can be pressed, by pointer and by key.

    Signals: `pressed()`.
    """

    pressed = Signal()

    def __init__(self, name: str = "", *, clickable: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self.setProperty("plain", not clickable)
        self.setAccessibleName(name)
        self._clickable = clickable
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(16, 12, 16, 12)
        self.column.setSpacing(8)
        if clickable:
            self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            self.setCursor(Qt.CursorShape.PointingHandCursor)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Takes the press, so that the release comes here too."""
        if self._clickable:
            event.accept()
        else:
            super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click inside presses it."""
        inside = self.rect().contains(event.position().toPoint())
        if self._clickable and inside and event.button() is Qt.MouseButton.LeftButton:
            self.pressed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and Space press it."""
        if self._clickable and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.pressed.emit()
        else:
            super().keyPressEvent(event)
