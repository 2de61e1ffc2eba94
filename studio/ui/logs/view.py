"""The widgets of the logs: whose lines are shown and what can be done with them above, the lines below."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QGuiApplication, QHideEvent, QKeySequence, QShowEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QStackedWidget, QTableView, QVBoxLayout, QWidget

from studio.domain.container_logs import LogLine
from studio.ui.logs.items import WHAT, LogItems
from studio.ui.logs.matches import Matches
from studio.ui.theme import Theme
from studio.ui.widgets.at_end import AtEnd
from studio.ui.widgets.buttons import IconButton
from studio.ui.widgets.labels import label
from studio.ui.widgets.names import shown
from studio.ui.widgets.states import EmptyState, ErrorBar
from studio.ui.widgets.tables import set_up_table
from studio.ui.widgets.whole_rows import WholeRows

_ALL = "All sources"
_TIME_WIDTH, _FROM_WIDTH = 108, 96
_MOST_WIDTH = 12_000
_AIR = 40


class LogsView(QWidget):
    """Stays at the newest line while `follow` is on; whoever scrolls up has put it off.

    Signals: `seen(bool)` the panel came into view or left it; `clear_requested()`; `save_requested()`;
    `action_requested()` of what stands in place of lines.
    """

    seen = Signal(bool)
    clear_requested = Signal()
    save_requested = Signal()
    action_requested = Signal()

    def __init__(self, items: LogItems, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panelSurface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._theme = theme
        self._items = items
        self.matches = Matches(items, self)
        self.origin = QComboBox()
        self.filter = QLineEdit()
        self.counts = label("", "muted")
        self.follow = IconButton(theme, "arrow-down", "Follow: stay at the newest line")
        self.clear = IconButton(theme, "clear-all", "Clear what is shown")
        self.save = IconButton(theme, "export", "Save what is shown to a file")
        self.table = QTableView()
        self.empty = EmptyState("")
        self.error = ErrorBar(theme)
        self.error.details.hide()
        self._stack = QStackedWidget()
        self._nothing = ("", "", "")
        self._set_up()
        self._lay_out()
        self._connect()

    def say_nothing(self, title: str, text: str, action: str = "") -> None:
        """Says what it means that there is no line, and what can be done."""
        self._nothing = (title, text, action)
        self._on_rows()

    def offer(self, origins: Iterable[str]) -> None:
        """Lets one choose among these sources; the chosen one stays chosen."""
        chosen = self.origin.currentData() or ""
        self.origin.clear()
        self.origin.addItem(_ALL, "")
        for origin in sorted({*origins, chosen} - {""}):
            self.origin.addItem(shown(origin), origin)
        self.origin.setCurrentIndex(max(self.origin.findData(chosen), 0))

    def showEvent(self, event: QShowEvent) -> None:  # noqa: D102
        super().showEvent(event)
        self.seen.emit(True)

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: D102
        super().hideEvent(event)
        self.seen.emit(False)

    def _set_up(self) -> None:
        self.origin.setAccessibleName("Whose lines are shown")
        self.origin.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.offer(())
        self.filter.setPlaceholderText("Search: words of a line")
        self.filter.setAccessibleName("Search the logs")
        self.filter.setClearButtonEnabled(True)
        self.filter.setMinimumWidth(80)
        self.follow.setCheckable(True)
        self.follow.setChecked(True)
        self.table.setModel(self.matches)
        set_up_table(self.table, self._theme, "Lines of the logs", dense=True)
        self.table.setSelectionMode(QTableView.SelectionMode.ExtendedSelection)
        self.table.setVerticalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        self.table.setHorizontalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        self.table.setTextElideMode(Qt.TextElideMode.ElideNone)
        for column, width in enumerate((_TIME_WIDTH, _FROM_WIDTH)):
            self.table.setColumnWidth(column, width)
        self.table.horizontalHeader().setStretchLastSection(True)
        copy = QAction("Copy", self.table)
        copy.setShortcut(QKeySequence.StandardKey.Copy)
        copy.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        copy.triggered.connect(self._copy)
        self.table.addAction(copy)
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)

    def _lay_out(self) -> None:
        line = QHBoxLayout()
        line.setSpacing(6)
        line.addWidget(self.origin)
        line.addWidget(self.filter, 1)
        for part in (self.counts, self.follow, self.clear, self.save):
            line.addWidget(part)
        self._stack.addWidget(self.empty)
        self._stack.addWidget(WholeRows(self.table))
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 0)
        column.setSpacing(6)
        column.addLayout(line)
        column.addWidget(self.error)
        column.addWidget(self._stack, 1)

    def _connect(self) -> None:
        self.origin.activated.connect(lambda _at: self.matches.show_origin(self.origin.currentData()))
        self.filter.textChanged.connect(self.matches.look_for)
        self.clear.clicked.connect(self.clear_requested)
        self.save.clicked.connect(self.save_requested)
        self.empty.action_requested.connect(self._on_action)
        self.matches.rowsInserted.connect(self._on_inserted)
        for signal in (self.matches.rowsInserted, self.matches.rowsRemoved, self.matches.modelReset):
            signal.connect(self._on_rows)
        at_end = AtEnd(self.table)
        at_end.changed.connect(self.follow.setChecked)
        self.follow.toggled.connect(at_end.hold)

    def _on_action(self) -> None:
        if self._items.rowCount():
            self.filter.clear()
            self.origin.setCurrentIndex(0)
            self.matches.show_origin("")
        else:
            self.action_requested.emit()

    def _on_inserted(self, _parent: object, first: int, last: int) -> None:
        """Makes the last column as wide as its longest line, so that one can scroll to its end."""
        longest = max(len(self.matches.line(row).text) for row in range(first, last + 1))
        wanted = longest * self.table.fontMetrics().averageCharWidth() + _AIR
        if wanted > self.table.columnWidth(WHAT):
            self.table.setColumnWidth(WHAT, min(wanted, _MOST_WIDTH))

    def _on_rows(self) -> None:
        has_rows, is_filtered = bool(self.matches.rowCount()), bool(self._items.rowCount())
        if not has_rows and is_filtered:
            self.empty.say("No line matches", "", "Show all lines")
        elif not has_rows:
            self.empty.say(*self._nothing)
        self._stack.setCurrentIndex(1 if has_rows else 0)
        for widget in (self.clear, self.save):
            widget.setEnabled(is_filtered)

    def _copy(self) -> None:
        rows = sorted(index.row() for index in self.table.selectionModel().selectedRows())
        QGuiApplication.clipboard().setText("\n".join(self.matches.line(row).text for row in rows))


def saved_line(line: LogLine) -> str:
    """A line as it stands in a file: with its time and who wrote it."""
    return f"{line.time.isoformat()} {line.origin}: {line.text}"
