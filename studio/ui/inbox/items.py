"""The inbox's items: the checkpoints that wait, oldest first."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from studio.domain.checkpoints import Checkpoint
from studio.ui.widgets.names import shown

_Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()


class InboxItems(QAbstractListModel):
    """One row for each open checkpoint."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[Checkpoint, ...] = ()

    @property
    def rows(self) -> tuple[Checkpoint, ...]:
        """The checkpoints as they are listed."""
        return self._rows

    def show(self, checkpoints: tuple[Checkpoint, ...]) -> None:
        """Lists these in place of the former ones."""
        if checkpoints != self._rows:
            self.beginResetModel()
            self._rows = checkpoints
            self.endResetModel()

    def rowCount(self, parent: _Index = _ROOT) -> int:
        """How many wait."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Title for display, the exact act as tooltip."""
        if not index.isValid():
            return None
        checkpoint = self._rows[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return f"{shown(checkpoint.title)}\n{checkpoint.run} · {checkpoint.kind.value}"
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{checkpoint.kind.value}: {shown(checkpoint.title)}"
            case _:
                return None
