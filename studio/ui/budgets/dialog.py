"""The dialog in which a person sets a ceiling."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QComboBox,
    QDialog,
    QDoubleSpinBox,
    QFormLayout,
    QSpinBox,
    QWidget,
)

from studio.domain.budgets import Period
from studio.domain.errors import StudioError
from studio.domain.money import from_usd, to_usd
from studio.ui.budgets.cards import PERIODS, title
from studio.ui.widgets.buttons import button
from studio.ui.widgets.dialogs import fill_dialog
from studio.ui.widgets.labels import label
from studio.ui.widgets.names import shown

if TYPE_CHECKING:
    from studio.app.budgets import BudgetView

MOST_USD = 1_000_000.0
FIRST_USD = 20.0
_WIDTH = 420
_HINT = "A call goes out only when the most it can cost still fits. Days and months begin in UTC."


class BudgetDialog(QDialog):
    """Whom, how much, for which time; an existing budget keeps whom and time.

    Signals: `budget_given(str, int, Period, int)` the scope, nano-dollars, the period and the percent of the alert.
    """

    budget_given = Signal(str, object, object, int)

    def __init__(self, scopes: list[tuple[str, str]], changed: BudgetView | None, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Change the budget" if changed else "Add a budget")
        self.setModal(True)
        self.setMinimumWidth(_WIDTH)
        self.scope, self.period = QComboBox(), QComboBox()
        self.ceiling, self.alert = QDoubleSpinBox(), QSpinBox()
        for scope, words in scopes:
            self.scope.addItem(shown(words), scope)
        for period, words in PERIODS.items():
            self.period.addItem(words, period)
        self.period.setCurrentIndex(list(PERIODS).index(Period.MONTH))
        for field in (self.ceiling, self.alert):
            field.setButtonSymbols(QAbstractSpinBox.ButtonSymbols.NoButtons)
        self.ceiling.setRange(0, MOST_USD)
        self.ceiling.setDecimals(2)
        self.ceiling.setPrefix("$ ")
        self.ceiling.setValue(FIRST_USD)
        self.alert.setRange(1, 100)
        self.alert.setSuffix(" %")
        self.alert.setValue(80)
        self.refusal = label("", "ruleDenied", wrap=True)
        self.refusal.hide()
        self.save = button("Save", self._on_save, "primary")
        if changed is not None:
            self._show(changed)
        self._lay_out()

    def show_error(self, error: StudioError) -> None:
        """Says why it was not saved."""
        self.refusal.setText(shown(f"{error.sentence} {error.action}".strip()))
        self.refusal.show()

    def _show(self, view: BudgetView) -> None:
        self.scope.clear()
        self.scope.addItem(shown(title(view)), str(view.budget.scope))
        self.period.setCurrentIndex(list(PERIODS).index(view.budget.period))
        self.ceiling.setValue(float(to_usd(view.budget.ceiling_nusd)))
        self.alert.setValue(view.budget.alert_percent)
        for fixed in (self.scope, self.period):
            fixed.setEnabled(False)

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(8)
        for words, field in (
            ("For", self.scope), ("At most", self.ceiling), ("Counted", self.period), ("Tell me at", self.alert),
        ):  # fmt: skip
            field.setAccessibleName(words)
            form.addRow(words, field)
        fill_dialog(self, (form, label(_HINT, "small", wrap=True), self.refusal), self.save)

    def _on_save(self) -> None:
        amount = from_usd(Decimal(str(self.ceiling.value())))
        # Qt gives back a plain text for the period that it was given.
        period = Period(self.period.currentData())
        self.budget_given.emit(self.scope.currentData(), amount, period, self.alert.value())
