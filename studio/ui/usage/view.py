"""The page of usage: choices above, pictures below, a table at the end; what is read comes from outside."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from studio.app.usage_report import UsageReport, UsageRow
from studio.domain.roles import title_of
from studio.ui.theme import Theme
from studio.ui.usage import lists
from studio.ui.usage.bars import Bars
from studio.ui.usage.card_grid import CardGrid
from studio.ui.usage.columns import MODELS, PROVIDERS
from studio.ui.usage.day_card import CacheCard, DaysCard
from studio.ui.usage.figures import Figures
from studio.ui.usage.head import Head
from studio.ui.usage.spans import SPANS
from studio.ui.usage.table import TableItems
from studio.ui.widgets.buttons import button
from studio.ui.widgets.labels import label
from studio.ui.widgets.names import shown, shown_lines
from studio.ui.widgets.states import Card, EmptyState, ErrorBar

_MOST_ROWS = 10
_WIDEST = 240
_COST_COLUMN = next(at for at, column in enumerate(MODELS) if column.title == "Cost")
_NOTHING = {
    "Budgets": "No budget is set.",
    "Latency by model": "No call was timed in this time.",
    "Failed calls": "No call failed in this time.",
    "Price per run": "No run worked in this time.",
    "Price per task and brief": "No run was for a task of the board or a brief.",
}


class UsageView(QWidget):
    """What was used, and what it cost.

    Signals: `span_chosen(str)` one of `SPANS`; `project_chosen(str)` empty for all; `month_requested()` the month's
    report; `table_requested()` the table as a file; `again_requested()`; `run_requested(str)`;
    `budgets_requested()` where they are set.
    """

    span_chosen = Signal(str)
    project_chosen = Signal(str)
    month_requested = Signal()
    table_requested = Signal()
    again_requested = Signal()
    run_requested = Signal(str)
    budgets_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panelSurface")
        self._theme = theme
        self._names: dict[str, str] = {}
        self.error = ErrorBar(theme)
        self.span, self.project = QComboBox(), QComboBox()
        self.month = button("Month's report…", self.month_requested.emit)
        self.figures = Figures()
        self.lists = {name: Bars(theme) for name in _NOTHING}
        self.typical = label("", "small", wrap=True)
        self.advice = label("", wrap=True)
        self.items, self.providers = TableItems(MODELS, self), TableItems(PROVIDERS, self)
        self.table = _table(self.items, "Models compared", _COST_COLUMN)
        self.provider_table = _table(self.providers, "Providers compared", 1)
        self.empty = EmptyState("")
        self.empty.action_requested.connect(self.again_requested)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.empty)
        self._lay_out()

    def furnish(self) -> Iterator[None]:
        """Makes the rest in pieces, each a while of its own, before anything is shown."""
        self.days = DaysCard(self._theme)
        yield
        self.cache = CacheCard(self._theme)
        yield
        cards = self._cards()
        yield
        self.page = CardGrid(cards)
        yield
        self.pages.addWidget(self.page)

    def show_reading(self) -> None:
        """Says that the page is being read, as long as it shows nothing yet."""
        if self.pages.currentWidget() is self.empty:
            self.empty.say("Reading what was used…")

    def show_failure(self, sentence: str) -> None:
        """Says why something could not be done; what is shown already stays."""
        if self.pages.currentWidget() is not self.empty:
            self.error.say(sentence)
        else:
            self.empty.say("Usage could not be read", sentence, "Try again")

    def show_projects(self, projects: Sequence[tuple[str, str]], chosen: str) -> None:
        """Offers these projects by id and name, the first for all."""
        if dict(projects) != self._names:
            self._names = dict(projects)
            self.project.blockSignals(True)
            self.project.clear()
            for id, name in projects:
                self.project.addItem(shown(name), id)
            self.project.setCurrentIndex(max(self.project.findData(chosen), 0))
            self.project.blockSignals(False)
            self.head.place()

    def show_report(self, report: UsageReport, first: date, last: date) -> Iterator[None]:
        """Shows a report of these days, in pieces."""
        self.error.hide()
        if report.total is None and not report.failures and not report.balances:
            self.empty.say("Nothing was used in this time", "What agents use is counted as soon as one works.")
            self.pages.setCurrentWidget(self.empty)
            return
        self.figures.show_report(report)
        yield
        self.days.show_report(report, first, last, self._named)
        yield
        self.cache.show_report(report, first, last)
        yield
        for name, bars in (
            ("Budgets", lists.budgets(report, {**self._names, **report.titles})),
            ("Latency by model", lists.latency(report)),
            ("Failed calls", lists.failures(report)),
            ("Price per run", lists.prices(report.runs, lambda row: f"run {row.run}", self._opening)),
            ("Price per task and brief", lists.purposes(report)),
        ):
            self.lists[name].show_bars(bars, _NOTHING[name])
        yield
        self.typical.setText(lists.typical(report))
        self.advice.setText(shown_lines("\n".join(f"•  {text}" for text in lists.advice(report))))
        self.items.show(report.models)
        self.providers.show(report.providers)
        for table in (self.table, self.provider_table):
            _fit(table)
            yield
        self.pages.setCurrentWidget(self.page)

    def _named(self, by: str, row: UsageRow) -> str:
        match by:
            case "model":
                return f"{row.provider}/{row.model}"
            case "role":
                return title_of(row.role or "none")
            case _:
                return self._names.get(row.project or "", row.project or "none")

    def _opening(self, row: UsageRow) -> Callable[[], object]:
        return lambda: self.run_requested.emit(row.run or "")

    def _cards(self) -> list[tuple[QWidget, bool]]:
        """The cards in order, and whether each takes the whole width."""
        change = {"Budgets": button("Change…", self.budgets_requested.emit, "flat")}
        cards = {name: _card(name, bars, change.get(name)) for name, bars in self.lists.items()}
        cards["Price per run"].column.addWidget(self.typical)
        for card in cards.values():
            card.column.addStretch(1)
        save = button("Save as CSV…", self.table_requested.emit, "flat")
        return [
            (self.figures, True),
            (self.days, True),
            (cards["Budgets"], False),
            (self.cache, False),
            (cards["Latency by model"], False),
            (cards["Failed calls"], False),
            (cards["Price per run"], False),
            (cards["Price per task and brief"], False),
            (_card("Models compared", self.table, save), True),
            (_card("Providers compared", self.provider_table), True),
            (_card("How to save", self.advice), True),
        ]

    def _lay_out(self) -> None:
        for key, span in SPANS.items():
            self.span.addItem(span.title, key)
        self.span.setAccessibleName("Time")
        self.project.setAccessibleName("Project")
        self.project.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.span.currentIndexChanged.connect(lambda _at: self.span_chosen.emit(self.span.currentData()))
        self.project.currentIndexChanged.connect(lambda _at: self.project_chosen.emit(self.project.currentData() or ""))
        for widget in (self.project, self.span, self.month):
            # Names of projects can be long: they give way before the window does.
            widget.setMinimumWidth(60)
            widget.setMaximumWidth(_WIDEST)
        self.head = Head(label("Usage", "strong"), (self.project, self.span, self.month))
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.head)
        whole.addWidget(self.error)
        whole.addWidget(self.pages, 1)


def _card(name: str, widget: QWidget, act: QWidget | None = None) -> Card:
    card = Card(name)
    head = QHBoxLayout()
    head.addWidget(label(name, "strong"), 1)
    if act is not None:
        head.addWidget(act)
    card.column.addLayout(head)
    card.column.addWidget(widget)
    return card


def _table(items: TableItems, name: str, sorted_by: int) -> QTableView:
    table = QTableView()
    table.setAccessibleName(name)
    table.setModel(items)
    table.setSortingEnabled(True)
    table.sortByColumn(sorted_by, Qt.SortOrder.DescendingOrder)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setShowGrid(False)
    table.setTabKeyNavigation(False)
    table.verticalHeader().hide()
    table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    return table


def _fit(table: QTableView) -> None:
    rows = min(max(table.model().rowCount(), 1), _MOST_ROWS)
    bar = table.horizontalScrollBar().sizeHint().height()
    table.setFixedHeight(table.horizontalHeader().sizeHint().height() + rows * table.rowHeight(0) + bar + 4)
