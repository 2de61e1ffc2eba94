"""Activity items: the newest events of the log, as one line each."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from studio.domain.events import Recorded
from studio.domain.ids import ProjectId
from studio.ui.activity.words import sentence

Index = QModelIndex | QPersistentModelIndex

KEPT = 2000
"""Older events are only in the log."""

COLUMNS = ("Time", "Run", "What", "Details")


class ActivityItems(QAbstractTableModel):
    """Events of one project, oldest first; takes each event once, in any order of arrival."""

    def __init__(self) -> None:
        super().__init__()
        self._project: ProjectId | None = None
        self._rows: list[tuple[int, tuple[str, str, str, str]]] = []

    def set_project(self, project: ProjectId | None) -> None:
        """Begins anew with another project."""
        self.beginResetModel()
        self._project, self._rows = project, []
        self.endResetModel()

    def load(self, log: Iterable[Recorded]) -> None:
        """Puts older events before those that came already."""
        first = self._rows[0][0] if self._rows else None
        older = [_row(item) for item in log if self._is_mine(item) and (first is None or item.seq < first)]
        if older:
            self.beginInsertRows(QModelIndex(), 0, len(older) - 1)
            self._rows[:0] = older
            self.endInsertRows()

    def apply(self, items: Iterable[Recorded]) -> None:
        """Adds what happened now."""
        last = self._rows[-1][0] if self._rows else 0
        newer = [_row(item) for item in items if self._is_mine(item) and item.seq > last]
        if not newer:
            return
        end = len(self._rows)
        self.beginInsertRows(QModelIndex(), end, end + len(newer) - 1)
        self._rows += newer
        self.endInsertRows()
        extra = len(self._rows) - KEPT
        if extra > 0:
            self.beginRemoveRows(QModelIndex(), 0, extra - 1)
            del self._rows[:extra]
            self.endRemoveRows()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, D102
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, D102
        return 0 if parent.isValid() else len(COLUMNS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:  # noqa: D102
        if not index.isValid() or role != Qt.ItemDataRole.DisplayRole:
            return None
        return self._rows[index.row()][1][index.column()]

    def headerData(  # noqa: D102
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return COLUMNS[section]
        return None

    def _is_mine(self, item: Recorded) -> bool:
        return item.project == self._project


def _row(item: Recorded) -> tuple[int, tuple[str, str, str, str]]:
    time = item.time.astimezone().strftime("%H:%M:%S")
    return item.seq, (time, item.run or "", item.event.kind.replace("_", " "), sentence(item.event))
