"""Sizes: the screens on which a page can be looked at, and the widget that gives it one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from studio.ui.preview.browser import Browser

LEAST_ZOOM, MOST_ZOOM = 0.25, 5.0
"""What the web engine can do."""


@dataclass(frozen=True, slots=True)
class Device:
    """A screen, in the pixels that a page counts with; one without a size takes the room there is."""

    name: str
    width: int = 0
    height: int = 0

    @property
    def title(self) -> str:
        """Name and size."""
        return f"{self.name} ({self.width} × {self.height})" if self.width else self.name

    def turned(self) -> Device:
        """The same screen on its side."""
        return replace(self, width=self.height, height=self.width)


FREE = Device("All the room there is")
DEVICES = (
    FREE,
    Device("Small phone", 360, 640),
    Device("Phone", 390, 844),
    Device("Large phone", 430, 932),
    Device("Tablet", 820, 1180),
    Device("Laptop", 1280, 800),
    Device("Desktop", 1920, 1080),
)
ZOOMS = (0.5, 0.75, 1.0, 1.25, 1.5, 2.0)


@dataclass(frozen=True, slots=True)
class Fit:
    """Where the page stands in its room, and how much it is scaled for that."""

    x: int
    y: int
    width: int
    height: int
    zoom: float


def fit(device: Device, width: int, height: int, zoom: float) -> Fit:
    """The whole screen of a device in the middle of this room, made smaller where it must be; `zoom` is the person's.

    A device's page always counts with the device's own pixels: it is looked at from further off, not laid out anew.
    """
    if not device.width:
        return Fit(0, 0, width, height, zoom)
    scale = min(zoom, width / device.width, height / device.height)
    scale = max(LEAST_ZOOM, scale)
    wide, high = round(device.width * scale), round(device.height * scale)
    return Fit(max(0, (width - wide) // 2), max(0, (height - high) // 2), wide, high, scale)


class Stage(QWidget):
    """Gives the one page in it the size of a device, in the middle."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.device = FREE
        self.zoom = 1.0
        self._page: Browser | None = None

    def take(self, page: Browser) -> None:
        """Shows this page from now on."""
        page.setParent(self)
        self._page = page
        self.lay_out()
        page.show()

    def drop(self) -> None:
        """Forgets the page, which its owner then frees."""
        self._page = None

    def set_device(self, device: Device) -> None:
        """Gives the page this screen."""
        self.device = device
        self.lay_out()

    def set_zoom(self, zoom: float) -> None:
        """Scales the page; one on a device's screen never grows out of the room."""
        self.zoom = min(max(zoom, LEAST_ZOOM), MOST_ZOOM)
        self.lay_out()

    def lay_out(self) -> None:
        """Puts the page where it belongs; also to be called after a load, which forgets the zoom."""
        if self._page is not None:
            found = fit(self.device, self.width(), self.height(), self.zoom)
            self._page.setGeometry(QRect(found.x, found.y, found.width, found.height))
            self._page.setZoomFactor(found.zoom)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fits the page into the new room."""
        super().resizeEvent(event)
        self.lay_out()
