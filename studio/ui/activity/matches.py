"""Matches: the rows of one agent, or of what agents told each other, that hold the words looked for."""

from __future__ import annotations

from PySide6.QtCore import QObject

from studio.domain.ids import RunId
from studio.ui.activity.items import ActivityItems
from studio.ui.widgets.row_items import Index
from studio.ui.widgets.row_matches import RowMatches


class Matches(RowMatches):
    """What the activity list shows of its items."""

    def __init__(self, items: ActivityItems, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._items = items
        self._run: RunId | None = None
        self._between_agents = False
        self.setSourceModel(items)

    @property
    def run(self) -> RunId | None:
        """The one agent's run whose rows are shown, None for all."""
        return self._run

    def show_all(self) -> None:
        """Shows every agent's rows."""
        self._set(None, False)

    def show_agent(self, run: RunId) -> None:
        """Shows the rows of one run."""
        self._set(run, False)

    def show_between_agents(self) -> None:
        """Shows what agents told each other and handed over."""
        self._set(None, True)

    def filterAcceptsRow(self, row: int, parent: Index) -> bool:
        """Whether a row is shown."""
        return self._items.accepts(row, self._run, self._between_agents, self._text)

    def _set(self, run: RunId | None, between_agents: bool) -> None:
        with self._choosing():
            self._run, self._between_agents = run, between_agents
