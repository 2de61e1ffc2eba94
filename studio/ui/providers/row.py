"""One provider of the page: what it is, whether it can be called, and what can be done about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from studio.ui.theme import Theme
from studio.ui.widgets.buttons import button
from studio.ui.widgets.labels import label
from studio.ui.widgets.marks import StatusDot
from studio.ui.widgets.names import shown_lines
from studio.ui.widgets.states import Card

if TYPE_CHECKING:
    from studio.app.key_states import KeyState


class ProviderRow(Card):
    """Signals: `key_wanted()`; `test_wanted()`; `removal_wanted()`."""

    key_wanted = Signal()
    test_wanted = Signal()
    removal_wanted = Signal()

    def __init__(self, theme: Theme, state: KeyState, parent: QWidget | None = None) -> None:
        super().__init__(state.label, parent=parent)
        self.provider = state.provider
        self.usable = state.usable
        self.dot = StatusDot(theme)
        self.name = label(state.label, "strong")
        self.said = label("", "small", wrap=True)
        self.found = label("", "small", wrap=True)
        self.found.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.found.hide()
        self.paste = button("", self.key_wanted.emit)
        self.test = button("Test", self.test_wanted.emit)
        self.test.setToolTip(
            "List its models, have one call a tool, and measure its pace: two short calls, paid like any other"
        )
        self.remove = button("Remove key", self.removal_wanted.emit, "danger")
        self._lay_out()
        self.show_state(state)

    def show_state(self, state: KeyState) -> None:
        """Says where its key comes from, and offers what can be done."""
        self.usable = state.usable
        colour, words = _state(state)
        self.dot.show_state(colour, words, hollow=not state.usable)
        self.said.setText(words)
        self.paste.setText("Replace key…" if state.kept else "Paste a key…")
        self.paste.setAccessibleName(f"{self.paste.text()} {state.label}")
        self.paste.setProperty("kind", "" if state.usable else "primary")
        self.paste.style().polish(self.paste)
        self.paste.setVisible(state.provider != "ollama")
        self.test.setAccessibleName(f"Test {state.label}")
        self.test.setEnabled(state.usable)
        self.remove.setAccessibleName(f"Remove key {state.label}")
        self.remove.setVisible(state.kept)

    def show_found(self, sentence: str, *, bad: bool = False) -> None:
        """Says what came of asking it, as something `bad` where that is so; nothing for an empty sentence."""
        self.found.setText(shown_lines(sentence))
        self.found.setObjectName("ruleDenied" if bad else "small")
        self.found.style().polish(self.found)
        self.found.setVisible(bool(sentence))

    def _lay_out(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.name)
        words.addWidget(self.said)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.dot)
        row.addLayout(words, 1)
        for each in (self.remove, self.test, self.paste):
            row.addWidget(each)
        self.column.addLayout(row)
        self.column.addWidget(self.found)


def _state(state: KeyState) -> tuple[str, str]:
    if state.from_environment:
        also = "; the one that is kept here is not used" if state.kept else ""
        return "ok", f"Key from {state.variable} of the environment{also}."
    if state.kept:
        return "ok", "A key is kept."
    if state.usable:
        return "ok", "Needs no key."
    return "text_faint", "No key."
