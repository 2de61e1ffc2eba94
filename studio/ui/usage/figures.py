"""The four figures at the top of the page."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout, QWidget

from studio.app.usage_report import UsageReport, cost_of, hit_rate
from studio.domain.money import show_saved
from studio.ui.usage import words
from studio.ui.widgets.labels import label
from studio.ui.widgets.states import Card

_NAMES = ("Cost", "Tokens", "Calls", "From cache")
_COUNTED = "Calls are the answers, and those of the failed tries that used tokens. A call that fails is tried again."


class Figures(QWidget):
    """Cost, tokens, calls and what came from caches, each with a note."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.figures = {name: label("0", "usageFigure") for name in _NAMES}
        self.notes = {name: label("", "small", wrap=True) for name in _NAMES}
        self.notes["Calls"].setToolTip(_COUNTED)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(8)
        for at, name in enumerate(_NAMES):
            card = Card(name)
            card.column.setContentsMargins(12, 8, 12, 8)
            card.column.setSpacing(2)
            for widget in (label(name, "small"), self.figures[name], self.notes[name]):
                card.column.addWidget(widget)
            card.column.addStretch(1)
            grid.addWidget(card, 0, at)
            grid.setColumnStretch(at, 1)

    def show_report(self, report: UsageReport) -> None:
        """Shows the sums of a report."""
        tries, missed = sum(row.tries for row in report.providers), sum(row.failed for row in report.providers)
        failed = f"{missed:,} of {tries:,} {'try' if tries == 1 else 'tries'} failed" if missed else "none failed"
        total = report.total
        if total is None:
            said = {**dict.fromkeys(_NAMES, ("0", "")), "Calls": ("0", failed)}
        else:
            calls = "call" if total.unpriced == 1 else "calls"
            unpriced = f"{total.unpriced:,} {calls} without a known price" if total.unpriced else "every call is priced"
            tokens = f"{words.count(total.input)} in, {words.count(total.output)} out"
            saved, read = show_saved(total.saved_nusd), f"{words.count(total.cache_read)} tokens of the input"
            said = {
                "Cost": (words.usd(words.dollars(cost_of(total))), unpriced),
                "Tokens": (words.count(total.input + total.output), tokens),
                "Calls": (f"{total.calls:,}", failed),
                "From cache": (words.share(hit_rate(total)), saved or read),
            }
        for name, (figure, note) in said.items():
            self.figures[name].setText(figure)
            self.notes[name].setText(note)
