"""One provider of the page: what it is, whether it can be called, and what can be done about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from studio.ui.providers.words import Answer
from studio.ui.theme import Theme
from studio.ui.widgets.buttons import button
from studio.ui.widgets.labels import label
from studio.ui.widgets.marks import StatusDot
from studio.ui.widgets.names import shown, shown_lines
from studio.ui.widgets.states import Card

if TYPE_CHECKING:
    from studio.app.providers import ProviderState


class ProviderRow(Card):
    """Signals: `key_wanted()`; `test_wanted()`; `removal_wanted()` of its key; `change_wanted()`."""

    key_wanted = Signal()
    test_wanted = Signal()
    removal_wanted = Signal()
    change_wanted = Signal()

    def __init__(self, theme: Theme, state: ProviderState, parent: QWidget | None = None) -> None:
        super().__init__(shown(state.provider.label), parent=parent)
        self.state = state
        self._asking = False
        self.dot = StatusDot(theme)
        self.name = label("", "strong")
        self.said = label("", "small", wrap=True)
        self.fault, self.found = label("", "ruleDenied", wrap=True), label("", "small", wrap=True)
        for told in (self.fault, self.found):
            told.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            told.hide()
        self.paste = button("", self.key_wanted.emit)
        self.test = button("Test", self.test_wanted.emit)
        self.test.setToolTip(
            "List its models, have one call a tool, and measure its pace: two short calls, paid like any other"
        )
        self.remove = button("Remove key", self.removal_wanted.emit, "danger")
        self.change = button("Change…", self.change_wanted.emit)
        self.change.setToolTip("Its address, proxy, certificates and limits")
        self._lay_out()
        self.show_state(state)

    def show_state(self, state: ProviderState) -> None:
        """Says where its key comes from, and offers what can be done."""
        self.state = state
        name = shown(state.provider.label)
        self.setAccessibleName(name)
        self.name.setText(name)
        colour, words = _state(state)
        self.dot.show_state(colour, words, hollow=not state.usable)
        if state.own and state.provider.base_url not in words:
            words = f"{words} {state.provider.base_url}"
        self.said.setText(shown(words))
        self.paste.setText("Replace key…" if state.key_kept else "Paste a key…")
        self.paste.setAccessibleName(f"{self.paste.text()} {name}")
        self.paste.setProperty("kind", "" if state.usable else "primary")
        self.paste.style().polish(self.paste)
        self.paste.setVisible(state.provider.needs_key or state.key_kept or not state.provider.is_local)
        self.test.setAccessibleName(f"Test {name}")
        self.test.setEnabled(state.usable and not self._asking)
        self.remove.setAccessibleName(f"Remove key {name}")
        self.remove.setVisible(state.key_kept)
        self.change.setAccessibleName(f"Change {name}")

    @property
    def usable(self) -> bool:
        """Whether it has all that it is called with."""
        return self.state.usable

    def show_asking(self) -> None:
        """Says that it is asked, and lets nobody ask again meanwhile."""
        self.show_answer(Answer(facts="Asking\N{HORIZONTAL ELLIPSIS}"))
        self._asking = True
        self.test.setEnabled(False)

    def show_answer(self, answer: Answer) -> None:
        """Says what came of asking it: what is wrong stands out from the rest."""
        self._asking = False
        self.test.setEnabled(self.usable)
        for told, words in ((self.fault, answer.fault), (self.found, answer.facts)):
            told.setText(shown_lines(words))
            told.setVisible(bool(words))

    def _lay_out(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.name)
        words.addWidget(self.said)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.dot)
        row.addLayout(words, 1)
        for each in (self.remove, self.change, self.test, self.paste):
            row.addWidget(each)
        self.column.addLayout(row)
        self.column.addWidget(self.fault)
        self.column.addWidget(self.found)


def _state(state: ProviderState) -> tuple[str, str]:
    if state.key_from_environment:
        also = "; the one that is kept here is not used" if state.key_kept else ""
        return "ok", f"Key from {state.provider.key_variable} of the environment{also}."
    if state.key_given_for:
        return "warn", (
            f"The key that is kept was given for {state.key_given_for} and is not sent to {state.provider.base_url}: "
            "paste it again, or say under “Change…” that it is for both."
        )
    if state.key_kept:
        return "ok", "A key is kept."
    if state.usable:
        return "ok", "Needs no key."
    return "text_faint", "No key."
