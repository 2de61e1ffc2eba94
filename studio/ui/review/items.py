"""Review items: branches that wait, and the files of the one that is looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt

from studio.base.text import shorten
from studio.domain.changes import Diff, FileChange
from studio.domain.ids import RunId
from studio.domain.runs import NEXT_STATES, RunState
from studio.ui.widgets.names import shown

if TYPE_CHECKING:
    from studio.app.review import BranchView

Index = QModelIndex | QPersistentModelIndex


class BranchItems(QAbstractListModel):
    """Branches that wait for review, newest first."""

    def __init__(self) -> None:
        super().__init__()
        self._views: tuple[BranchView, ...] = ()

    def set_views(self, views: tuple[BranchView, ...]) -> None:
        """Shows these branches instead."""
        self.beginResetModel()
        self._views = views
        self.endResetModel()

    def view(self, row: int) -> BranchView:
        """The branch in a row."""
        return self._views[row]

    def row_of(self, run: RunId) -> int:
        """The row of a run's branch, -1 when it does not wait."""
        return next((row for row, view in enumerate(self._views) if view.run.id == run), -1)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, D102
        return 0 if parent.isValid() else len(self._views)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:  # noqa: D102
        if not index.isValid():
            return None
        view = self._views[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return shown(shorten(view.run.title, 120))
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{shown(view.run.title)}: {counts(view.files, view.added, view.removed)}"
            case _:
                return None


class FileItems(QAbstractListModel):
    """The files that one branch changes."""

    def __init__(self) -> None:
        super().__init__()
        self._files: tuple[FileChange, ...] = ()
        self._run_by: dict[str, str] = {}

    def set_diff(self, diff: Diff | None) -> None:
        """Shows the files of this diff instead."""
        self.beginResetModel()
        self._files = diff.files if diff is not None else ()
        self._run_by = {one.path: one.by for one in diff.on_machines} if diff is not None else {}
        self.endResetModel()

    def file(self, row: int) -> FileChange:
        """The file in a row."""
        return self._files[row]

    def run_by(self, row: int) -> str:
        """Who runs the file in a row on someone's machine, be it under the name it has or had; empty for nobody."""
        change = self._files[row]
        return self._run_by.get(change.path) or self._run_by.get(change.old_path, "")

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, D102
        return 0 if parent.isValid() else len(self._files)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:  # noqa: D102
        if not index.isValid():
            return None
        change = self._files[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return shown(change.path)
            case Qt.ItemDataRole.AccessibleTextRole:
                by = f", runs on someone's machine ({self.run_by(index.row())})" if self.run_by(index.row()) else ""
                how = f"{change.status.value}, {change.added} added, {change.removed} removed"
                return f"{shown(change.path)}, {how}{by}"
            case _:
                return None


def counts(files: int, added: int, removed: int) -> str:
    """`2 files +3 −1`."""
    return f"{files} file{'' if files == 1 else 's'} +{added} −{removed}"


def may_merge(state: RunState) -> bool:
    """Whether a run in this state can be merged."""
    return state in (RunState.IDLE, RunState.MERGED)


def may_discard(state: RunState) -> bool:
    """Whether a run in this state can be put away."""
    return RunState.DISCARDED in NEXT_STATES[state]
