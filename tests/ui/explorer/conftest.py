"""An explorer panel over a scripted files door."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from PySide6.QtCore import QModelIndex
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from studio.domain.errors import StudioError, UserError
from studio.domain.events import Event, Recorded
from studio.domain.files import Entry, EntryKind, Place
from studio.domain.ids import ProjectId, RunId
from studio.ui.bridge import Bridge
from studio.ui.explorer.panel import ExplorerPanel
from studio.ui.theme import Theme
from tests.fixtures.quiet_doors import QuietDoors

CHECKOUT = Place(ProjectId("p1"))
WORKSPACE = Place(ProjectId("p1"), RunId("r7f3a0000"))


@dataclass(frozen=True)
class Listing:
    """What the door answers."""

    entries: tuple[Entry, ...]
    total: int
    waits: bool = False


class FilesDoor:
    """Folders as a set of paths; a trailing slash makes a folder, a leading `@` of the name a link."""

    def __init__(self) -> None:
        self.paths: set[str] = set()
        self.page = 5000
        self.error: StudioError | None = None
        self.asked: list[str] = []
        self.waits = False

    async def list(self, place: Place, path: str = "", offset: int = 0) -> Listing:
        self.asked.append(path)
        if self.error is not None:
            raise self.error
        entries = sorted(self._below(path), key=lambda entry: (entry.kind is not EntryKind.FOLDER, entry.name))
        return Listing(tuple(entries[offset : offset + self.page]), len(entries), self.waits)

    async def write(self, place: Place, path: str, text: str, etag: str | None) -> str:
        if path in self.paths:
            raise UserError(f"{path} exists already.", "Choose another name, or open it.")
        self.paths.add(path)
        return "etag"

    def _below(self, folder: str) -> Iterator[Entry]:
        prefix = f"{folder}/" if folder else ""
        names = {path.removeprefix(prefix) for path in self.paths if path.startswith(prefix) and path != prefix}
        for name in {name.split("/")[0]: name for name in names if name}:
            kind = EntryKind.FOLDER if any(other.startswith(f"{name}/") for other in names) else EntryKind.FILE
            yield Entry(name, prefix + name, EntryKind.LINK if name.startswith("@") else kind)


@dataclass
class Exploring:
    """The panel with what surrounds it, and the few things a person does."""

    panel: ExplorerPanel
    files: FilesDoor
    qtbot: QtBot

    def show(self, place: Place = CHECKOUT, title: str = "shop") -> None:
        before = len(self.files.asked)
        self.panel.show_place(place, title)
        self.qtbot.waitUntil(lambda: len(self.files.asked) > before and self.settled())

    def settled(self) -> bool:
        return all("Loading" not in name for name in self.names())

    def index(self, path: str) -> QModelIndex:
        index = self.panel.items.index_of(path)
        assert index.isValid(), path
        return index

    def expand(self, path: str) -> None:
        self.panel.view.tree.expand(self.index(path))
        self.qtbot.waitUntil(lambda: "Loading" not in "".join(self.names(path)))

    def names(self, folder: str = "") -> list[str]:
        parent = self.index(folder) if folder else QModelIndex()
        items = self.panel.items
        rows = [str(items.data(items.index(row, 0, parent))) for row in range(items.rowCount(parent))]
        return rows or ([self.panel.view.state.title.text()] if not folder else [])

    def happened(self, event: Event, place: Place) -> None:
        self.panel.apply([Recorded(1, datetime(2026, 1, 1, tzinfo=UTC), place.project, place.run, event)])


@pytest.fixture
def exploring(qtbot: QtBot, doors: QuietDoors, bridge: Bridge, theme: Theme) -> Iterator[Exploring]:
    files = cast(Any, doors).files = FilesDoor()
    panel = ExplorerPanel(bridge, theme)
    tester = QAbstractItemModelTester(panel.items, QAbstractItemModelTester.FailureReportingMode.Fatal)
    tester.setUseFetchMore(False)  # folders are to be read when a person opens them
    qtbot.addWidget(panel.widget)
    panel.widget.resize(260, 600)
    panel.widget.show()
    yield Exploring(panel, files, qtbot)
    tester.deleteLater()
