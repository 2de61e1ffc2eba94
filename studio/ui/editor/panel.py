"""The editor panel: opens, saves and watches files through the files door."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QMessageBox, QWidget

from studio.domain.errors import NotFound, StudioError
from studio.domain.events import BranchMerged, Delta, Recorded, SnapshotTaken, ToolAnswered
from studio.domain.files import FileText, Place
from studio.ui.bridge import Bridge
from studio.ui.editor.document import UNWRITTEN, Document
from studio.ui.editor.languages import LANGUAGES, PLAIN, language_of
from studio.ui.editor.page import Page
from studio.ui.editor.view import EditorView
from studio.ui.theme import Theme

_SETTLE_MS = 150


class EditorPanel(QObject):
    """The open files of the window.

    Signals: `current_changed(Place | None, str)` place and path in front (`None` and a title for a text that
    lies nowhere, `None` and nothing when no tab is open); `saved(Place, str)`; `unsaved_changed()`.
    """

    current_changed = Signal(object, str)
    saved = Signal(object, str)
    unsaved_changed = Signal()

    def __init__(self, bridge: Bridge, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._theme = theme
        self.view = EditorView(theme)
        self._changed_places: set[Place] = set()
        self._settle = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._settle.timeout.connect(self._reread_changed)
        self.view.current_changed.connect(self._on_current_changed)
        self.view.close_requested.connect(self.close)

    @property
    def widget(self) -> QWidget:
        """What the main window docks."""
        return self.view

    def open_file(self, place: Place, path: str, preview: bool = False, line: int = 0) -> None:
        """Opens `path` of `place`, or brings it to the front; `line` counts from 1, 0 leaves the caret."""
        page = self._page_of(place, path)
        if page is None:
            page = self._new_page(Document(place, path, language_of(path)), preview=preview)
            self._read(page, line)
        else:
            self.view.bring_to_front(page)
            if line:
                page.code.go_to(line)
        if not preview:
            self.view.keep(page)
            page.focus_text()

    def show_text(self, title: str, text: str, language: str = "") -> None:
        """Shows a text that lies nowhere (a diff, for example) in a tab of its own; `language` as in the table."""
        page = self._page_of(None, title)
        if page is None:
            page = self._new_page(Document(None, title, LANGUAGES.get(language, PLAIN)), preview=False)
        page.show_text(text)
        self.view.bring_to_front(page)

    def save(self) -> None:
        """Saves the page in front."""
        if self.view.current is not None:
            self._save(self.view.current)

    def save_all(self) -> None:
        """Saves every page that has unsaved text."""
        for page in self.view.pages:
            if page.dirty:
                self._save(page)

    def unsaved(self) -> tuple[str, ...]:
        """Titles of the pages with unsaved text."""
        return tuple(page.document.title for page in self.view.pages if page.dirty)

    def find(self) -> None:
        """Opens the find bar of the page in front."""
        if self.view.current is not None:
            self.view.current.find_bar.start()

    def find_next(self) -> None:
        """Goes to the next match."""
        if self.view.current is not None:
            self.view.current.find_bar.go_next()

    def go_to_line(self) -> None:
        """Opens the go-to-line bar of the page in front."""
        if self.view.current is not None:
            self.view.current.go_bar.start()

    def close_current(self) -> None:
        """Closes the page in front, asking first when its text is not saved."""
        if self.view.current is not None:
            self.close(self.view.current)

    def close(self, page: Page) -> None:
        """Closes `page`, asking first when its text is not saved."""
        if page.dirty:
            self._ask_before_closing(page)
        else:
            self.view.remove(page)

    def apply(self, events: Iterable[Recorded | Delta]) -> None:
        """Looks again at open files that an event says may have changed."""
        for recorded in events:
            if isinstance(recorded, Recorded):
                self._changed_places |= _places_changed_by(recorded)
        if self._changed_places:
            self._settle.start()

    def look_again(self) -> None:
        """Reads every open file again: to be called when the window comes to the front."""
        self._changed_places |= {page.document.place for page in self.view.pages if page.document.place}
        self._settle.start()

    def _new_page(self, document: Document, *, preview: bool) -> Page:
        former = self.view.preview if preview else None
        page = Page(document, self._theme)
        page.dirty_changed.connect(lambda _dirty: self.unsaved_changed.emit())
        self.view.add(page, preview=preview)
        if former is not None:
            self.close(former)
        return page

    def _page_of(self, place: Place | None, path: str) -> Page | None:
        return next((p for p in self.view.pages if (p.document.place, p.document.path) == (place, path)), None)

    def _read(self, page: Page, line: int = 0) -> None:
        place, path = page.document.place, page.document.path
        assert place is not None
        page.show_loading()

        def done(file: FileText) -> None:
            if self._is_open(page):
                page.show_file(file)
                if line:
                    page.code.go_to(line)

        def failed(error: StudioError) -> None:
            if self._is_open(page):
                page.show_failure(error, ("Try again", lambda: self._read(page, line)))

        self._bridge.call(lambda studio: studio.files.read(place, path), done, failed)

    def _reread_changed(self) -> None:
        places, self._changed_places = self._changed_places, set()
        for page in self.view.pages:
            if page.document.place in places and page.loaded and not page.saving:
                self._reread(page)

    def _reread(self, page: Page) -> None:
        place, path, revision = page.document.place, page.document.path, page.revision
        assert place is not None

        def done(file: FileText) -> None:
            if self._is_open(page) and page.revision == revision and not page.saving:
                self._meet_change(page, file)

        def failed(error: StudioError) -> None:
            if self._is_open(page) and isinstance(error, NotFound) and not page.saving:
                self._meet_deletion(page)

        self._bridge.call(lambda studio: studio.files.read(place, path), done, failed)

    def _meet_change(self, page: Page, file: FileText) -> None:
        if file.etag == page.document.etag:
            return
        if page.dirty:
            self._offer_both(page, file)
        else:
            page.show_file(file)

    def _meet_deletion(self, page: Page) -> None:
        page.notice.say(
            f"{page.document.title} is no longer there; this is the last text that was read.",
            ("Save it again", lambda: self._write(page, UNWRITTEN)),
            ("Close", lambda: self.close(page)),
        )

    def _offer_both(self, page: Page, file: FileText) -> None:
        page.notice.say(
            f"{page.document.title} was changed by somebody else, and you have changes here that are not saved.",
            ("Overwrite with mine", lambda: self._write(page, file.etag)),
            ("Take theirs", lambda: page.show_file(file)),
            ("Show theirs", lambda: self._show_theirs(page, file)),
        )

    def _show_theirs(self, page: Page, file: FileText) -> None:
        self._offer_both(page, file)
        self.show_text(f"{page.document.title} (theirs)", file.text, page.document.language.name)

    def _save(self, page: Page) -> None:
        if page.document.place is not None and page.loaded and not page.code.readOnly():
            self._write(page, page.document.etag)

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
            self.saved.emit(place, path)
            if then_close:
                self.close(page)

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
                self._offer_both(page, file)
            else:
                page.show_failure(error, ("Save again", lambda: self._save(page)))

        def failed(_second: StudioError) -> None:
            if self._is_open(page):
                page.show_failure(error, ("Save again", lambda: self._write(page, UNWRITTEN)))

        self._bridge.call(lambda studio: studio.files.read(place, path), done, failed)

    def _ask_before_closing(self, page: Page) -> None:
        box = QMessageBox(self.view)
        box.setTextFormat(box.textFormat().PlainText)
        box.setIcon(QMessageBox.Icon.Question)
        box.setText(f"Save the changes in {page.document.title}?")
        box.setInformativeText("They are lost otherwise.")
        button = QMessageBox.StandardButton
        box.setStandardButtons(button.Save | button.Discard | button.Cancel)
        box.setDefaultButton(button.Save)
        box.finished.connect(lambda answer: self._on_closing_answered(page, answer))
        box.finished.connect(box.deleteLater)
        box.open()

    def _on_closing_answered(self, page: Page, answer: int) -> None:
        if not self._is_open(page):
            return
        if answer == QMessageBox.StandardButton.Discard:
            self.view.remove(page)
            self.unsaved_changed.emit()
        elif answer == QMessageBox.StandardButton.Save:
            self._write(page, page.document.etag, then_close=True)

    def _is_open(self, page: Page) -> bool:
        return page in self.view.pages

    def _on_current_changed(self) -> None:
        page = self.view.current
        if page is None:
            self.current_changed.emit(None, "")
        else:
            self.current_changed.emit(page.document.place, page.document.path)


def _places_changed_by(recorded: Recorded) -> set[Place]:
    if recorded.project is None:
        return set()
    match recorded.event:
        case ToolAnswered() | SnapshotTaken() if recorded.run is not None:
            return {Place(recorded.project, recorded.run)}
        case BranchMerged():
            return {Place(recorded.project)}
        case _:
            return set()
