"""The table that compares models."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from studio.app.usage_report import ModelView, cost_of, hit_rate
from studio.ui.usage import words
from studio.ui.widgets.names import shown

_Index = QModelIndex | QPersistentModelIndex
_NO_INDEX = QModelIndex()
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True, slots=True)
class Column:
    """A heading, what a cell says, what it is sorted by and what a list for other programs holds."""

    title: str
    text: Callable[[ModelView], str]
    value: Callable[[ModelView], Any]
    hint: Callable[[ModelView], str] = lambda _row: ""


COLUMNS = (
    Column("Model", lambda row: shown(row.model), lambda row: row.model),
    Column("Calls", lambda row: f"{row.used.calls:,}", lambda row: row.used.calls),
    Column("Failed", lambda row: f"{row.failed:,}", lambda row: row.failed),
    Column(
        "Turns passed",
        lambda row: words.passed(row.passed),
        lambda row: row.passed.share,
        lambda row: words.passed_hint(row.passed),
    ),
    Column("Cost", lambda row: words.money(row.used), lambda row: float(words.dollars(cost_of(row.used)))),
    Column("Middle time", lambda row: words.took(row.median_ms), lambda row: row.median_ms or 0.0),
    Column("Slow time", lambda row: words.took(row.slow_ms), lambda row: row.slow_ms or 0.0),
    Column(
        "Tokens/s",
        lambda row: f"{row.output_per_second:.0f}" if row.output_per_second else "–",
        lambda row: row.output_per_second or 0.0,
    ),
    Column("Input", lambda row: words.count(row.used.input), lambda row: row.used.input),
    Column("Output", lambda row: words.count(row.used.output), lambda row: row.used.output),
    Column("From cache", lambda row: words.share(hit_rate(row.used)), lambda row: hit_rate(row.used)),
)


class ModelItems(QAbstractTableModel):
    """One row for each model, sorted by any column."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[ModelView] = []
        self._sorted: tuple[int, Qt.SortOrder] | None = None

    def show(self, rows: Sequence[ModelView]) -> None:
        """Takes other rows, in the order that was chosen last."""
        self.beginResetModel()
        self._rows = list(rows)
        self._arrange()
        self.endResetModel()

    def rowCount(self, parent: _Index = _NO_INDEX) -> int:
        """How many models."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: _Index = _NO_INDEX) -> int:
        """How many columns."""
        return 0 if parent.isValid() else len(COLUMNS)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What a cell says."""
        column, row = COLUMNS[index.column()], self._rows[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return column.text(row)
            case Qt.ItemDataRole.ToolTipRole:
                return column.hint(row) or column.text(row)
            case Qt.ItemDataRole.TextAlignmentRole if index.column():
                return _RIGHT
            case _:
                return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The headings."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if section else _LEFT
        return COLUMNS[section].title if role == Qt.ItemDataRole.DisplayRole else None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Orders the rows by a column, now and when others are shown."""
        self._sorted = (column, order)
        self.layoutAboutToBeChanged.emit()
        self._arrange()
        self.layoutChanged.emit()

    def as_csv(self) -> str:
        """The rows as they stand, as comma-separated values."""
        text = StringIO()
        writer = csv.writer(text)
        writer.writerow([column.title for column in COLUMNS])
        for row in self._rows:
            # Counts, where a share alone would hide of how many.
            cells = [str(row.passed) if column.title == "Turns passed" else column.value(row) for column in COLUMNS]
            writer.writerow(cells)
        return text.getvalue()

    def _arrange(self) -> None:
        if self._sorted is not None:
            column, order = self._sorted
            self._rows.sort(key=COLUMNS[column].value, reverse=order is Qt.SortOrder.DescendingOrder)
