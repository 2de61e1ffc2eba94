"""Saving: writes pages through the files door and asks the person where somebody else wrote too."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from studio.domain.errors import StudioError
from studio.domain.files import FileText
from studio.ui.bridge import Bridge
from studio.ui.editor.document import UNWRITTEN
from studio.ui.editor.page import Page


class Saving(QObject):
    """Saves the pages of one editor; `is_open` says whether a page still stands when its answer comes.

    Signals: `saved(Page)`; `close_requested(Page)`; `theirs_requested(Page, FileText)` the person wants to see
    what somebody else wrote.
    """

    saved = Signal(object)
    close_requested = Signal(object)
    theirs_requested = Signal(object, object)

    def __init__(self, bridge: Bridge, is_open: Callable[[Page], bool], parent: QObject) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._is_open = is_open

    def save(self, page: Page) -> None:
        """Saves a page whose text can be changed."""
        if page.document.place is not None and page.loaded and not page.code.readOnly():
            self._write(page, page.document.etag)

    def save_and_close(self, page: Page) -> None:
        """Saves a page, and wants it closed once that is done."""
        if self._is_open(page):
            self._write(page, page.document.etag, then_close=True)

    def meet_change(self, page: Page, file: FileText) -> None:
        """Takes in what somebody else wrote, unless there is unsaved text: then the person decides."""
        if file.etag == page.document.etag:
            return
        if page.dirty:
            self.offer_both(page, file)
        else:
            page.show_file(file)

    def meet_deletion(self, page: Page) -> None:
        """Says that the file is gone."""
        page.notice.say(
            f"{page.document.title} is no longer there; this is the last text that was read.",
            ("Save it again", lambda: self._write(page, UNWRITTEN)),
            ("Close", lambda: self.close_requested.emit(page)),
        )

    def offer_both(self, page: Page, file: FileText) -> None:
        """Lets the person choose between their unsaved text and what somebody else wrote."""
        page.notice.say(
            f"{page.document.title} was changed by somebody else, and you have changes here that are not saved.",
            ("Overwrite with mine", lambda: self._write(page, file.etag)),
            ("Take theirs", lambda: page.show_file(file)),
            ("Show theirs", lambda: self._show_theirs(page, file)),
        )

    def _show_theirs(self, page: Page, file: FileText) -> None:
        self.offer_both(page, file)
        self.theirs_requested.emit(page, file)

    def _write(self, page: Page, etag: str | None, then_close: bool = False) -> None:
        place, path, text = page.document.place, page.document.path, page.code.content()
        if place is None or page.saving:
            return
        page.saving = True
        page.revision += 1

        def done(new_etag: str) -> None:
            if not self._is_open(page):
                return
            page.saved_as(text, new_etag)
            self.saved.emit(page)
            if then_close:
                self.close_requested.emit(page)

        def failed(error: StudioError) -> None:
            if self._is_open(page):
                page.saving = False
                self._explain_failed_save(page, error)

        self._bridge.call(lambda studio: studio.files.write(place, path, text, etag), done, failed)

    def _explain_failed_save(self, page: Page, error: StudioError) -> None:
        place, path = page.document.place, page.document.path
        assert place is not None

        def done(file: FileText) -> None:
            if not self._is_open(page):
                return
            if file.etag != page.document.etag:
                self.offer_both(page, file)
            else:
                page.show_failure(error, ("Save again", lambda: self.save(page)))

        def failed(_second: StudioError) -> None:
            if self._is_open(page):
                page.show_failure(error, ("Save again", lambda: self._write(page, UNWRITTEN)))

        self._bridge.call(lambda studio: studio.files.read(place, path), done, failed)
