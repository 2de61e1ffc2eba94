"""Attached: the images of one chat's message, which come back with its draft."""

from __future__ import annotations

from PySide6.QtCore import QObject

from studio.ui.bridge import Bridge
from studio.ui.chat.attachments import Attachments
from studio.ui.chat.unsent_images import Attached, UnsentImages


class AttachedImages(QObject):
    """Joins the row of thumbnails of one page to what is kept of it; lives as long as the page."""

    def __init__(self, bridge: Bridge, row: Attachments, kept: UnsentImages, key: str) -> None:
        super().__init__(row)
        self._row = row
        self._kept = kept
        self._key = key
        self._is_here = False
        row.changed.connect(self._keep)
        bridge.call(lambda _studio: kept.get(key), self._on_here)

    def move(self, key: str) -> None:
        """A new chat became a run: what is left belongs to that."""
        if key != self._key:
            self._kept.put(self._key, ())
            self._key = key
            self._keep()

    def _on_here(self, attached: tuple[Attached, ...]) -> None:
        added, self._is_here = self._row.images, True
        for data, small in attached:
            if data not in added:
                self._row.add(data, small)
        self._keep()

    def _keep(self) -> None:
        # What came before is not here yet: it would be taken for gone.
        if self._is_here:
            self._kept.put(self._key, self._row.images)
