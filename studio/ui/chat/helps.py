"""Helps: what the core contributes to a message while it is written: completions, dropped files, pictures."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QImage

from studio.domain.errors import StudioError, UserError
from studio.domain.ids import ProjectId, RunId
from studio.ui.bridge import Bridge
from studio.ui.chat.attachments import as_png
from studio.ui.chat.page import ChatPage

if TYPE_CHECKING:
    from studio.app.given import Given


class Helps(QObject):
    """Joins the fields of one page to the references door; `where` tells the project and the run, if there is one."""

    def __init__(self, bridge: Bridge, page: ChatPage, where: Callable[[], tuple[ProjectId, RunId | None]]) -> None:
        super().__init__(page)
        self._bridge = bridge
        self._page = page
        self._where = where
        page.completing.wanted.connect(self._complete)
        page.composer.input.files_given.connect(self._take_files)
        page.composer.input.image_given.connect(self._take_image)

    def _complete(self, typed: str) -> None:
        project, run = self._where()
        self._bridge.call(
            lambda studio: studio.references.offers(project, run, typed),
            lambda offers: self._page.completing.show_offers(typed, offers),
            lambda _error: self._page.completing.show_offers(typed, ()),
        )

    def _take_files(self, paths: tuple[str, ...]) -> None:
        project, _run = self._where()
        self._bridge.call(lambda studio: studio.references.given(project, paths), self._on_given, self._on_failed)

    def _on_given(self, given: Given) -> None:
        self._page.composer.input.insertPlainText(given.words)
        for image in given.images:
            self._page.attachments.add(image)
        if given.problems:
            self._page.show_error(UserError(" ".join(given.problems), ""))

    def _take_image(self, image: QImage) -> None:
        self._bridge.call(lambda _studio: as_png(image), self._page.attachments.add, self._on_failed)

    def _on_failed(self, error: StudioError) -> None:
        self._page.show_error(error)
