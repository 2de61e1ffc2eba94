"""The page's widgets: where keys rest, and a card for each provider."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from studio.ui.providers.row import ProviderRow
from studio.ui.theme import Theme
from studio.ui.widgets.buttons import button
from studio.ui.widgets.labels import label
from studio.ui.widgets.scrolled import scrolled
from studio.ui.widgets.states import EmptyState, ErrorBar

if TYPE_CHECKING:
    from studio.app.providers import ProviderState

_ADD = "Add a provider…"
_INTRO = "Who serves the models. A key that you paste is used at once; nobody can read it here again."


class ProvidersView(QWidget):
    """All that is shown of providers.

    Signals: `key_requested(str)`, `test_requested(str)`, `removal_requested(str)` of its key, `change_requested(str)` a
    provider; `adding_requested()`; `again_requested()`.
    """

    key_requested = Signal(str)
    test_requested = Signal(str)
    removal_requested = Signal(str)
    change_requested = Signal(str)
    adding_requested = Signal()
    again_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panelSurface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._theme = theme
        self.rows: dict[str, ProviderRow] = {}
        self.error = ErrorBar(theme)
        self.error.details.hide()
        self.place = label("", "small", wrap=True)
        self.empty = EmptyState("Loading\N{HORIZONTAL ELLIPSIS}")
        self.empty.action_requested.connect(self.again_requested)
        self.add = button(_ADD, self.adding_requested.emit, "primary")
        self.add.setToolTip("Add a provider: any server that speaks like OpenAI, Ollama or Anthropic (Ctrl+N)")
        self._lay_out()
        inside = Qt.ShortcutContext.WidgetWithChildrenShortcut
        QShortcut(QKeySequence("Ctrl+N"), self, context=inside).activated.connect(self.add.click)

    def row(self, provider: str) -> ProviderRow:
        """The card of a provider."""
        return self.rows[provider]

    def show_states(self, states: tuple[ProviderState, ...]) -> None:
        """A card for each provider; those that are there stay, with what a test said."""
        self.empty.hide()
        names = [state.provider.name for state in states]
        for gone in [name for name in self.rows if name not in names]:
            row = self.rows.pop(gone)
            self._cards.removeWidget(row)
            row.hide()
            row.deleteLater()
        for state in states:
            if state.provider.name in self.rows:
                self.rows[state.provider.name].show_state(state)
            else:
                self._add(state)

    def show_place(self, sentence: str) -> None:
        """Says where keys that are pasted rest."""
        self.place.setText(sentence)

    def show_failure(self, sentence: str) -> None:
        """Says why nothing is shown, and lets one try again."""
        if not self.rows:
            self.empty.say("The providers could not be read", sentence, "Try again")

    def _add(self, state: ProviderState) -> None:
        row, name = ProviderRow(self._theme, state), state.provider.name
        row.key_wanted.connect(partial(self.key_requested.emit, name))
        row.test_wanted.connect(partial(self.test_requested.emit, name))
        row.removal_wanted.connect(partial(self.removal_requested.emit, name))
        row.change_wanted.connect(partial(self.change_requested.emit, name))
        self.rows[name] = row
        self._cards.insertWidget(self._cards.count() - 1, row)

    def _lay_out(self) -> None:
        scroll, self._cards = scrolled()
        self._cards.addWidget(self.empty)
        self._cards.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(8)
        head = QHBoxLayout()
        head.addWidget(label("Providers & keys", "title"))
        head.addStretch(1)
        head.addWidget(self.add)
        column.addLayout(head)
        column.addWidget(label(_INTRO, "muted", wrap=True))
        column.addWidget(self.error)
        column.addWidget(scroll, 1)
        column.addWidget(self.place)
