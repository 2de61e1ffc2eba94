"""The page's widgets: the budgets as bars, and the money that is kept for calls without a known end."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from studio.domain.budgets import Reservation
from studio.ui.budgets.cards import BudgetCard, KeptCard
from studio.ui.theme import Theme
from studio.ui.widgets.buttons import button
from studio.ui.widgets.labels import label
from studio.ui.widgets.scrolled import scrolled
from studio.ui.widgets.states import EmptyState, ErrorBar

if TYPE_CHECKING:
    from studio.app.budgets import BudgetView

Made = TypeVar("Made", bound=QWidget)

_ADD = "Add a budget…"
_INTRO = "The most that agents may cost, held before each call. A ceiling is never crossed; local models are free."
_KEPT = (
    "Kept for calls that ended without telling what they cost. It counts until you release it, once you know from the "
    "provider's own bill that nothing more is to come."
)


class BudgetsView(QWidget):
    """All that is shown of budgets.

    Signals: `adding_requested()`; `change_requested(BudgetView)`; `removal_requested(BudgetView)`;
    `release_requested(Reservation)`; `again_requested()`.
    """

    adding_requested = Signal()
    change_requested = Signal(object)
    removal_requested = Signal(object)
    release_requested = Signal(object)
    again_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panelSurface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._theme = theme
        self.budgets: list[BudgetCard] = []
        self.kept: list[KeptCard] = []
        self.add = button(_ADD, self.adding_requested.emit, "primary")
        self.error = ErrorBar(theme)
        self.error.details.hide()
        self.empty = EmptyState("Loading\N{HORIZONTAL ELLIPSIS}")
        self.empty.action_requested.connect(self._on_empty_action)
        self.kept_heading = label("HELD, OUTCOME NOT KNOWN", "heading")
        self.kept_words = label(_KEPT, "small", wrap=True)
        self._lay_out()
        self.show_reservations(())

    def show_budgets(self, budgets: tuple[BudgetView, ...]) -> None:
        """A card for each budget."""
        cards = [BudgetCard(self._theme, each) for each in budgets]
        for card in cards:
            card.change_wanted.connect(partial(self.change_requested.emit, card.budget))
            card.removal_wanted.connect(partial(self.removal_requested.emit, card.budget))
        self.budgets = _replaced(self._budgets, self.budgets, cards)
        self.empty.say("No budget yet", "Nothing limits what agents may cost, but the limits of each role.", _ADD)
        self.empty.setVisible(not cards)

    def show_reservations(self, kept: tuple[Reservation, ...]) -> None:
        """A card for each reservation that is kept; nothing at all when there is none."""
        cards = [KeptCard(each) for each in kept]
        for card, each in zip(cards, kept, strict=True):
            card.release_wanted.connect(partial(self.release_requested.emit, each))
        self.kept = _replaced(self._kept, self.kept, cards)
        for words in (self.kept_heading, self.kept_words):
            words.setVisible(bool(cards))

    def show_failure(self, sentence: str) -> None:
        """Says why nothing is shown, and lets one try again."""
        if not self.budgets:
            self.empty.say("The budgets could not be read", sentence, "Try again")
            self.empty.show()

    def _on_empty_action(self) -> None:
        (self.adding_requested if self.empty.button.text() == _ADD else self.again_requested).emit()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(label("Budgets", "title"))
        head.addStretch(1)
        head.addWidget(self.add)
        self._budgets, self._kept = QVBoxLayout(), QVBoxLayout()
        for cards in (self._budgets, self._kept):
            cards.setSpacing(8)
        scroll, inside = scrolled()
        inside.addWidget(self.empty)
        inside.addLayout(self._budgets)
        inside.addSpacing(8)
        inside.addWidget(self.kept_heading)
        inside.addWidget(self.kept_words)
        inside.addLayout(self._kept)
        inside.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(label(_INTRO, "muted", wrap=True))
        column.addWidget(self.error)
        column.addWidget(scroll, 1)


def _replaced(column: QVBoxLayout, old: list[Made], new: list[Made]) -> list[Made]:
    for card in old:
        column.removeWidget(card)
        card.hide()
        card.deleteLater()
    for card in new:
        column.addWidget(card)
    return new
