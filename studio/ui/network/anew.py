"""Sandboxes that know no way out yet: each by its name, with the button that starts it anew."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from studio.ui.widgets.buttons import button
from studio.ui.widgets.labels import label
from studio.ui.widgets.names import shown

_MOST = 5


class StartAnew(QWidget):
    """A line for each run whose sandbox was started before its project had a network; hidden while there is none.

    Signals: `restart_requested(str)`, a run.
    """

    restart_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)
        self._shown: tuple[tuple[str, str], ...] = ()
        self.hide()

    def show_runs(self, runs: Sequence[tuple[str, str]]) -> None:
        """Shows these runs, id and name; the others of many stand on the page of sandboxes."""
        if tuple(runs) == self._shown:
            return
        self._shown = tuple(runs)
        while (item := self._column.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        for run, name in runs[:_MOST]:
            self._column.addWidget(self._line(run, name))
        if len(runs) > _MOST:
            more = f"{len(runs) - _MOST} more were started before, too: see the page Sandboxes."
            self._column.addWidget(label(more, "muted", wrap=True))
        self.setVisible(bool(runs))

    def _line(self, run: str, name: str) -> QWidget:
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(label(f"{shown(name)}: its sandbox was started before, and has no way out yet.", wrap=True), 1)
        made = button("Start it anew", lambda: self._ask(run))
        made.setAccessibleName(f"Start the sandbox of {shown(name)} anew")
        row.addWidget(made)
        return line

    def _ask(self, run: str) -> None:
        # Whatever becomes of it, the line comes again where it is still true.
        self.setEnabled(False)
        self.restart_requested.emit(run)
