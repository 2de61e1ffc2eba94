"""The docks: where panels stand in the window, and how a layout is kept."""

from __future__ import annotations

from enum import Enum

import PySide6QtAds as QtAds
from PySide6.QtCore import QByteArray, QObject, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

LAYOUT_VERSION = 1
_FLAGS = QtAds.CDockManager.eConfigFlag
_COLUMNS = (250, 700, 440)
_ROWS = (620, 250)


class Area(Enum):
    """Where a panel stands at first."""

    SIDE = "side"
    RIGHT = "right"
    BOTTOM = "bottom"


_WHERE = {
    Area.SIDE: QtAds.DockWidgetArea.LeftDockWidgetArea,
    Area.RIGHT: QtAds.DockWidgetArea.RightDockWidgetArea,
    Area.BOTTOM: QtAds.DockWidgetArea.BottomDockWidgetArea,
}


class Docks(QObject):
    """Docks round a fixed centre. Each is an empty frame until `fill` brings its widget.

    Signals: `shown(str, bool)` a dock came into view or left it.
    """

    shown = Signal(str, bool)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        for flag in (_FLAGS.OpaqueSplitterResize, _FLAGS.FocusHighlighting, _FLAGS.EqualSplitOnInsertion):
            QtAds.CDockManager.setConfigFlag(flag, flag is _FLAGS.OpaqueSplitterResize)
        for flag in (
            _FLAGS.ActiveTabHasCloseButton,
            _FLAGS.DockAreaHasUndockButton,
            _FLAGS.DockAreaHasTabsMenuButton,
            _FLAGS.DockAreaHasCloseButton,
        ):
            QtAds.CDockManager.setConfigFlag(flag, False)
        self.manager = QtAds.CDockManager(parent)
        # The library brings a style sheet of its own, which would win over the theme.
        self.manager.setStyleSheet("")
        self._docks: dict[str, QtAds.CDockWidget] = {}
        self._areas: dict[Area, QtAds.CDockAreaWidget] = {}
        self._placed: dict[str, Area] = {}
        self._first = QByteArray()

    def set_centre(self, widget: QWidget) -> None:
        """Puts `widget` into the middle, where it stays."""
        centre = self._make("centre", "", widget)
        centre.setFeature(QtAds.CDockWidget.NoTab, True)
        self._centre = self.manager.setCentralWidget(centre)

    def add(self, id: str, title: str, area: Area) -> None:
        """Adds an empty dock; the first of each area is in front."""
        dock = self._make(id, title, _frame())
        dock.setFeature(QtAds.CDockWidget.DockWidgetClosable, True)
        self._placed[id] = area
        if area in self._areas:
            self.manager.addDockWidgetTabToArea(dock, self._areas[area])
            self._areas[area].setCurrentIndex(0)
        elif area is Area.BOTTOM:
            self._areas[area] = self.manager.addDockWidget(_WHERE[area], dock, self._centre)
        else:
            self._areas[area] = self.manager.addDockWidget(_WHERE[area], dock)
        dock.viewToggled.connect(lambda on, id=id: self.shown.emit(id, on))

    def settle(self) -> None:
        """Shows one panel of the side, and remembers this as the first layout."""
        side = [id for id, area in self._placed.items() if area is Area.SIDE]
        self.show(side[0])
        self._first = self.save()

    def title(self, id: str) -> str:
        """What a dock's tab says."""
        return str(self._docks[id].windowTitle())

    def name(self, id: str, title: str) -> None:
        """Gives a dock's tab another title."""
        self._docks[id].setWindowTitle(title)

    def fill(self, id: str, widget: QWidget) -> None:
        """Puts a panel's widget into its dock."""
        frame = self._docks[id].widget()
        layout = frame.layout()
        assert layout is not None
        layout.addWidget(widget)

    def show(self, id: str) -> None:
        """Brings a dock into view; of those that share the side, only one is open."""
        dock = self._docks[id]
        dock.toggleView(True)
        dock.setAsCurrentTab()
        dock.raise_()
        if self._placed[id] is not Area.SIDE:
            return
        for other, area in self._placed.items():
            same = self._docks[other].dockAreaWidget() is dock.dockAreaWidget()
            if area is Area.SIDE and other != id and same:
                self._docks[other].toggleView(False)

    def hide(self, id: str) -> None:
        """Takes a dock out of view."""
        self._docks[id].toggleView(False)

    def hide_all(self) -> None:
        """Leaves only the middle in view; `restore` brings the others back."""
        for id in self._placed:
            self.hide(id)

    def is_open(self, id: str) -> bool:
        """Whether a dock is in view or behind another tab."""
        return not self._docks[id].isClosed()

    def save(self) -> QByteArray:
        """The layout as it stands."""
        state: QByteArray = self.manager.saveState(LAYOUT_VERSION)
        return state

    def restore(self, layout: QByteArray | None) -> None:
        """Brings a saved layout back; one that is missing or of another version leaves the first layout."""
        if layout is None or layout.isEmpty() or not self.manager.restoreState(layout, LAYOUT_VERSION):
            self.manager.restoreState(self._first, LAYOUT_VERSION)
            self._give_first_sizes()
        self._place_new()

    def _place_new(self) -> None:
        """Gives a place to docks that a saved layout does not know yet: behind the others of their area."""
        for id, area in self._placed.items():
            if self._docks[id].dockAreaWidget() is not None:
                continue
            others = (self._docks[one] for one, where in self._placed.items() if where is area)
            place = next((one.dockAreaWidget() for one in others if one.dockAreaWidget() is not None), None)
            if place is not None:
                front = place.currentDockWidget()
                self.manager.addDockWidgetTabToArea(self._docks[id], place)
                front.setAsCurrentTab()

    def _give_first_sizes(self) -> None:
        first = {id: next(name for name, area in self._placed.items() if area is id) for id in Area}
        bottom = self._docks[first[Area.BOTTOM]].dockAreaWidget()
        side = self._docks[first[Area.SIDE]].dockAreaWidget()
        self.manager.setSplitterSizes(bottom, list(_ROWS))
        self.manager.setSplitterSizes(side, list(_COLUMNS))

    def _make(self, id: str, title: str, widget: QWidget) -> QtAds.CDockWidget:
        dock = QtAds.CDockWidget(self.manager, title)
        dock.setObjectName(id)
        dock.setWidget(widget, QtAds.CDockWidget.ForceNoScrollArea)
        dock.setMinimumSizeHintMode(QtAds.CDockWidget.MinimumSizeHintFromDockWidget)
        self._docks[id] = dock
        return dock


def _frame() -> QWidget:
    frame = QWidget()
    frame.setObjectName("panelSurface")
    column = QVBoxLayout(frame)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    return frame
