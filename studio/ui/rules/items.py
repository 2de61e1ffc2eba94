"""The rules' items: one row for each rule, found by any word of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QModelIndex, QObject, QSortFilterProxyModel, Qt

from studio.domain.rules import Effect
from studio.ui.icons import icon
from studio.ui.rules.lines import Line
from studio.ui.theme import Theme
from studio.ui.widgets.names import shown, tooltip
from studio.ui.widgets.row_items import Index, RowItems

COLUMNS: tuple[tuple[str, Callable[[Line], str]], ...] = (
    ("Rule", lambda line: line.does),
    ("Commands", lambda line: shown(line.kind.text)),
    ("For", lambda line: shown(line.role)),
    ("Where", lambda line: shown(line.place)),
    ("Saved", lambda line: line.saved),
    ("Used", lambda line: line.used),
)
COMMANDS = 1


class RuleItems(RowItems[Line]):
    """The lines as a table."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__([heading for heading, _ in COLUMNS], parent)
        self._theme = theme
        theme.changed.connect(self._dress)
        self._dress()

    @property
    def lines(self) -> list[Line]:
        """What is listed."""
        return self._rows

    def show(self, lines: list[Line]) -> None:
        """Lists these in place of the former ones."""
        if lines != self._rows:
            self._begin_anew(lines)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The words of a cell, and the mark of what the rule does."""
        if not index.isValid():
            return None
        line = self._rows[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return COLUMNS[index.column()][1](line)
            case Qt.ItemDataRole.ToolTipRole:
                return tooltip(line.story)
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{COLUMNS[index.column()][0]}: {COLUMNS[index.column()][1](line)}"
            case Qt.ItemDataRole.DecorationRole if index.column() == 0:
                return self._marks[line.effect]
            case _:
                return None

    def _dress(self) -> None:
        self._marks = {
            Effect.ALLOW: icon("pass", self._theme.color("ok")),
            Effect.DENY: icon("circle-slash", self._theme.color("error")),
        }


class FoundRules(QSortFilterProxyModel):
    """The rows that hold every word which is looked for."""

    def __init__(self, items: RuleItems, parent: QObject) -> None:
        super().__init__(parent)
        self._items = items
        self._words: list[str] = []
        self.setSourceModel(items)

    def look_for(self, text: str) -> None:
        """Shows what holds these words, in any column."""
        self.beginFilterChange()
        self._words = text.casefold().split()
        self.endFilterChange(QSortFilterProxyModel.Direction.Rows)

    def line(self, index: QModelIndex) -> Line | None:
        """The line at a place in the filtered table."""
        return self._items.lines[self.mapToSource(index).row()] if index.isValid() else None

    def row_of(self, key: str) -> int:
        """Where a line stands that is known by this; -1 when it is not shown."""
        for row in range(self.rowCount()):
            found = self.line(self.index(row, 0))
            if found is not None and found.key == key:
                return row
        return -1

    def filterAcceptsRow(self, row: int, _parent: Index) -> bool:
        """Whether a row holds them all."""
        line = self._items.lines[row]
        told = " ".join((*(tell(line) for _, tell in COLUMNS), line.story)).casefold()
        return all(word in told for word in self._words)
