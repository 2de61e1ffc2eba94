"""Keeping: sets the unsaved texts of open pages aside while they are typed."""

from __future__ import annotations

import logging

import shiboken6
from PySide6.QtCore import QObject, QTimer

from studio.domain.files import Place
from studio.ui.editor.page import Page
from studio.ui.editor.unsaved import Unsaved, UnsavedTexts

KEEP_MS = 1500
"""How much typing is lost at most when the program is killed."""

_log = logging.getLogger("studio.window")


class Keeping(QObject):
    """Follows pages: a text that becomes unsaved is kept, one that is saved or undone is forgotten."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._texts: UnsavedTexts | None = None
        self._edited: set[Page] = set()
        self._kept: set[Page] = set()
        self._due = QTimer(self, singleShot=True, interval=KEEP_MS)
        self._due.timeout.connect(self.keep_now)

    def keep_in(self, texts: UnsavedTexts) -> None:
        """Keeps texts there from now on; until then nothing is."""
        self._texts = texts

    def watch(self, page: Page) -> None:
        """Follows one more page."""
        page.code.text_edited.connect(lambda: self._on_edited(page))
        page.dirty_changed.connect(lambda dirty: self._on_dirty_changed(page, dirty))

    def find(self, page: Page) -> Unsaved | None:
        """What was set aside for the page's document."""
        place, path = page.document.place, page.document.path
        found = self._texts.find(place, path) if self._texts is not None and place is not None else None
        if found is not None:
            self._kept.add(page)
        return found

    def all(self) -> tuple[tuple[Place, str], ...]:
        """Every document that a text is set aside for, in this window or in a former one."""
        return self._texts.all() if self._texts is not None else ()

    def keep_now(self) -> None:
        """Sets aside what was typed since the last time."""
        edited, self._edited = self._edited, set()
        for page in edited:
            # Pages go with their window, which may not wait for a timer.
            if shiboken6.isValid(page) and page.dirty:
                self._keep(page)

    def forget(self, page: Page) -> None:
        """Drops what was set aside for a page."""
        self._edited.discard(page)
        if page in self._kept and self._texts is not None and page.document.place is not None:
            self._kept.discard(page)
            self._texts.forget(page.document.place, page.document.path)

    def _on_edited(self, page: Page) -> None:
        self._edited.add(page)
        if not self._due.isActive():
            self._due.start()

    def _on_dirty_changed(self, page: Page, dirty: bool) -> None:
        if not dirty:
            self.forget(page)

    def _keep(self, page: Page) -> None:
        document = page.document
        if self._texts is None or document.place is None:
            return
        try:
            self._texts.keep(document.place, document.path, Unsaved(page.code.content(), document.etag))
            self._kept.add(page)
        except OSError:
            # The text is still in the window; saving it says what is wrong with the disk.
            _log.exception("unsaved_text_not_kept")
