"""An editor panel over a scripted files door that behaves as the real one promises."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from pytestqt.qtbot import QtBot

from studio.domain.errors import NotFound, UserError
from studio.domain.events import Event, Recorded
from studio.domain.files import FileText, Place
from studio.domain.ids import ProjectId, RunId
from studio.ui.bridge import Bridge
from studio.ui.editor.page import Page
from studio.ui.editor.panel import EditorPanel
from studio.ui.theme import Theme
from tests.fixtures.quiet_doors import QuietDoors

CHECKOUT = Place(ProjectId("p1"))
WORKSPACE = Place(ProjectId("p1"), RunId("r7f3a0000"))


class FilesDoor:
    """Files in a dictionary; a write is refused when the etag is not the file's."""

    def __init__(self) -> None:
        self.texts: dict[tuple[Place, str], str] = {}
        self.read_only: set[str] = set()
        self.refuse_writes = ""

    async def read(self, place: Place, path: str) -> FileText:
        if (place, path) not in self.texts:
            raise NotFound(f"{path} does not exist.")
        text = self.texts[place, path]
        return FileText(text, "utf-8", "\n", len(text), _etag(text), path in self.read_only)

    async def write(self, place: Place, path: str, text: str, etag: str | None) -> str:
        if self.refuse_writes:
            raise UserError(self.refuse_writes)
        before = self.texts.get((place, path))
        if etag != (None if before is None else _etag(before)):
            raise UserError(f"{path} changed on disk since it was opened.")
        self.texts[place, path] = text
        return _etag(text)


def _etag(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass
class Editing:
    """The panel with what surrounds it, and the few things a person does."""

    panel: EditorPanel
    files: FilesDoor
    theme: Theme
    qtbot: QtBot
    bridge: Bridge

    def next_window(self) -> None:
        """From now on another panel is meant, with nothing open; the former one stays as it was."""
        self.panel = _shown_panel(self.bridge, self.theme, self.qtbot)

    def put(self, path: str, text: str, place: Place = CHECKOUT) -> None:
        self.files.texts[place, path] = text

    def open(self, path: str, place: Place = CHECKOUT, *, preview: bool = False) -> Page:
        self.panel.open_file(place, path, preview)
        page = self.front()
        self.qtbot.waitUntil(lambda: page.loaded or page.notice.isVisibleTo(page))
        return page

    def front(self) -> Page:
        page = self.panel.view.current
        assert page is not None
        return page

    def save(self) -> None:
        with self.qtbot.waitSignal(self.panel.saved):
            self.panel.save()

    def type(self, text: str) -> None:
        self.front().code.insertText(0, text)

    def press(self, text: str) -> None:
        next(button for button in self.front().notice.buttons if button.text() == text).click()

    def titles(self) -> list[str]:
        tabs = self.panel.view.tabs
        return [tabs.tabText(index) for index in range(tabs.count())]

    def happened(self, event: Event, place: Place) -> None:
        self.panel.apply([Recorded(1, datetime(2026, 1, 1, tzinfo=UTC), place.project, place.run, event)])


def _shown_panel(bridge: Bridge, theme: Theme, qtbot: QtBot) -> EditorPanel:
    panel = EditorPanel(bridge, theme)
    qtbot.addWidget(panel.widget)
    panel.widget.resize(800, 600)
    panel.widget.show()
    return panel


@pytest.fixture
def editing(qtbot: QtBot, doors: QuietDoors, bridge: Bridge, theme: Theme) -> Editing:
    files = cast(Any, doors).files = FilesDoor()
    return Editing(_shown_panel(bridge, theme, qtbot), files, theme, qtbot, bridge)


@pytest.fixture
def opened(editing: Editing) -> Callable[[str, str], Page]:
    def open_text(path: str, text: str) -> Page:
        editing.put(path, text)
        return editing.open(path)

    return open_text
