"""The left line: a question that nobody waits for any more, in one line from which it unfolds."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from studio.ui.widgets.buttons import button
from studio.ui.widgets.labels import ElidedLabel
from studio.ui.widgets.names import tooltip


class LeftLine(QWidget):
    """What was asked, and a button for whoever wants to answer it all the same.

    Signals:
        unfolded: the whole question is wanted
    """

    unfolded = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.words = ElidedLabel()
        self.words.setObjectName("small")
        self.answer = button("Answer…", self.unfolded.emit, "flat")
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 2, 6, 2)
        row.addWidget(self.words, 1)
        row.addWidget(self.answer)

    def say(self, asked: str, whole: str) -> None:
        """Shows what was asked; the tooltip has all that the question says."""
        self.words.set_text(f"{asked} Nobody waits any more.")
        self.words.setToolTip(tooltip(whole))
        self.answer.setAccessibleName(f"Answer: {asked}")
