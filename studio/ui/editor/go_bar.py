"""The go-to-line bar."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QIntValidator, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QWidget

from studio.ui.editor.code import CodeView


class GoBar(QWidget):
    """Asks for a line number and shows that line while it is typed.

    Signals: `closed()` when the person leaves it, by Enter at the new line or by Escape at the old one.
    """

    closed = Signal()

    def __init__(self, code: CodeView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("goBar")
        self._code = code
        self._from = 1
        self.line = QLineEdit(self)
        self.line.setAccessibleName("Go to line")
        self.line.setValidator(QIntValidator(1, 99_999_999, self.line))
        self._range = QLabel(self)
        self._range.setTextFormat(Qt.TextFormat.PlainText)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 4, 8, 4)
        row.addWidget(self.line)
        row.addWidget(self._range, 1)
        self.line.textEdited.connect(self._on_edited)
        self.line.returnPressed.connect(self.stop)

    def start(self) -> None:
        """Shows the bar with the keyboard in it."""
        self._from = self._code.caret()[0]
        self.line.clear()
        self.line.setPlaceholderText(f"Line {self._from}")
        self._range.setText(f"1 to {self._code.lineCount()}")
        self.show()
        self.line.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def stop(self) -> None:
        """Hides the bar; the caret stays where it is."""
        self.hide()
        self.closed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape goes back to where the caret was."""
        if event.key() != Qt.Key.Key_Escape:
            super().keyPressEvent(event)
            return
        self._code.go_to(self._from)
        self.stop()

    def _on_edited(self, text: str) -> None:
        if text:
            self._code.go_to(int(text))
