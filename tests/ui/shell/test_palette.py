"""The palette: a few letters find the file or the action."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMainWindow
from pytestqt.qtbot import QtBot

from studio.domain.files import Place
from studio.domain.ids import ProjectId
from studio.ui.actions import Actions
from studio.ui.bridge import Bridge
from studio.ui.palette.matches import best_paths, best_texts, read_query
from studio.ui.palette.panel import PalettePanel
from studio.ui.theme import Theme
from tests.fixtures.quiet_doors import QuietDoors

PLACE = Place(ProjectId("p1"))
PATHS = ("README.md", "src/shop/cart.py", "src/shop/rates.py", "tests/test_cart.py")


class ScriptedFiles:
    async def all(self, _place: Place) -> tuple[str, ...]:
        return PATHS


class Doors(QuietDoors):
    def __init__(self) -> None:
        super().__init__()
        self.files = ScriptedFiles()


@pytest.fixture
def window(qtbot: QtBot) -> QMainWindow:
    window = QMainWindow()
    qtbot.addWidget(window)
    window.resize(900, 600)
    with qtbot.waitActive(window):
        window.show()
    return window


@pytest.fixture
def panel(window: QMainWindow) -> Iterator[PalettePanel]:
    async def build() -> Any:
        return Doors()

    bridge = Bridge(build)
    bridge.start()
    panel = PalettePanel(bridge, Theme("dark"), Actions(window), window)
    panel.show_place(PLACE)
    yield panel
    assert bridge.stop()


def test_a_files_own_name_counts_more_than_its_folders() -> None:
    assert best_paths("cart", PATHS)[0] == "src/shop/cart.py"
    assert best_paths("tcart", PATHS)[0] == "tests/test_cart.py"
    assert best_paths("zzz", PATHS) == []
    assert best_paths("", PATHS) == list(PATHS)


def test_letters_that_nearly_fit_a_long_path_are_looked_for_in_one_pass() -> None:
    endless = "testsunit" * 200
    assert best_paths("testsunitz", (endless, f"{endless}z")) == [f"{endless}z"]


def test_a_colon_names_the_line() -> None:
    assert read_query("cart:12").line == 12
    assert read_query("cart:").words == "cart"
    assert read_query("cart").line == 0


def test_actions_are_found_by_part_of_their_words() -> None:
    texts = ("Show terminal", "Theme: dark", "Theme: light")
    assert texts[best_texts("dark", texts)[0]] == "Theme: dark"
    assert best_texts("", texts) == [0, 1, 2]


def test_a_file_is_chosen_by_keys_alone(qtbot: QtBot, panel: PalettePanel) -> None:
    panel.open_files()
    qtbot.waitUntil(lambda: panel.palette.list.count() == len(PATHS))
    QTest.keyClicks(panel.palette.field, "rates:7")
    with qtbot.waitSignal(panel.file_requested) as signal:
        QTest.keyClick(panel.palette.field, Qt.Key.Key_Return)
    assert signal.args == [PLACE, "src/shop/rates.py", 7]
    assert not panel.palette.isVisible()


def test_a_sign_turns_the_file_field_into_one_for_actions(panel: PalettePanel) -> None:
    panel.open_files()
    QTest.keyClicks(panel.palette.field, ">theme light")
    assert panel.palette.list.item(0).text() == "Theme: light"


def test_escape_gives_the_focus_back_and_does_nothing(qtbot: QtBot, panel: PalettePanel, window: QMainWindow) -> None:
    chosen: list[Any] = []
    panel.file_requested.connect(lambda *args: chosen.append(args))
    panel.open_actions()
    QTest.keyClick(panel.palette.field, Qt.Key.Key_Down)
    assert panel.palette.list.currentRow() == 1
    QTest.keyClick(panel.palette.field, Qt.Key.Key_Escape)
    assert not panel.palette.isVisible()
    assert chosen == []


def test_letters_that_fit_nothing_say_so(panel: PalettePanel) -> None:
    panel.open_actions()
    QTest.keyClicks(panel.palette.field, "qqqqqq")
    assert panel.palette.empty.isVisible()
