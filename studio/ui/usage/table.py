"""A table of usage, for the eye and as a file."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from io import StringIO
from typing import Any

from PySide6.QtCore import QObject, Qt

from studio.ui.usage.columns import Column
from studio.ui.widgets.row_items import Index, RowItems

_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class TableItems(RowItems[Any]):
    """Rows under these columns, sorted by any of them."""

    def __init__(self, columns: Sequence[Column[Any]], parent: QObject | None = None) -> None:
        super().__init__([column.title for column in columns], parent)
        self.columns = tuple(columns)
        self._sorted: tuple[int, Qt.SortOrder] | None = None

    def show(self, rows: Sequence[Any]) -> None:
        """Takes other rows, in the order that was chosen last."""
        self._begin_anew(self._arranged(rows))

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What a cell says."""
        column, row = self.columns[index.column()], self._rows[index.row()]
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
        """The headings, each on the side of what stands below."""
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if section else _LEFT
        return super().headerData(section, orientation, role)

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Orders the rows by a column, now and when others are shown."""
        self._sorted = (column, order)
        self.layoutAboutToBeChanged.emit()
        self._rows = self._arranged(self._rows)
        self.layoutChanged.emit()

    def as_csv(self) -> str:
        """The rows as they stand, as comma-separated values."""
        text = StringIO()
        writer = csv.writer(text)
        writer.writerow([column.title for column in self.columns])
        writer.writerows([column.cell(row) for column in self.columns] for row in self._rows)
        return text.getvalue()

    def _arranged(self, rows: Sequence[Any]) -> list[Any]:
        if self._sorted is None:
            return list(rows)
        column, order = self._sorted
        return sorted(rows, key=self.columns[column].value, reverse=order is Qt.SortOrder.DescendingOrder)
