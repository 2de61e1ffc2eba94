"""The rule offer: what a rule would let through that is made of an approval, in words, and the buttons that make it."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from studio.domain.rules import CommandKind, Scope
from studio.ui.widgets.buttons import button
from studio.ui.widgets.labels import label
from studio.ui.widgets.names import shown

ASKED_EACH_TIME = "No rule can be made of this: its like is asked about each time."


class RuleOffer(QWidget):
    """Shows the kinds of an approval, or that there are none; nothing at all where nothing is to be approved.

    Signals: `chosen(str)` the scope, `run` or `project`; `rules_requested()` all rules are to be shown.
    """

    chosen = Signal(str)
    rules_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.denied = label("", "ruleDenied", wrap=True, parent=self)
        self.title = label("", "small", wrap=True, parent=self)
        self._kinds = QVBoxLayout()
        self._kinds.setSpacing(2)
        self.run = button("Always in this run", partial(self.chosen.emit, Scope.RUN.value))
        self.project = button("Always in this project", partial(self.chosen.emit, Scope.PROJECT.value))
        self.rules = button("All rules…", self.rules_requested.emit, "flat")
        row = QHBoxLayout()
        row.setSpacing(8)
        for made in self.buttons:
            made.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
            row.addWidget(made)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(self.rules, 0, Qt.AlignmentFlag.AlignTop)
        column.addWidget(self.denied)
        column.addLayout(head)
        column.addLayout(self._kinds)
        column.addLayout(row)
        self.offer((), "")
        self.hide()

    @property
    def buttons(self) -> tuple[QPushButton, ...]:
        """Those that make a rule."""
        return self.run, self.project

    def offer(self, kinds: tuple[CommandKind, ...], denied_before: str) -> None:
        """Shows these kinds, and what was denied before."""
        self.denied.setText(f"You or a rule denied something like this before, in this run: {shown(denied_before)}")
        self.denied.setVisible(bool(denied_before))
        self.title.setText("“Always” lets these run without a question:" if kinds else ASKED_EACH_TIME)
        while (item := self._kinds.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        for kind in kinds:
            self._kinds.addWidget(label(shown(kind.text), "ruleKind", wrap=True, parent=self))
            self._kinds.addWidget(label(shown(kind.sentence), "small", wrap=True, parent=self))
        for made in self.buttons:
            made.setVisible(bool(kinds))
