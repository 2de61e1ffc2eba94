"""The activity's widgets: a filter line above the list of events."""

from __future__ import annotations

from PySide6.QtCore import QSortFilterProxyModel, Qt, Signal
from PySide6.QtWidgets import QFrame, QHeaderView, QLineEdit, QStackedWidget, QTableView, QVBoxLayout, QWidget

from studio.ui.activity.items import ActivityItems
from studio.ui.theme import Theme
from studio.ui.widgets.states import EmptyState

NEAR_END = 8
_NOTHING = ("Nothing happened yet", "Every message, command, snapshot and merge is listed here.", "")


class ActivityView(QWidget):
    """Stays at the newest event while the reader is there.

    Signals: `again_requested()` the log is to be read again.
    """

    again_requested = Signal()

    def __init__(self, items: ActivityItems, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panelSurface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._theme = theme
        self.matches = QSortFilterProxyModel(self)
        self.matches.setSourceModel(items)
        self.matches.setFilterKeyColumn(-1)
        self.matches.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.filter = QLineEdit()
        self.filter.setPlaceholderText("Filter events: a run, a kind, any word")
        self.filter.setAccessibleName("Filter events")
        self.filter.setClearButtonEnabled(True)
        self.filter.textChanged.connect(self.matches.setFilterFixedString)
        self.table = QTableView()
        self.empty = EmptyState("")
        self._without_rows = _NOTHING
        self._stack = QStackedWidget()
        self._at_end = True
        self._set_up()
        for signal in (self.matches.rowsInserted, self.matches.rowsRemoved, self.matches.modelReset):
            signal.connect(self._on_rows)
        bar = self.table.verticalScrollBar()
        bar.valueChanged.connect(self._on_scroll)
        bar.rangeChanged.connect(self._on_range)
        self.empty.action_requested.connect(self.again_requested)
        theme.changed.connect(self._restyle)
        self._restyle()
        self._on_rows()

    def show_reading(self) -> None:
        """Says, as long as there is no row, that the log is being read."""
        self._say("Loading\N{HORIZONTAL ELLIPSIS}", "", "")

    def show_read(self) -> None:
        """Says that nothing has happened, unless there are rows."""
        self._say(*_NOTHING)

    def show_failure(self, sentence: str) -> None:
        """Says, as long as there is no row, why the log is not shown, and lets one try again."""
        self._say("The log could not be read", sentence, "Try again")

    def _say(self, title: str, text: str, action: str) -> None:
        self._without_rows = (title, text, action)
        self._on_rows()

    def _set_up(self) -> None:
        self.table.setModel(self.matches)
        self.table.setAccessibleName("Events")
        self.table.setFrameShape(QFrame.Shape.NoFrame)
        self.table.setShowGrid(False)
        self.table.setWordWrap(False)
        self.table.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        self.table.setTabKeyNavigation(False)
        self.table.setVerticalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.table.verticalHeader().setDefaultSectionSize(self._theme.size("row"))
        header = self.table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setStretchLastSection(True)
        header.setHighlightSections(False)
        for column, width in enumerate((76, 86, 130)):
            self.table.setColumnWidth(column, width)
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self.table)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 0)
        layout.setSpacing(6)
        layout.addWidget(self.filter)
        layout.addWidget(self._stack, 1)

    def _on_rows(self) -> None:
        if self.matches.rowCount():
            self._stack.setCurrentWidget(self.table)
        elif self.filter.text() and self.matches.sourceModel().rowCount():
            self.empty.say("No event matches", "Clear the filter to see all of them.")
            self._stack.setCurrentWidget(self.empty)
        else:
            self.empty.say(*self._without_rows)
            self._stack.setCurrentWidget(self.empty)

    def _on_scroll(self, value: int) -> None:
        self._at_end = value >= self.table.verticalScrollBar().maximum() - NEAR_END

    def _on_range(self, _minimum: int, maximum: int) -> None:
        if self._at_end:
            self.table.verticalScrollBar().setValue(maximum)

    def _restyle(self) -> None:
        font = self._theme.ui_font()
        font.setPixelSize(self._theme.size("font_small"))
        self.table.setFont(font)
