"""Cards with a picture over days: the picture, what its shades mean, and the figures of the day that is marked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QWidget

from studio.app.usage_report import STACKED, UsageReport, UsageRow, cost_of
from studio.ui.theme import Theme
from studio.ui.usage import words
from studio.ui.usage.charts import DayChart
from studio.ui.usage.shades import Swatch
from studio.ui.usage.stack import Part, days_between, hit_rates, stack
from studio.ui.widgets.labels import ElidedLabel, label
from studio.ui.widgets.names import shown
from studio.ui.widgets.states import Card

_HOW = "Point at a day, or press Left and Right"
_BIG = 230
_LEGEND_COLUMNS = 3


class DaysCard(Card):
    """Cost or tokens of each day, stacked by model, role or project."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__("By day", parent=parent)
        self._theme = theme
        self._report: UsageReport | None = None
        self._name: Callable[[str, UsageRow], str] = lambda by, row: ""
        self._days: tuple[date, ...] = ()
        self._parts: tuple[Part, ...] = ()
        self.measure = _choice("What is drawn", (("Cost", "cost"), ("Tokens", "tokens")))
        self.by = _choice("Stacked by", tuple((f"by {by}", by) for by in STACKED))
        self.chart = DayChart(theme, "Cost or tokens by day", self._mark)
        self.chart.setFixedHeight(_BIG)
        self.legend = _Legend(theme)
        self.readout = ElidedLabel(_HOW)
        self.readout.setObjectName("small")
        head = QHBoxLayout()
        head.addWidget(label("By day", "strong"), 1)
        head.addWidget(self.measure)
        head.addWidget(self.by)
        self.column.addLayout(head)
        for widget in (self.chart, self.readout, self.legend):
            self.column.addWidget(widget)
        self.measure.currentIndexChanged.connect(lambda _at: self._draw())
        self.by.currentIndexChanged.connect(lambda _at: self._draw())
        self.chart.current_changed.connect(self._read_out)

    def show_report(self, report: UsageReport, first: date, last: date, name: Callable[[str, UsageRow], str]) -> None:
        """Shows the days of a report; `name` says what a row is called."""
        self._report, self._name, self._days = report, name, days_between(first, last)
        self._draw()

    def _draw(self) -> None:
        if self._report is None:
            return
        by = self.by.currentData()
        self._parts = stack(self._days, self._report.days[by], lambda row: self._name(by, row), self._value)
        self.chart.show_parts(self._days, self._parts)
        self.legend.show_parts([(self._figure(part.whole), part.name) for part in self._parts])
        whole = sum(part.whole for part in self._parts)
        self.chart.setAccessibleDescription(f"{self._figure(whole)} in {len(self._days)} days. {_HOW}.")
        self._read_out(-1)

    def _value(self, row: UsageRow) -> float:
        money = self.measure.currentData() == "cost"
        return words.dollars(cost_of(row)) if money else float(row.input + row.output)

    def _mark(self, value: float, apart: float) -> str:
        return words.axis_money(value, apart) if self.measure.currentData() == "cost" else words.count(value)

    def _figure(self, value: float) -> str:
        return words.usd(value) if self.measure.currentData() == "cost" else words.count(value)

    def _read_out(self, at: int) -> None:
        if not 0 <= at < len(self._days):
            self.readout.set_text(_HOW)
            return
        seen = [(part.name, part.values[at]) for part in self._parts if part.values[at]]
        each = " · ".join(f"{name} {self._figure(value)}" for name, value in seen)
        whole = self._figure(sum(value for _, value in seen))
        text = f"{_day(self._days[at])}: {whole}" + (f"  ({each})" if each else "")
        self.readout.set_text(text)
        self.chart.setAccessibleDescription(shown(text))


class CacheCard(Card):
    """How much of each day's input came from a cache."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__("Cache hit rate", parent=parent)
        self._days: tuple[date, ...] = ()
        self._rates: tuple[float | None, ...] = ()
        self.chart = DayChart(theme, "Cache hit rate by day", lambda part, _apart: words.share(part))
        self.readout = ElidedLabel(_HOW)
        self.readout.setObjectName("small")
        self.column.addWidget(label("Cache hit rate", "strong"))
        self.column.addWidget(self.chart)
        self.column.addWidget(self.readout)
        self.column.addStretch(1)
        self.chart.current_changed.connect(self._read_out)

    def show_report(self, report: UsageReport, first: date, last: date) -> None:
        """Shows the days of a report."""
        self._days = days_between(first, last)
        self._rates = hit_rates(self._days, report.days["model"])
        self.chart.show_line(self._days, self._rates, 1.0)
        self._read_out(-1)

    def _read_out(self, at: int) -> None:
        if not 0 <= at < len(self._days):
            self.readout.set_text("Input tokens that a provider read from its cache")
            return
        rate = self._rates[at]
        text = f"{_day(self._days[at])}: {'no input' if rate is None else words.share(rate) + ' from the cache'}"
        self.readout.set_text(text)
        self.chart.setAccessibleDescription(text)


class _Legend(QWidget):
    """The shades in order, each with what it stands for."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(4)
        for column in range(_LEGEND_COLUMNS):
            self._grid.setColumnStretch(column, 1)
        self.texts: list[str] = []

    def show_parts(self, parts: Sequence[tuple[str, str]]) -> None:
        """Shows a figure and a name for each shade."""
        self.texts = [f"{figure}  {name}" for figure, name in parts]
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for at, (figure, name) in enumerate(parts):
            entry = QWidget()
            row = QHBoxLayout(entry)
            row.setContentsMargins(0, 0, 0, 0)
            row.setSpacing(6)
            row.addWidget(Swatch(self._theme, at))
            row.addWidget(label(figure, "small"))
            # Names of models often begin alike.
            words_of = ElidedLabel(name, Qt.TextElideMode.ElideMiddle)
            words_of.setObjectName("small")
            row.addWidget(words_of, 1)
            self._grid.addWidget(entry, *divmod(at, _LEGEND_COLUMNS))


def _choice(name: str, entries: Sequence[tuple[str, str]]) -> QComboBox:
    made = QComboBox()
    made.setAccessibleName(name)
    for text, value in entries:
        made.addItem(text, value)
    return made


def _day(day: date) -> str:
    return f"{day:%A}, {day.day} {day:%B %Y}"
