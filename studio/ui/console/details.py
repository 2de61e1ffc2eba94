"""The details of one console entry: its whole text, and the calls that led to it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QAbstractScrollArea,
    QFrame,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from studio.domain.console import ConsoleEntry, StackFrame
from studio.ui.console.items import origin, time_of
from studio.ui.theme import Theme
from studio.ui.widgets.labels import ElidedLabel
from studio.ui.widgets.names import shown, shown_lines, tooltip

_FRAME = Qt.ItemDataRole.UserRole


class Details(QWidget):
    """Empty until an entry is shown. Text and calls scroll as one: there is little room for them below an app.

    Who wrote it, and what can be done about it, stand above them in one line.

    Signals: `source_requested(str, int)` a file of the workspace and a line.
    """

    source_requested = Signal(str, int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.about = ElidedLabel()
        self.about.setObjectName("muted")
        self.about.setContentsMargins(4, 0, 4, 0)
        self.text = _Text()
        self.text.setReadOnly(True)
        self.text.setAccessibleName("The whole entry")
        self.stack = QListWidget()
        self.stack.setAccessibleName("Calls that led to it; a file of the workspace opens")
        self.stack.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.stack.itemActivated.connect(self._on_frame)
        self.stack.itemClicked.connect(self._on_frame)
        whole = QWidget()
        whole.setObjectName("panelSurface")
        whole.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        inside = QVBoxLayout(whole)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(4)
        for part in (self.text, self.stack):
            _let_grow(part)
            inside.addWidget(part)
        inside.addStretch(1)
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setWidget(whole)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 0, 0, 6)
        column.setSpacing(4)
        self._head = QHBoxLayout()
        self._head.setSpacing(4)
        self._head.addWidget(self.about, 1)
        column.addLayout(self._head)
        column.addWidget(self.area, 1)
        theme.changed.connect(self._restyle)
        self._restyle()
        self.hide()

    def add_acts(self, *acts: QWidget) -> None:
        """Puts the buttons beside its head of what can be done about the entry that is shown."""
        for one in acts:
            self._head.addWidget(one)

    def show_entry(self, entry: ConsoleEntry | None) -> None:
        """Shows an entry whole, or nothing for None."""
        self.setVisible(entry is not None)
        if entry is None:
            return
        self.about.set_text(" \N{MIDDLE DOT} ".join(filter(None, _about(entry))))
        self.text.setPlainText(shown_lines(entry.text))
        self.stack.clear()
        for frame in entry.stack:
            self.stack.addItem(self._item(frame))
        self.stack.setVisible(bool(entry.stack))
        self._fit_stack()
        self.area.verticalScrollBar().setValue(0)

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
        # A rule of the style sheet is stronger than a font that is set.
        code = f'font: {font.pixelSize()}px "{font.family()}"'
        self.text.setStyleSheet(f"{code}; padding: 0;")
        self.stack.setStyleSheet(f"{code};")
        self.text.fit()
        self._fit_stack()

    def _fit_stack(self) -> None:
        self.stack.setFixedHeight(max(1, self.stack.count()) * max(1, self.stack.sizeHintForRow(0)) + 2)


def _about(entry: ConsoleEntry) -> tuple[str, ...]:
    """What columns say that give way where there is little room."""
    times = f"{entry.count:,} times" if entry.count > 1 else ""
    page = f"on {entry.page}" if entry.page else ""
    return (origin(entry), time_of(entry), times, "" if entry.stack else entry.source, page)


class _Text(QPlainTextEdit):
    """As high as what it says."""

    def setPlainText(self, text: str) -> None:
        super().setPlainText(text)
        self.fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self.fit()

    def fit(self) -> None:
        """Takes the height of all its lines, as they are broken now."""
        block, height = self.document().begin(), 0.0
        while block.isValid():
            height += self.blockBoundingRect(block).height()
            block = block.next()
        self.setFixedHeight(round(height + 2 * self.document().documentMargin()))


def _let_grow(part: QAbstractScrollArea) -> None:
    """What is shown whole needs no bars of its own."""
    part.setFrameShape(QFrame.Shape.NoFrame)
    part.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    part.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
