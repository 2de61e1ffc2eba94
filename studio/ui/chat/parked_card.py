"""The parked card: until when a run is parked, and what a person can do instead of waiting."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QPushButton, QVBoxLayout, QWidget

from studio.domain.errors import StudioError
from studio.domain.ids import RunId
from studio.domain.parked import CONTAINER_ENGINE, until_words
from studio.domain.runs import RunState
from studio.ui.bridge import Bridge
from studio.ui.chat.offers import Offers
from studio.ui.chat.runs import RunRow
from studio.ui.chat.words import model_choice
from studio.ui.theme import Theme
from studio.ui.widgets.buttons import button
from studio.ui.widgets.labels import label

MOST_MODELS = 30
"""How many models the menu names; any other can be chosen below the message field."""


class ParkedCard(QFrame):
    """Stands above the message field while the run is parked; why it is, the chat says right above.

    Signals:
        resume_requested: it is to go on now, with this model; with its own when the name is empty
    """

    resume_requested = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("parked_card")
        self.setAccessibleName("Parked")
        self._theme = theme
        self.says = label("", wrap=True, parent=self)
        self.now = button("Try now", lambda: self._resume(""), "primary", self)
        self.other = QPushButton("Try with another model", self)
        self.other.setAccessibleName("Try with another model")
        self.other.setMenu(QMenu(self.other))
        buttons = QHBoxLayout()
        buttons.addWidget(self.now)
        buttons.addWidget(self.other)
        buttons.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 10, 12, 10)
        layout.setSpacing(8)
        layout.addWidget(self.says)
        layout.addLayout(buttons)
        theme.changed.connect(self.restyle)
        self.restyle()
        self.hide()

    def follow(self, row: RunRow | None, offers: Offers) -> None:
        """Shows itself for a run that is parked, and goes away for any other."""
        parked = row is not None and row.state is RunState.PARKED
        self.setVisible(parked)
        if row is None or not parked:
            return
        self.set_busy(False)
        for_engine = row.waits_for == CONTAINER_ENGINE
        until = f" {until_words(row.until, datetime.now(UTC))}" if row.until is not None else ""
        until = " until the container engine is back" if for_engine else until
        self.says.setText(f"Parked{until}. It goes on by itself then, as long as Studio is open.")
        menu = self.other.menu()
        menu.clear()
        for name in [name for name in offers.models if name != row.model][:MOST_MODELS]:
            menu.addAction(model_choice(name).replace("&", "&&"), partial(self._resume, name))
        # Another model would meet the same: nothing can be run for it either.
        self.other.setVisible(not menu.isEmpty() and not for_engine)

    def set_busy(self, busy: bool) -> None:
        """Holds the buttons while a try is on its way."""
        self.now.setEnabled(not busy)
        self.other.setEnabled(not busy)

    def restyle(self) -> None:
        """Takes colours from the theme again."""
        theme = self._theme
        self.setStyleSheet(
            f"#parked_card {{ border: 1px solid {theme.color('line').name()};"
            f" border-radius: {theme.size('radius')}px; background: {theme.color('surface').name()}; }}"
        )

    def _resume(self, model: str) -> None:
        self.set_busy(True)
        self.resume_requested.emit(model)


def join_parking(
    card: ParkedCard,
    bridge: Bridge,
    run: Callable[[], RunId | None],
    went_on: Callable[[str], None],
    on_failed: Callable[[StudioError], None],
) -> None:
    """Lets the card's run go on; `went_on` is told the model, if another one does, `on_failed` why it did not."""

    def resume(model: str) -> None:
        parked = run()
        if parked is None:
            return

        def failed(error: StudioError) -> None:
            card.set_busy(False)
            on_failed(error)

        def done(_sent: object) -> None:
            if model:
                went_on(model)

        bridge.call(lambda studio: studio.parkings.resume(parked, model or None), done, failed)

    card.resume_requested.connect(resume)
