"""One sandbox of the page: how it stands, what it uses, and what can be done about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from studio.domain.sandboxes import SandboxState
from studio.ui.sandboxes.words import state_words, use_words
from studio.ui.theme import Theme
from studio.ui.widgets.buttons import button
from studio.ui.widgets.labels import ElidedLabel, label
from studio.ui.widgets.marks import StatusDot
from studio.ui.widgets.names import shown, shown_lines
from studio.ui.widgets.shapes import SANDBOX_SHAPES
from studio.ui.widgets.states import Card

if TYPE_CHECKING:
    from studio.domain.sandboxes import SandboxView


class SandboxRow(Card):
    """How one stands, and its buttons.

    Signals: `wake_wanted()`; `logs_wanted()`; `keep_wanted()`; `restart_wanted()`; `stop_wanted()`; `delete_wanted()`.
    """

    wake_wanted = Signal()
    logs_wanted = Signal()
    keep_wanted = Signal()
    restart_wanted = Signal()
    stop_wanted = Signal()
    delete_wanted = Signal()

    def __init__(self, theme: Theme, name: str, view: SandboxView, parent: QWidget | None = None) -> None:
        super().__init__(shown(name), parent=parent)
        self.project = view.project
        self.dot = StatusDot(theme)
        self.name = ElidedLabel(name)
        self.name.setObjectName("strong")
        self.state = label("", "small", wrap=True)
        self.use = label("", "small", wrap=True)
        self.wake = button("Wake", self.wake_wanted.emit)
        self.logs = button("Logs", self.logs_wanted.emit)
        self.logs.setToolTip("Show what its services and processes write")
        self.keep = button("Keep its data", self.keep_wanted.emit)
        self.keep.setToolTip(
            "Let services of new runs begin with a copy of what those of this run keep, in place of what was kept "
            "before; ends this sandbox for the time of the copy"
        )
        self.restart = button("Restart", self.restart_wanted.emit)
        self.restart.setToolTip("End what runs in it and start another; the files stay")
        self.stop = button("Stop", self.stop_wanted.emit, "danger")
        self.stop.setToolTip("End it and all that runs in it; the files stay, and the next step starts another")
        self.delete = button("Delete", self.delete_wanted.emit, "danger")
        self.delete.setToolTip("End it, and delete what its services keep; files and snapshots stay")
        self._acts = (self.wake, self.logs, self.keep, self.restart, self.stop, self.delete)
        for each in self._acts:
            each.setAccessibleName(f"{each.text()} the sandbox of {shown(name)}")
        self.keep.setAccessibleName(f"Keep the data of {shown(name)} for new runs")
        self._lay_out()
        self.show_view(view)

    def show_view(self, view: SandboxView) -> None:
        """Says how it stands now; what it used is kept where this reading did not ask."""
        colour, hollow = SANDBOX_SHAPES[view.state]
        self.dot.show_state(colour, view.state.value, hollow=hollow)
        self.state.setText(shown_lines(state_words(view)))
        if (used := use_words(view)) or not view.state.open:
            self.use.setText(shown_lines(used))
        self.use.setVisible(bool(self.use.text()))
        self.wake.setVisible(view.state is SandboxState.ASLEEP)
        self.keep.setVisible(bool(view.keeps))

    def show_keeping(self) -> None:
        """Says that what its services keep is being copied; the next reading says how it stands."""
        self.state.setText("Copying what its services keep\N{HORIZONTAL ELLIPSIS}")

    def _lay_out(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(2)
        for word in (self.name, self.state, self.use):
            words.addWidget(word)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.dot)
        row.addLayout(words, 1)
        self.column.addLayout(row)
        acts = QHBoxLayout()
        acts.setSpacing(8)
        acts.addStretch(1)
        for each in self._acts:
            acts.addWidget(each)
        self.column.addLayout(acts)
