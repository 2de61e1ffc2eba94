"""The find bar: looks for a pattern in one code view."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QWidget

from studio.ui.editor.code import CodeView
from studio.ui.editor.colours import FOUND
from studio.ui.editor.search import Found, Wanted, find_all, next_span, previous_span
from studio.ui.theme import Theme
from studio.ui.widgets.buttons import IconButton

_SETTLE_MS = 120


class FindBar(QWidget):
    """A line of controls that marks, counts and walks the matches in `code`.

    Signals: `closed()` when the person leaves it.
    """

    closed = Signal()

    def __init__(self, code: CodeView, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("findBar")
        self._code = code
        self._found = Found()
        self._settle = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._settle.timeout.connect(self._search)
        self.pattern = _field("Find", "Find in this file")
        self.case = _toggle(theme, "case-sensitive", "Match upper and lower case")
        self.regex = _toggle(theme, "regex", "Use a regular expression")
        self.count = QLabel(self)
        self.count.setTextFormat(Qt.TextFormat.PlainText)
        self.count.setMinimumWidth(90)
        self._previous = IconButton(theme, "arrow-up", "Previous match (Shift+Enter)")
        self._next = IconButton(theme, "arrow-down", "Next match (Enter)")
        self._close = IconButton(theme, "close", "Close the find bar (Esc)")
        self._lay_out()
        self._connect()

    @property
    def found(self) -> Found:
        """The matches of the last search."""
        return self._found

    def start(self) -> None:
        """Shows the bar with the selected word in it and puts the keyboard there."""
        selected = bytes(self._code.getSelText().data()).decode("utf-8", "replace")
        if selected and "\n" not in selected:
            self.pattern.setText(selected)
        self.show()
        self.pattern.selectAll()
        self.pattern.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._search()

    def stop(self) -> None:
        """Hides the bar and takes the marks away."""
        self.hide()
        self._mark(Found())
        self.closed.emit()

    def go_next(self) -> None:
        """Selects the next match after the caret, around the end."""
        self._search()
        self._show_match(next_span(self._found, self._code.selectionEnd()))

    def go_previous(self) -> None:
        """Selects the last match before the selection, around the start."""
        self._search()
        self._show_match(previous_span(self._found, self._code.selectionStart()))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter, Shift+Enter and Escape in the field."""
        if watched is not self.pattern or not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.KeyPress:
            return super().eventFilter(watched, event)
        match event.key():
            case Qt.Key.Key_Escape:
                self.stop()
            case Qt.Key.Key_Return | Qt.Key.Key_Enter if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
                self.go_previous()
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self.go_next()
            case _:
                return super().eventFilter(watched, event)
        return True

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 4, 8, 4)
        row.setSpacing(4)
        row.addWidget(self.pattern, 1)
        for widget in (self.case, self.regex, self.count, self._previous, self._next, self._close):
            row.addWidget(widget)

    def _connect(self) -> None:
        self.pattern.installEventFilter(self)
        self.pattern.textEdited.connect(self._on_pattern_edited)
        self.case.toggled.connect(self._search)
        self.regex.toggled.connect(self._search)
        self._previous.clicked.connect(self.go_previous)
        self._next.clicked.connect(self.go_next)
        self._close.clicked.connect(self.stop)
        self._code.text_edited.connect(self._on_text_edited)

    def _on_pattern_edited(self) -> None:
        self._search()
        self._show_match(next_span(self._found, self._code.selectionStart()))

    def _on_text_edited(self) -> None:
        if self.isVisible():
            self._settle.start()

    def _search(self) -> None:
        self._settle.stop()
        wanted = Wanted(self.pattern.text(), self.case.isChecked(), self.regex.isChecked())
        self._mark(find_all(self._code.content(), wanted))

    def _mark(self, found: Found) -> None:
        self._found = found
        self._code.setIndicatorCurrent(FOUND)
        self._code.indicatorClearRange(0, self._code.textLength())
        for start, end in found.spans:
            self._code.indicatorFillRange(start, end - start)
        self._show_count(-1)

    def _show_match(self, index: int) -> None:
        if index >= 0:
            self._code.select(*self._found.spans[index])
        self._show_count(index)

    def _show_count(self, index: int) -> None:
        total = f"{len(self._found.spans)}{'+' if self._found.more else ''}"
        self.count.setToolTip(self._found.problem)
        if self._found.problem:
            self.count.setText("Not readable")
        elif not self.pattern.text():
            self.count.setText("")
        elif not self._found.spans:
            self.count.setText("No results")
        else:
            self.count.setText(f"{index + 1} of {total}" if index >= 0 else f"{total} found")


def _field(placeholder: str, name: str) -> QLineEdit:
    field = QLineEdit()
    field.setPlaceholderText(placeholder)
    field.setAccessibleName(name)
    field.setClearButtonEnabled(True)
    return field


def _toggle(theme: Theme, icon_name: str, name: str) -> IconButton:
    button = IconButton(theme, icon_name, name)
    button.setCheckable(True)
    return button
