"""The frame: everything of the window that is there at the first paint."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from studio.ui.docks import Docks
from studio.ui.panels import PANELS
from studio.ui.rail.rail import Rail
from studio.ui.theme import Theme
from studio.ui.title_bar import TitleBar
from studio.ui.widgets.states import ErrorBar


class Frame(QWidget):
    """Title bar, rail, empty docks round an empty middle, and room for the status bar and the `notice` above all.

    Signals: `middle_changed(str)` with the panel that is in the middle now.
    """

    middle_changed = Signal(str)

    def __init__(self, theme: Theme, status: QWidget, notice: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = TitleBar(theme)
        self.error = ErrorBar(theme)
        self.rail = Rail(theme)
        self.middle = QStackedWidget()
        self.middle.setObjectName("panelSurface")
        self._middle: dict[str, QWidget] = {}
        body = QWidget()
        self.docks = Docks(body)
        row = QHBoxLayout(body)
        row.addWidget(self.rail)
        row.addWidget(self.docks.manager, 1)
        column = QVBoxLayout(self)
        for widget in (self.title, notice, self.error):
            column.addWidget(widget)
        column.addWidget(body, 1)
        column.addWidget(status)
        for layout in (row, column):
            layout.setContentsMargins(0, 0, 0, 0)
            layout.setSpacing(0)
        self._add_docks()

    @property
    def current_middle(self) -> str:
        """Which panel is in the middle; empty before there is one."""
        return next((id for id, widget in self._middle.items() if widget is self.middle.currentWidget()), "")

    def fill(self, id: str, widget: QWidget) -> None:
        """Gives a panel its place."""
        if any(row.id == id and row.area is not None for row in PANELS):
            self.docks.fill(id, widget)
            return
        self._middle[id] = widget
        self.middle.addWidget(widget)

    def show_panel(self, id: str) -> None:
        """Brings a panel into view, wherever it stands."""
        if id not in self._middle:
            self.docks.show(id)
        elif self.current_middle != id:
            self.middle.setCurrentWidget(self._middle[id])
            self.middle_changed.emit(id)

    def _add_docks(self) -> None:
        self.docks.set_centre(self.middle)
        for row in PANELS:
            if row.area is not None:
                self.docks.add(row.id, row.title, row.area)
