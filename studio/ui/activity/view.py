"""The activity's widgets: whose events, and a filter line, above the list of them."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from studio.domain.ids import RunId
from studio.ui.activity.bars import Bars
from studio.ui.activity.items import DETAILS, TOOK, ActivityItems
from studio.ui.activity.matches import Matches
from studio.ui.theme import Theme
from studio.ui.widgets.at_end import AtEnd
from studio.ui.widgets.labels import label
from studio.ui.widgets.names import shown_lines
from studio.ui.widgets.states import EmptyState
from studio.ui.widgets.stretched_table import StretchedTable
from studio.ui.widgets.tables import set_up_table

LEAST = 240
"""Pixels that the details have, however narrow the list is."""
_ALL, _BETWEEN = "All agents", "Between agents"
_NOTHING = ("Nothing happened yet", "Every message, command, snapshot and merge is listed here.", "")


class ActivityView(QWidget):
    """Stays at the newest event while the reader is there.

    Signals: `again_requested()` the log is to be read again; `between_agents_chosen()` what agents tell each other is
    shown from now on.
    """

    again_requested = Signal()
    between_agents_chosen = Signal()

    def __init__(self, items: ActivityItems, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panelSurface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._theme = theme
        self._items = items
        self.matches = Matches(items, self)
        self.agent = QComboBox()
        self.agent.setAccessibleName("Whose events")
        self.agent.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.agent.setMinimumContentsLength(24)
        self.agent.currentIndexChanged.connect(self._on_agent)
        self.filter = QLineEdit()
        self.filter.setPlaceholderText("Filter events: a run, a kind, any word")
        self.filter.setAccessibleName("Filter events")
        self.filter.setClearButtonEnabled(True)
        self.filter.textChanged.connect(self.matches.look_for)
        self.lost = label("", "muted", wrap=True)
        self.lost.hide()
        self.table = StretchedTable(DETAILS, LEAST)
        self.empty = EmptyState("")
        self._without_rows = _NOTHING
        self._stack = QStackedWidget()
        self._longest = 0.0
        self._offered: list[tuple[str, object]] = []
        self._set_up()
        # An agent that is not shown is still to be offered.
        for signal in (
            items.rowsInserted,
            self.matches.rowsInserted,
            self.matches.rowsRemoved,
            self.matches.modelReset,
        ):
            signal.connect(self._on_rows)
        AtEnd(self.table)
        self.empty.action_requested.connect(self.again_requested)
        theme.changed.connect(self._restyle)
        self._restyle()
        self._on_rows()

    @property
    def shows_between_agents(self) -> bool:
        """Whether only what agents told each other is shown."""
        return self.agent.currentData() is True

    def show_lost(self, text: str) -> None:
        """Says which messages nobody can get; nothing for an empty text."""
        self.lost.setText(shown_lines(text))
        self.lost.setVisible(bool(text) and self.shows_between_agents)

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
        set_up_table(self.table, self._theme, "Events", dense=True)
        self.table.setVerticalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        for column, width in enumerate((66, 100, 116, 150)):
            self.table.setColumnWidth(column, width)
        # What happened comes before how long it took: the list is often too narrow for both.
        self.table.horizontalHeader().moveSection(TOOK, DETAILS)
        self.table.setItemDelegateForColumn(TOOK, Bars(self._theme, lambda: self._longest, self.table))
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self.table)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 0)
        layout.setSpacing(6)
        line = QHBoxLayout()
        line.setSpacing(6)
        line.addWidget(self.agent)
        line.addWidget(self.filter, 1)
        layout.addLayout(line)
        layout.addWidget(self.lost)
        layout.addWidget(self._stack, 1)

    def _offer_agents(self) -> None:
        """Offers the agents that did something, the newest first; the one that was chosen stays."""
        agents = self._items.agents
        offered: list[tuple[str, object]] = [(_ALL, None), (_BETWEEN, True)]
        offered += [(title, run) for run, title in reversed(agents.items())]
        if offered == self._offered:
            return
        self._offered, chosen = offered, self.agent.currentData()
        self.agent.blockSignals(True)
        self.agent.clear()
        for title, data in offered:
            self.agent.addItem(title, data)
        self.agent.setCurrentIndex(next((at for at, (_, data) in enumerate(offered) if data == chosen), 0))
        self.agent.blockSignals(False)
        if self.agent.currentData() != chosen:
            self._on_agent()

    def _on_agent(self) -> None:
        self.lost.hide()
        match self.agent.currentData():
            case None:
                self.matches.show_all()
            case str() as run:
                self.matches.show_agent(RunId(run))
            case _:
                self.matches.show_between_agents()
                self.between_agents_chosen.emit()
        self._on_rows()

    def _on_rows(self) -> None:
        self._offer_agents()
        self._longest = self._items.longest(self.matches.run)
        if self.matches.rowCount():
            self._stack.setCurrentWidget(self.table)
        elif self.filter.text() and self._items.rowCount():
            self.empty.say("No event matches", "Clear the filter to see all of them.")
            self._stack.setCurrentWidget(self.empty)
        elif self.agent.currentData() is not None and self._items.rowCount():
            self.empty.say("Nothing here yet", "What agents tell each other and hand over is listed here.")
            self._stack.setCurrentWidget(self.empty)
        else:
            self.empty.say(*self._without_rows)
            self._stack.setCurrentWidget(self.empty)

    def _restyle(self) -> None:
        font = self._theme.ui_font()
        font.setPixelSize(self._theme.size("font_small"))
        self.table.setFont(font)
