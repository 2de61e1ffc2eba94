"""Row items: what the item models of lists under fixed headings have in common."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

Index = QModelIndex | QPersistentModelIndex
Row = TypeVar("Row")
NO_INDEX = QModelIndex()


class RowItems(QAbstractTableModel, Generic[Row]):
    """Rows in their order; whoever derives from it says in `data` what a cell of one shows."""

    def __init__(self, headings: Sequence[str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._headings = tuple(headings)
        self._rows: list[Row] = []

    def rowCount(self, parent: Index = NO_INDEX) -> int:
        """How many rows there are."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = NO_INDEX) -> int:
        """How many headings there are."""
        return 0 if parent.isValid() else len(self._headings)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The headings."""
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self._headings[section]
        return None

    def _begin_anew(self, rows: Iterable[Row] = ()) -> None:
        """Puts these rows in place of all."""
        self.beginResetModel()
        self._rows = list(rows)
        self.endResetModel()

    def _insert(self, at: int, rows: Sequence[Row]) -> None:
        """Puts these rows before the one that stands there."""
        if rows:
            self.beginInsertRows(NO_INDEX, at, at + len(rows) - 1)
            self._rows[at:at] = rows
            self.endInsertRows()

    def _remove(self, first: int, count: int) -> None:
        """Takes out so many rows from the first one on; none where the count is not above zero."""
        if count > 0:
            self.beginRemoveRows(NO_INDEX, first, first + count - 1)
            del self._rows[first : first + count]
            self.endRemoveRows()

    def _renew(self, row: int) -> None:
        """Has one row drawn again."""
        self.dataChanged.emit(self.index(row, 0), self.index(row, len(self._headings) - 1))

    def _repaint(self) -> None:
        """Has every row drawn again."""
        if self._rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._rows) - 1, len(self._headings) - 1))
