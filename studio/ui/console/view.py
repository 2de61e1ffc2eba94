"""The console's widgets: what is shown and what can be done with it above, the entries and the chosen one below."""

from __future__ import annotations

from PySide6.QtCore import QItemSelection, QModelIndex, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QSplitter,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from studio.domain.console import ConsoleEntry, ConsoleLevel
from studio.ui.console.details import Details
from studio.ui.console.items import GIVING_WAY, SOURCE, WHAT, ConsoleItems
from studio.ui.console.matches import Matches
from studio.ui.console.sources import Sources
from studio.ui.theme import Theme
from studio.ui.widgets.at_end import AtEnd
from studio.ui.widgets.buttons import IconButton, button
from studio.ui.widgets.labels import ElidedLabel
from studio.ui.widgets.states import EmptyState
from studio.ui.widgets.stretched_table import StretchedTable
from studio.ui.widgets.tables import set_up_table

_LEAST, _WANTED = 110, 220
_LEVELS = (
    ("All levels", ConsoleLevel.INFO),
    ("Warnings and errors", ConsoleLevel.WARNING),
    ("Errors", ConsoleLevel.ERROR),
)


class ConsoleView(QWidget):
    """Stays at the newest entry while the reader is there.

    Signals: `source_requested(str, int)` a file of the workspace and a line; `clear_requested()`, `export_requested()`;
    `send_requested()` and `fix_requested()` of the chosen entry.
    """

    source_requested = Signal(str, int)
    clear_requested = Signal()
    export_requested = Signal()
    send_requested = Signal()
    fix_requested = Signal()

    def __init__(self, items: ConsoleItems, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panelSurface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._theme = theme
        self._items = items
        self.matches = Matches(items, self)
        self.level, self.source = QComboBox(), Sources()
        self.filter = QLineEdit()
        self.group = IconButton(theme, "group-by-ref-type", "Show equal entries as one")
        self.clear = IconButton(theme, "clear-all", "Clear the console")
        self.export = IconButton(theme, "export", "Save what is shown to a file")
        self.outside = IconButton(theme, "globe", "Hear this app in another browser, too")
        self.counts = ElidedLabel()
        self.fix = button("Fix this", self.fix_requested.emit, "primary")
        self.send = IconButton(theme, "send", "Send to agent")
        self.table = StretchedTable(WHAT, _LEAST, giving_way=GIVING_WAY, wanted=_WANTED)
        self.details = Details(theme)
        self.empty = EmptyState("")
        self._stack = QStackedWidget()
        self._nothing = ("", "")
        self._described: ConsoleEntry | None = None
        self._set_up()
        self._lay_out()
        self._connect()
        self.say_nothing("No run is selected", "The console shows what the app of a run writes.")
        self._describe(None)

    @property
    def chosen(self) -> ConsoleEntry | None:
        """The entry that is selected."""
        rows = self.table.selectionModel().selectedRows()
        return self.matches.entry(rows[0].row()) if rows else None

    def say_nothing(self, title: str, text: str) -> None:
        """Says what it means that there is no entry."""
        self._nothing = (title, text)
        self._on_rows()

    def show_counts(self, text: str) -> None:
        """Says how many entries there are."""
        self.counts.set_text(text)

    def _set_up(self) -> None:
        for text, level in _LEVELS:
            self.level.addItem(text, level)
        self.level.setAccessibleName("How grave entries must be")
        self.filter.setPlaceholderText("Filter")
        self.filter.setToolTip("Words of an entry, a file or a page")
        self.filter.setAccessibleName("Filter the console")
        self.filter.setClearButtonEnabled(True)
        self.group.setCheckable(True)
        self.table.setModel(self.matches)
        set_up_table(self.table, self._theme, "Console entries")
        self.table.setVerticalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        for column, width in enumerate((96, 70, 400, 170, 52)):
            self.table.setColumnWidth(column, width)

    def _lay_out(self) -> None:
        line = QHBoxLayout()
        line.setSpacing(6)
        for widget in (self.level, self.source):
            line.addWidget(widget)
        line.addWidget(self.filter, 1)
        line.addWidget(self.counts, 2)
        for part in (self.group, self.clear, self.export, self.outside):
            line.addWidget(part)
        self.filter.setMinimumWidth(70)
        self.level.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.level.setMinimumContentsLength(7)
        self.counts.setObjectName("muted")
        self.details.add_acts(self.send, self.fix)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.addWidget(self.table)
        splitter.addWidget(self.details)
        splitter.setStretchFactor(0, 3)
        splitter.setStretchFactor(1, 2)
        splitter.setChildrenCollapsible(False)
        self._stack.addWidget(self.empty)
        self._stack.addWidget(splitter)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 0)
        column.setSpacing(6)
        column.addLayout(line)
        column.addWidget(self._stack, 1)

    def _connect(self) -> None:
        self.level.activated.connect(lambda _at: self.matches.show_level(self.level.currentData()))
        self.source.chosen.connect(self.matches.show_source)
        self._items.writer_found.connect(self.source.offer)
        self._items.writer_gone.connect(self.source.withdraw)
        self.filter.textChanged.connect(self.matches.look_for)
        self.group.toggled.connect(self._items.group)
        self.clear.clicked.connect(self.clear_requested)
        self.export.clicked.connect(self.export_requested)
        self.send.clicked.connect(self.send_requested)
        self.details.source_requested.connect(self.source_requested)
        self.table.clicked.connect(self._on_clicked)
        self.table.activated.connect(self._open)
        self.table.selectionModel().selectionChanged.connect(self._on_selection)
        for signal in (self.matches.rowsInserted, self.matches.rowsRemoved, self.matches.modelReset):
            signal.connect(self._on_rows)
        AtEnd(self.table)

    def _on_clicked(self, index: QModelIndex) -> None:
        if index.column() == SOURCE:
            self._open(index)

    def _open(self, index: QModelIndex) -> None:
        entry = self.matches.entry(index.row())
        if entry.path:
            self.source_requested.emit(entry.path, entry.line)

    def _on_selection(self, _on: QItemSelection, _off: QItemSelection) -> None:
        self._on_chosen()

    def _on_chosen(self) -> None:
        # Rows that come and go leave the chosen one as it is: it is not laid out anew for each of them.
        if (entry := self.chosen) != self._described:
            self._describe(entry)

    def _describe(self, entry: ConsoleEntry | None) -> None:
        self._described = entry
        self.details.show_entry(entry)
        self.send.setEnabled(entry is not None)
        self.fix.setEnabled(entry is not None and entry.level is ConsoleLevel.ERROR)

    def _on_rows(self) -> None:
        has_rows = bool(self.matches.rowCount())
        if not has_rows and self._items.rowCount():
            self.empty.say("No entry matches", "Choose all sources and levels, and clear the filter, to see every one.")
        elif not has_rows:
            self.empty.say(*self._nothing)
        self._stack.setCurrentIndex(1 if has_rows else 0)
        for widget in (self.clear, self.export):
            widget.setEnabled(bool(self._items.rowCount()))
        self._on_chosen()
