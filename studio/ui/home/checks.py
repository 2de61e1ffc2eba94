"""The doctor's lines on the home page."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from studio.ui.theme import Theme
from studio.ui.widgets.buttons import button
from studio.ui.widgets.labels import label
from studio.ui.widgets.marks import StatusDot

if TYPE_CHECKING:
    from studio.app.doctor import Check


_PROVIDERS = "providers"
_HOLES = "engine version"
"""Agents work in spite of it, and a person must know it all the same."""


class CheckLines(QWidget):
    """What was looked at, and the one next action for each thing that is not well.

    Signals: `again_requested()`; `key_requested()` the person wants to paste a provider's key.
    """

    again_requested = Signal()
    key_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._heading = label("READY TO WORK?", "heading")
        self._again = button("Look again", self.again_requested.emit, "flat")
        head = QHBoxLayout()
        head.addWidget(self._heading)
        head.addStretch(1)
        head.addWidget(self._again)
        self._rows = QWidget()
        self.paste: QPushButton | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 16, 0, 0)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self._rows)
        self.hide()

    def say(self, sentence: str) -> None:
        """Shows one sentence while nothing else is known."""
        self._replace(lambda grid: grid.addWidget(label(sentence, "muted"), 0, 0))

    def show_checks(self, checks: tuple[Check, ...]) -> None:
        """One line for each thing that is well or needed, below a heading that says whether agents can work."""
        self._replace(lambda grid: self._fill(grid, checks))
        self._heading.setText(
            "READY TO WORK" if all(c.ok or not c.needed for c in checks) else "BEFORE AGENTS CAN WORK"
        )

    def _replace(self, fill: Callable[[QGridLayout], object]) -> None:
        rows = QWidget()
        grid = QGridLayout(rows)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(2, 1)
        fill(grid)
        layout = self.layout()
        assert layout is not None
        layout.replaceWidget(self._rows, rows)
        self._rows.hide()
        self._rows.deleteLater()
        self._rows = rows
        self.show()

    def _fill(self, grid: QGridLayout, checks: tuple[Check, ...]) -> None:
        worth = (check for check in checks if check.needed or check.ok or check.name == _HOLES)
        for number, check in enumerate(worth):
            dot = StatusDot(self._theme)
            dot.show_state("ok" if check.ok else "warn", "well" if check.ok else "not well", hollow=not check.ok)
            words = label(check.sentence if check.ok else f"{check.sentence} {check.action}".strip(), wrap=True)
            words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            # Wrapped words say they need the width of a long line, and the page would be wider than its place.
            words.setMinimumWidth(1)
            top = Qt.AlignmentFlag.AlignTop
            grid.addWidget(dot, number, 0, top)
            grid.addWidget(label(check.name, "muted"), number, 1, top)
            grid.addWidget(words, number, 2, top)
            if check.name == _PROVIDERS and not check.ok:
                self.paste = button("Paste a key…", self.key_requested.emit, "primary")
                grid.addWidget(self.paste, number, 3, top)
