"""Activity items: the newest events of the log, as one line each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from PySide6.QtCore import Qt

from studio.base.text import shorten
from studio.domain.events import AgentHeard, AgentTold, HandedOff, Recorded, RunStarted
from studio.domain.ids import ProjectId, RunId
from studio.domain.roles import title_of
from studio.ui.activity.took import Took, words
from studio.ui.activity.words import sentence
from studio.ui.widgets.names import shown
from studio.ui.widgets.row_items import Index, RowItems

KEPT = 2000
"""Older events are only in the log."""

COLUMNS = ("Time", "Agent", "What", "Took", "Details")
TOOK, DETAILS = COLUMNS.index("Took"), COLUMNS.index("Details")
TITLE_CHARACTERS = 40


class Role(IntEnum):
    """What `ActivityItems.data` answers beside the text of a cell."""

    RUN = Qt.ItemDataRole.UserRole + 1
    MILLISECONDS = Qt.ItemDataRole.UserRole + 2


@dataclass(frozen=True, slots=True)
class _Row:
    seq: int
    cells: tuple[str, str, str, str, str]
    run: RunId | None
    between_agents: bool
    milliseconds: float | None


class ActivityItems(RowItems[_Row]):
    """Events of one project, oldest first; takes each event once, in any order of arrival."""

    def __init__(self) -> None:
        super().__init__(COLUMNS)
        self._project: ProjectId | None = None
        self._titles: dict[RunId, str] = {}
        self._roles: dict[RunId, str] = {}
        self._took = Took()

    @property
    def agents(self) -> dict[RunId, str]:
        """What people call each agent that did something in the rows, the newest last: its role, and what it is on."""
        seen = dict.fromkeys(row.run for row in self._rows if row.run is not None)
        return {run: self._titles.get(run, run) for run in seen}

    def accepts(self, row: int, run: RunId | None, between_agents: bool, text: str) -> bool:
        """Whether a row is of this run, if one is named, and holds this text, in small letters, in any column.

        With `between_agents` only what agents told each other counts.
        """
        found = self._rows[row]
        if (run is not None and found.run != run) or (between_agents and not found.between_agents):
            return False
        return not text or any(text in cell.casefold() for cell in (*found.cells, found.run or ""))

    def longest(self, run: RunId | None) -> float:
        """How long the longest row of this run, or of all, took, in milliseconds."""
        wanted = (row.milliseconds or 0.0 for row in self._rows if run is None or row.run == run)
        return max(wanted, default=0.0)

    def set_project(self, project: ProjectId | None) -> None:
        """Begins anew with another project."""
        self._project = project
        self._titles, self._roles, self._took = {}, {}, Took()
        self._begin_anew()

    def load(self, log: Iterable[Recorded]) -> None:
        """Puts older events before those that came already."""
        first = self._rows[0].seq if self._rows else None
        took = Took()
        older = [self._row(item, took) for item in log if self._is_mine(item) and (first is None or item.seq < first)]
        self._insert(0, older)
        if older and first is None:
            self._took = took

    def apply(self, items: Iterable[Recorded]) -> None:
        """Adds what happened now."""
        last = self._rows[-1].seq if self._rows else 0
        newer = [self._row(item, self._took) for item in items if self._is_mine(item) and item.seq > last]
        self._insert(len(self._rows), newer)
        self._remove(0, len(self._rows) - KEPT)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:  # noqa: D102
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return row.cells[index.column()]
            case Role.RUN:
                return row.run
            case Role.MILLISECONDS:
                return row.milliseconds
            case _:
                return None

    def _is_mine(self, item: Recorded) -> bool:
        return item.project == self._project

    def _name(self, run: RunId, role: str, title: str) -> None:
        self._roles[run] = shown(role)
        self._titles[run] = f"{shown(role)} · {shown(shorten(title, TITLE_CHARACTERS))}"

    def _row(self, item: Recorded, took: Took) -> _Row:
        event = item.event
        if isinstance(event, RunStarted) and item.run is not None:
            self._name(item.run, event.role_title or title_of(event.role), event.title)
        milliseconds = took.milliseconds(item)
        time = item.time.astimezone().strftime("%H:%M:%S")
        who = self._roles.get(item.run, item.run) if item.run is not None else ""
        lasted = "" if milliseconds is None else words(milliseconds)
        what = event.kind.replace("_", " ")
        between = isinstance(event, AgentTold | AgentHeard | HandedOff)
        return _Row(item.seq, (time, who, what, lasted, sentence(event)), item.run, between, milliseconds)
