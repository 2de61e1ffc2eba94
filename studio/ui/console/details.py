"""The details of one console entry: its whole text, and the calls that led to it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QListWidget, QListWidgetItem, QPlainTextEdit, QVBoxLayout, QWidget

from studio.domain.console import ConsoleEntry, StackFrame
from studio.ui.theme import Theme
from studio.ui.widgets.names import shown, shown_lines, tooltip

_FRAME = Qt.ItemDataRole.UserRole
_MOST_HEIGHT = 120


class Details(QWidget):
    """Empty until an entry is shown.

    Signals: `source_requested(str, int)` a file of the workspace and a line.
    """

    source_requested = Signal(str, int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setAccessibleName("The whole entry")
        self.text.setFrameShape(QFrame.Shape.NoFrame)
        self.stack = QListWidget()
        self.stack.setAccessibleName("Calls that led to it; a file of the workspace opens")
        self.stack.setFrameShape(QFrame.Shape.NoFrame)
        self.stack.setMaximumHeight(_MOST_HEIGHT)
        self.stack.itemActivated.connect(self._on_frame)
        self.stack.itemClicked.connect(self._on_frame)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 0, 0, 8)
        column.setSpacing(4)
        column.addWidget(self.text, 1)
        column.addWidget(self.stack)
        self._acts = QHBoxLayout()
        self._acts.addStretch(1)
        column.addLayout(self._acts)
        theme.changed.connect(self._restyle)
        self._restyle()
        self.hide()

    def add_acts(self, *acts: QWidget) -> None:
        """Puts the buttons below of what can be done about the entry that is shown."""
        for one in acts:
            self._acts.addWidget(one)

    def show_entry(self, entry: ConsoleEntry | None) -> None:
        """Shows an entry whole, or nothing for None."""
        self.setVisible(entry is not None)
        if entry is None:
            return
        self.text.setPlainText(shown_lines(entry.text))
        self.stack.clear()
        for frame in entry.stack:
            self.stack.addItem(self._item(frame))
        self.stack.setVisible(bool(entry.stack))

    def _item(self, frame: StackFrame) -> QListWidgetItem:
        name = f"{shown(frame.function)}  " if frame.function else ""
        item = QListWidgetItem(f"{name}{shown(frame.place)}")
        item.setToolTip(tooltip(frame.place))
        item.setData(_FRAME, frame)
        if frame.path:
            item.setForeground(self._theme.color("accent"))
        return item

    def _on_frame(self, item: QListWidgetItem) -> None:
        frame: StackFrame = item.data(_FRAME)
        if frame.path:
            self.source_requested.emit(frame.path, frame.line)

    def _restyle(self) -> None:
        font = self._theme.code_font()
        self.text.setFont(font)
        self.stack.setFont(font)
