"""The editor panel: opens and watches files through the files door."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from studio.domain.errors import NotFound, StudioError
from studio.domain.events import BranchMerged, Delta, FilesRestored, Recorded, SnapshotTaken, ToolAnswered
from studio.domain.files import FileText, Place
from studio.domain.ids import ProjectId
from studio.ui.bridge import Bridge
from studio.ui.editor.document import Document
from studio.ui.editor.keeping import Keeping
from studio.ui.editor.languages import language_named, language_of
from studio.ui.editor.page import Page
from studio.ui.editor.saving import Saving
from studio.ui.editor.unsaved import UnsavedTexts, left_over
from studio.ui.editor.view import EditorView
from studio.ui.theme import Theme
from studio.ui.widgets.questions import ask_to_save

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
        self._project: ProjectId | None = None
        self._names: Mapping[ProjectId, str] = {}
        self._keeping = Keeping(self)
        self._saving = Saving(bridge, self._is_open, self)
        self._saving.saved.connect(lambda page: self.saved.emit(page.document.place, page.document.path))
        self._saving.close_requested.connect(self.close)
        self._saving.theirs_requested.connect(self._show_theirs)
        self._changed_places: set[Place] = set()
        self._settle = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._settle.timeout.connect(self._reread_changed)
        self.view.current_changed.connect(self._on_current_changed)
        self.view.close_requested.connect(self.close)

    @property
    def widget(self) -> QWidget:
        """What the main window docks."""
        return self.view

    def keep_unsaved_in(self, folder: Path) -> None:
        """From now on unsaved texts outlive the program in `folder` and come back when their file is opened."""
        self._keeping.keep_in(UnsavedTexts(folder))
        self._remind()

    def show_project(self, project: ProjectId | None, names: Mapping[ProjectId, str]) -> None:
        """Says from now on of each file of another project whose it is; `names` are what projects are called."""
        self._project, self._names = project, names
        for page in self.view.pages:
            page.show_owner(self._owner(page.document.place))
            self.view.rename(page)

    def open_file(self, place: Place, path: str, preview: bool = False, line: int = 0) -> None:
        """Opens `path` of `place`, or brings it to the front; `line` counts from 1, 0 leaves the caret."""
        page = self._page_of(place, path)
        if page is None:
            page = self._new_page(Document(place, path, language_of(path), owner=self._owner(place)), preview=preview)
            self._read(page, line)
        else:
            self.view.bring_to_front(page)
            if line:
                page.code.go_to(line)
        if not preview:
            self.view.keep(page)
            page.focus_text()

    def show_text(self, title: str, text: str, language: str = "") -> None:
        """Shows a text that lies nowhere in a tab of its own; `language` as people call it."""
        page = self._page_of(None, title)
        if page is None:
            page = self._new_page(Document(None, title, language_named(language)), preview=False)
        page.show_text(text)
        self.view.bring_to_front(page)

    def save(self) -> None:
        """Saves the page in front."""
        if self.view.current is not None:
            self._saving.save(self.view.current)

    def save_all(self) -> None:
        """Saves every page that has unsaved text."""
        for page in self.view.pages:
            if page.dirty:
                self._saving.save(page)

    def unsaved(self) -> tuple[str, ...]:
        """Titles of the pages with unsaved text."""
        return tuple(page.document.title for page in self.view.pages if page.dirty)

    def unsaved_in(self, place: Place) -> tuple[str, ...]:
        """Paths of the files of a place with text that is not saved, of former windows too."""
        typed = {page.document.path for page in self.view.pages if page.dirty and page.document.place == place}
        return tuple(sorted(typed | {path for other, path in self._left_over() if other == place}))

    def keep_unsaved(self) -> None:
        """Sets aside now what is not saved."""
        self._keeping.keep_now()

    def drop_unsaved(self) -> None:
        """Closes every page that has unsaved text, which is lost."""
        for page in self.view.pages:
            if page.dirty:
                self._drop(page)

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
            title = page.document.title
            ask_to_save(self.view, title, lambda: self._saving.save_and_close(page), lambda: self._drop(page))
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
        self._keeping.watch(page)
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
                self._show_first(page, file)
                if line:
                    page.code.go_to(line)

        def failed(error: StudioError) -> None:
            if self._is_open(page) and not (isinstance(error, NotFound) and self._show_what_was_kept(page)):
                page.show_failure(error, ("Try again", lambda: self._read(page, line)))

        self._bridge.call(lambda studio: studio.files.read(place, path), done, failed)

    def _show_first(self, page: Page, file: FileText) -> None:
        """Shows a file that was just opened, with the unsaved text that a former window left of it."""
        unsaved = self._keeping.find(page)
        page.show_file(file)
        if unsaved is None:
            return
        if unsaved.text == page.code.content():
            self._keeping.forget(page)
            return
        page.bring_back(unsaved)
        if unsaved.etag != file.etag:
            self._saving.offer_both(page, file)
            return
        page.notice.say(
            f"{page.document.title} was not saved when Studio ended. Your text is here again, not in the file yet.",
            ("Save", lambda: self._saving.save(page)),
            ("Take what is in the file", lambda: page.show_file(file)),
        )

    def _show_what_was_kept(self, page: Page) -> bool:
        unsaved = self._keeping.find(page)
        if unsaved is not None:
            page.show_file(FileText("", "utf-8", "\n", 0, ""))
            page.bring_back(unsaved)
            self._saving.meet_deletion(page)
        return unsaved is not None

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
                self._saving.meet_change(page, file)

        def failed(error: StudioError) -> None:
            if self._is_open(page) and isinstance(error, NotFound) and not page.saving:
                self._saving.meet_deletion(page)

        self._bridge.call(lambda studio: studio.files.read(place, path), done, failed)

    def _show_theirs(self, page: Page, file: FileText) -> None:
        self.show_text(f"{page.document.title} (theirs)", file.text, page.document.language.name)

    def _drop(self, page: Page) -> None:
        self._keeping.forget(page)
        if self._is_open(page):
            self.view.remove(page)
            self.unsaved_changed.emit()

    def _left_over(self) -> tuple[tuple[Place, str], ...]:
        """The documents with text of a former window that are not open in this one."""
        return tuple(one for one in self._keeping.all() if self._page_of(*one) is None)

    def _remind(self) -> None:
        """Says which files a former window left unsaved, and offers to open them."""
        left = self._left_over()
        if left:
            self.view.notice.say(left_over(tuple(path for _, path in left)), ("Open", lambda: self._open_all(left)))
        else:
            self.view.notice.silence()

    def _open_all(self, documents: tuple[tuple[Place, str], ...]) -> None:
        for place, path in documents:
            self.open_file(place, path)

    def _owner(self, place: Place | None) -> str:
        if place is None or place.project == self._project:
            return ""
        return self._names.get(place.project, "")

    def _is_open(self, page: Page) -> bool:
        return page in self.view.pages

    def _on_current_changed(self) -> None:
        if not self.view.notice.isHidden():
            self._remind()
        page = self.view.current
        if page is None:
            self.current_changed.emit(None, "")
        else:
            self.current_changed.emit(page.document.place, page.document.path)


def _places_changed_by(recorded: Recorded) -> set[Place]:
    if recorded.project is None:
        return set()
    match recorded.event:
        case ToolAnswered() | SnapshotTaken() | FilesRestored() if recorded.run is not None:
            return {Place(recorded.project, recorded.run)}
        case BranchMerged():
            return {Place(recorded.project)}
        case _:
            return set()
