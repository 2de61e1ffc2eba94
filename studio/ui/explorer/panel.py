"""The explorer panel: shows the files of a place through the files door."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from PySide6.QtCore import QModelIndex, QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from studio.domain.errors import StudioError
from studio.domain.events import BranchMerged, Delta, FilesRestored, Recorded, SnapshotTaken, ToolAnswered
from studio.domain.files import Entry, EntryKind, Place
from studio.ui.bridge import Bridge
from studio.ui.explorer.items import ExplorerItems
from studio.ui.explorer.nodes import Reading
from studio.ui.explorer.view import ExplorerView
from studio.ui.theme import Theme

_SETTLE_MS = 200


class Listing(Protocol):
    """What the files door says of a folder: one page of its entries, and how many there are in all."""

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The page."""
        ...

    @property
    def total(self) -> int:
        """All names in the folder."""
        ...

    @property
    def waits(self) -> bool:
        """Whether the files of a run are not laid out yet."""
        ...


class ExplorerPanel(QObject):
    """The tree of one place's files.

    Signals: `file_open_requested(Place, str, bool)` with True for a glance that the next one may replace;
    `message_arrived(str)` a sentence for the status bar.
    """

    file_open_requested = Signal(object, str, bool)
    message_arrived = Signal(str)

    def __init__(self, bridge: Bridge, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._place: Place | None = None
        self._waits = False
        self.items = ExplorerItems()
        self.view = ExplorerView(self.items, theme)
        self._settle = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._settle.timeout.connect(self.refresh)
        self.items.listing_wanted.connect(self._list)
        self.items.more_wanted.connect(self._list_more)
        self.view.tree.chosen.connect(self._on_chosen)
        self.view.tree.glanced.connect(self._on_glanced)
        self.view.refresh_requested.connect(self.refresh)
        self.view.new_file_requested.connect(self.new_file)
        self.view.new_file_named.connect(self._make_file)
        self.view.show_state("No project is open", "Open one from Projects to see its files.")

    @property
    def widget(self) -> QWidget:
        """What the main window docks."""
        return self.view

    @property
    def place(self) -> Place | None:
        """Whose files are shown."""
        return self._place

    def show_place(self, place: Place | None, title: str = "") -> None:
        """Shows another place's files; `title` is the project's name for a checkout, the role's for a workspace."""
        if place is not None:
            self.view.band.show_place(place, title)
        self.view.band.setVisible(place is not None)
        if place == self._place:
            return
        self._place = place
        self.view.close_field()
        if place is None:
            self.view.show_state("No project is open", "Open one from Projects to see its files.")
            return
        self.view.show_state("Loading\N{HORIZONTAL ELLIPSIS}")
        self.items.reset()

    def refresh(self) -> None:
        """Reads every folder that is known again."""
        if self._place is not None:
            self.items.ask_again()

    def reveal(self, path: str) -> None:
        """Selects a row that has been read."""
        index = self.items.index_of(path)
        if index.isValid():
            self.view.tree.setCurrentIndex(index)

    def mark(self, place: Place | None, path: str) -> None:
        """Selects the row of the file in front, or none when that file is not in the tree."""
        self.view.tree.clearSelection()
        if place is not None and place == self._place:
            self.reveal(path)

    def new_file(self) -> None:
        """Asks for the path of a new file, beginning in the selected folder."""
        if self._place is not None:
            node = self.items.node(self.view.tree.currentIndex())
            folder = node if node.is_folder else node.parent
            self.view.ask_name(folder.path if folder else "")

    def apply(self, events: Iterable[Recorded | Delta]) -> None:
        """Reads again, shortly after, what an event says may have changed."""
        place = self._place
        if place and any(isinstance(event, Recorded) and self._is_news(event, place) for event in events):
            self._settle.start()

    def _is_news(self, recorded: Recorded, place: Place) -> bool:
        # Files are laid out some time after the sandbox came up; no event says when.
        return _touches(recorded, place) or (self._waits and recorded.run == place.run)

    def _list(self, path: str) -> None:
        place = self._place
        if place is None:
            return

        def done(listing: Listing) -> None:
            if self._place == place:
                self.items.show_listing(path, listing.entries, _rest(listing, 0))
                self._waits = listing.waits
                self._show_state_of_root()

        def failed(error: StudioError) -> None:
            if self._place == place:
                self._show_failure(path, error)

        self._bridge.call(lambda studio: studio.files.list(place, path), done, failed)

    def _list_more(self, path: str, offset: int) -> None:
        place = self._place
        if place is None:
            return

        def done(listing: Listing) -> None:
            if self._place == place:
                self.items.add_listing(path, listing.entries, _rest(listing, offset))

        self._bridge.call(lambda studio: studio.files.list(place, path, offset), done)

    def _show_state_of_root(self) -> None:
        if self._waits:
            self.view.show_state("No files yet", "They are laid out when this run's sandbox starts.", "Look again")
        elif self.items.root_reading is Reading.READ and not self.items.rowCount():
            self.view.show_state("This folder is empty", "Make a new file, or ask an agent to.", "Look again")
        elif self.items.root_reading is Reading.READ:
            self.view.show_tree()

    def _show_failure(self, path: str, error: StudioError) -> None:
        sentence = f"{error.sentence} {error.action}".strip()
        self.items.show_failure(path, sentence)
        if not path:
            self.view.show_state("The files cannot be shown", sentence, "Try again")

    def _on_chosen(self, index: QModelIndex) -> None:
        node = self.items.node(index)
        if self.items.ask_more(index):
            return
        if node.is_folder:
            self.view.tree.setExpanded(index, not self.view.tree.isExpanded(index))
        elif node.entry is not None:
            self._open(node.entry, preview=False)

    def _on_glanced(self, index: QModelIndex) -> None:
        node = self.items.node(index)
        if node.entry is not None and not node.is_folder:
            self._open(node.entry, preview=True)

    def _open(self, entry: Entry, *, preview: bool) -> None:
        if entry.kind is EntryKind.FILE:
            self.file_open_requested.emit(self._place, entry.path, preview)
        elif entry.kind is EntryKind.LINK:
            self.message_arrived.emit("This is a link. Links are shown, not followed: open its target instead.")
        else:
            self.message_arrived.emit("This is neither a file nor a folder, so it cannot be opened.")

    def _make_file(self, path: str) -> None:
        place = self._place
        if place is None or not path:
            self.view.close_field()
            return

        def done(_etag: str) -> None:
            self.view.close_field()
            self.refresh()
            self.file_open_requested.emit(place, path, False)

        def failed(error: StudioError) -> None:
            self.view.show_problem(f"{error.sentence} {error.action}".strip())

        self._bridge.call(lambda studio: studio.files.write(place, path, "", None), done, failed)


def _touches(recorded: Recorded, place: Place) -> bool:
    if recorded.project != place.project:
        return False
    match recorded.event:
        case ToolAnswered() | SnapshotTaken() | FilesRestored():
            return place.run is not None and recorded.run == place.run
        case BranchMerged():
            return place.run is None
        case _:
            return False


def _rest(listing: Listing, offset: int) -> int:
    # The door hides Git's own folder after counting, so a page that holds nearly all of them is the last one.
    rest = listing.total - offset - len(listing.entries)
    return rest if listing.entries and rest > 1 else 0
