"""The cards of the page: one for each budget, one for each reservation that is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from studio.domain.budgets import Balance, Period, Reservation, ScopeKind
from studio.domain.money import NanoUsd, show
from studio.ui.budgets.bar import BudgetBar
from studio.ui.theme import Theme
from studio.ui.widgets.buttons import button
from studio.ui.widgets.labels import ElidedLabel, label
from studio.ui.widgets.names import shown
from studio.ui.widgets.states import Card

if TYPE_CHECKING:
    from studio.app.budgets import BudgetView

PERIODS = {Period.DAY: "each day", Period.MONTH: "each month", Period.TOTAL: "in total"}


class BudgetCard(Card):
    """Signals: `change_wanted()`; `removal_wanted()`."""

    change_wanted = Signal()
    removal_wanted = Signal()

    def __init__(self, theme: Theme, view: BudgetView, parent: QWidget | None = None) -> None:
        name = f"{title(view)}, {PERIODS[view.budget.period]}"
        super().__init__(shown(name), parent=parent)
        self.budget = view
        self.bar = BudgetBar(theme)
        self.said = label(stands(view.balance), "small", wrap=True)
        self.bar.show_balance(view.balance, self.said.text())
        self.change = button("Change…", self.change_wanted.emit)
        self.change.setAccessibleName(f"Change the budget of {shown(name)}")
        self.remove = button("Remove", self.removal_wanted.emit, "danger")
        self.remove.setAccessibleName(f"Remove the budget of {shown(name)}")
        self.name = ElidedLabel(f"{title(view)} · {show(view.budget.ceiling_nusd)} {PERIODS[view.budget.period]}")
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self.name, 1)
        head.addWidget(self.remove)
        head.addWidget(self.change)
        self.column.addLayout(head)
        self.column.addWidget(self.bar)
        self.column.addWidget(self.said)


class KeptCard(Card):
    """Signals: `release_wanted()`."""

    release_wanted = Signal()

    def __init__(self, kept: Reservation, parent: QWidget | None = None) -> None:
        when = f"{kept.time.astimezone():%d %B, %H:%M}"
        words = f"{show(kept.held_nusd)} for {kept.model}, {kept.whose}, {when}"
        super().__init__(shown(words), parent=parent)
        self.said = ElidedLabel(words)
        self.release = button("Release", self.release_wanted.emit)
        self.release.setAccessibleName(f"Release {shown(words)}")
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.said, 1)
        row.addWidget(self.release)
        self.column.addLayout(row)


def title(view: BudgetView) -> str:
    """Whom a budget is for, as a title."""
    kind = view.budget.scope.kind
    if kind is ScopeKind.COMPANY:
        return "Company"
    if view.title:
        return f"{kind.value.capitalize()} “{view.title}”"
    return f"{kind.value.capitalize()} {view.whom.removeprefix(f'{kind}:')}"


def stands(balance: Balance) -> str:
    """Where a budget stands, as a sentence."""
    held = f" · {show(balance.held_nusd)} held" if balance.held_nusd else ""
    left = balance.left_nusd
    rest = f"{show(left)} left" if left >= 0 else f"{show(NanoUsd(-left))} over"
    return f"{show(balance.paid_nusd)} paid{held} · {rest} · tells you at {balance.budget.alert_percent} %"
