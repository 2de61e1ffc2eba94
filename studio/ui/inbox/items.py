"""The inbox's items: the checkpoints that wait, oldest first."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QSize, Qt

from studio.domain.checkpoints import Checkpoint
from studio.domain.ids import ProjectId
from studio.ui.widgets.names import shown

ROW_HEIGHT = 46
"""Room for two lines."""

_Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()


class InboxItems(QAbstractListModel):
    """One row for each open checkpoint."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[Checkpoint, ...] = ()
        self._names: dict[ProjectId, str] = {}

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

    def name_projects(self, names: dict[ProjectId, str]) -> None:
        """Says by these names whose questions they are."""
        if names != self._names:
            self._names = names
            self.dataChanged.emit(self.index(0), self.index(len(self._rows) - 1))

    def rowCount(self, parent: _Index = _ROOT) -> int:
        """How many wait."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Title, project, run and act for display."""
        if not index.isValid():
            return None
        checkpoint = self._rows[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                asked, act = checkpoint.parts[0], " ".join(checkpoint.act.split())
                what = "nobody waits any more" if checkpoint.is_left else act
                about = (self._names.get(checkpoint.project, ""), checkpoint.run, what)
                return f"{shown(asked)}\n{shown(' · '.join(part for part in about if part))}"
            case Qt.ItemDataRole.SizeHintRole:
                return QSize(1, ROW_HEIGHT)  # as wide as the list, so that long lines end in …
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{checkpoint.kind.value}: {shown(checkpoint.title)}"
            case _:
                return None
