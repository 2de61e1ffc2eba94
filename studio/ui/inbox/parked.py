"""The parked list: below what waits for the person stands what goes on by itself later, and why not now."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from studio.domain.ids import ProjectId
from studio.domain.parked import until_words
from studio.ui.widgets.labels import label
from studio.ui.widgets.names import shown, tooltip

if TYPE_CHECKING:
    from studio.app.parkings import ParkedRun

LINES = 4
"""How many are shown without scrolling."""

_RUN = Qt.ItemDataRole.UserRole


class ParkedList(QFrame):
    """One line for each parked run; away while there is none.

    Signals:
        run_requested: the run whose chat is wanted
    """

    run_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("inboxParked")
        self._names: dict[ProjectId, str] = {}
        self.parked: tuple[ParkedRun, ...] = ()
        self.head = label("", "small")
        self.list = QListWidget()
        self.list.setAccessibleName("Parked runs")
        self.list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.itemActivated.connect(self._on_chosen)
        self.list.itemClicked.connect(self._on_chosen)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 4, 12, 8)
        layout.setSpacing(4)
        layout.addWidget(self.head)
        layout.addWidget(self.list)
        self.hide()

    def show_parked(self, parked: tuple[ParkedRun, ...]) -> None:
        """Lists these in place of the former ones."""
        self.parked = parked
        self.list.clear()
        for each in parked:
            self.list.addItem(self._item(each))
        count = len(parked)
        self.head.setText("One run goes on later" if count == 1 else f"{count} runs go on later")
        self.list.setFixedHeight(min(count, LINES) * max(self.list.sizeHintForRow(0), 18) + 4)
        self.setVisible(bool(parked))

    def name_projects(self, names: dict[ProjectId, str]) -> None:
        """Says by these names whose runs they are."""
        if names != self._names:
            self._names = names
            self.show_parked(self.parked)

    def _item(self, parked: ParkedRun) -> QListWidgetItem:
        run = parked.run
        until = until_words(run.parked_until, datetime.now(UTC)) if run.parked_until else ""
        about = (self._names.get(run.project, ""), run.title, until, parked.reason)
        item = QListWidgetItem(shown(" · ".join(part for part in about if part)))
        item.setToolTip(tooltip(parked.reason))
        item.setData(_RUN, run.id)
        return item

    def _on_chosen(self, item: QListWidgetItem) -> None:
        self.run_requested.emit(item.data(_RUN))
