"""At the end: a table that stays at its newest row while the reader is there."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QTableView

NEAR_END = 8


class AtEnd(QObject):
    """Lets go when the reader scrolls up, and holds again when they come back. For a table that is set up already.

    Signals: `changed(bool)` it holds from now on, or not any more.
    """

    changed = Signal(bool)

    def __init__(self, table: QTableView) -> None:
        super().__init__(table)
        self._bar = table.verticalScrollBar()
        self._holds = True
        self._is_moving = False
        self._bar.valueChanged.connect(self._on_scroll)
        self._bar.rangeChanged.connect(self._on_range)

    def hold(self, on: bool) -> None:
        """Goes to the end and stays there, or lets go."""
        self._tell(on)
        if on:
            self._go()

    def _on_scroll(self) -> None:
        if not self._is_moving:
            # Asked of the bar: what is told may be older than a move that it led to.
            self._tell(self._bar.value() >= self._bar.maximum() - NEAR_END)

    def _on_range(self) -> None:
        if self._holds:
            self._go()

    def _tell(self, on: bool) -> None:
        if on != self._holds:
            self._holds = on
            self.changed.emit(on)

    def _go(self) -> None:
        # While old rows go, the bar moves by itself: that is nobody who scrolls up. A move may lead to another one.
        was_moving, self._is_moving = self._is_moving, True
        self._bar.setValue(self._bar.maximum())
        self._is_moving = was_moving
