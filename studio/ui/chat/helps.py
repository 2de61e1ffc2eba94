"""Helps: what the core contributes to a message while it is written: completions, dropped files, pictures."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import shiboken6
from PySide6.QtCore import QObject
from PySide6.QtGui import QImage

from studio.base.aio import in_thread
from studio.domain.errors import StudioError, UserError
from studio.domain.ids import ProjectId, RunId
from studio.ui.bridge import Bridge
from studio.ui.chat.attachments import as_png, small_picture
from studio.ui.chat.input import Input
from studio.ui.chat.page import ChatPage

if TYPE_CHECKING:
    from studio.app.given import Given
    from studio.app.studio import Studio

NO_PICTURE = UserError(
    "A message that waits takes no picture any more.", "Attach it to a message of its own, or take this one back first."
)


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
        page.queue.field_made.connect(self._help_queued)

    def _complete(self, typed: str) -> None:
        project, run = self._where()
        self._bridge.call(
            lambda studio: studio.references.offers(project, run, typed),
            lambda offers: self._page.completing.show_offers(typed, offers),
            lambda _error: self._page.completing.show_offers(typed, ()),
        )

    def _take_files(self, paths: tuple[str, ...]) -> None:
        project, _run = self._where()
        self._bridge.call(lambda studio: _given(studio, project, paths), self._on_given, self._on_failed)

    def _on_given(self, taken: tuple[Given, list[QImage]]) -> None:
        given, small = taken
        self._page.composer.input.insertPlainText(given.words)
        for image, picture in zip(given.images, small, strict=True):
            self._page.attachments.add(image, picture)
        if given.problems:
            self._page.show_error(UserError(" ".join(given.problems), ""))

    def _help_queued(self, field: Input) -> None:
        """A message that waits takes files as words; its images were settled when it was queued."""
        field.image_given.connect(lambda _image: self._on_failed(NO_PICTURE))
        field.files_given.connect(partial(self._take_queued_files, field))

    def _take_queued_files(self, field: Input, paths: tuple[str, ...]) -> None:
        project, _run = self._where()
        # The answer is wanted even when the field is gone by then, so it must not belong to it.
        into = (field,)
        self._bridge.call(
            lambda studio: studio.references.given(project, paths),
            lambda given: self._on_queued_given(*into, given),
            self._on_failed,
        )

    def _on_queued_given(self, field: Input, given: Given) -> None:
        if shiboken6.isValid(field) and field.isVisible():
            field.insertPlainText(given.words)
        elif given.words:
            # The message went out meanwhile: what was given stays where it can still be sent.
            self._page.composer.input.add(given.words)
        problems = (*given.problems, *([str(NO_PICTURE)] if given.images else []))
        if problems:
            self._page.show_error(UserError(" ".join(problems), ""))

    def _take_image(self, image: QImage) -> None:
        self._bridge.call(lambda _studio: _pasted(image), self._on_pasted, self._on_failed)

    def _on_pasted(self, taken: tuple[bytes, QImage]) -> None:
        self._page.attachments.add(*taken)

    def _on_failed(self, error: StudioError) -> None:
        self._page.show_error(error)


async def _given(studio: Studio, project: ProjectId, paths: tuple[str, ...]) -> tuple[Given, list[QImage]]:
    given = await studio.references.given(project, paths)
    return given, [await in_thread(small_picture, image) for image in given.images]


async def _pasted(image: QImage) -> tuple[bytes, QImage]:
    data = await as_png(image)
    return data, await in_thread(small_picture, data)
