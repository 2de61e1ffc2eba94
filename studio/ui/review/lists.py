"""Lists: rows of branches and files, as high as there are rows."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QListView

from studio.ui.review.items import BranchItems, FileItems

LEAST_ROW = 24


def row_list(items: BranchItems | FileItems, name: str) -> QListView:
    """A list of rows that can be chosen, and is called `name`."""
    made = QListView()
    made.setModel(items)
    made.setAccessibleName(name)
    made.setFrameShape(QFrame.Shape.NoFrame)
    made.setMouseTracking(True)
    made.setUniformItemSizes(True)
    made.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
    return made


def fit(list: QListView, most: int) -> None:
    """Makes a list as high as its rows, of which at most so many are seen."""
    rows = max(1, min(list.model().rowCount(), most))
    list.setMaximumHeight(rows * max(list.sizeHintForRow(0), LEAST_ROW))
    list.setMinimumHeight(min(rows, 2) * LEAST_ROW)
