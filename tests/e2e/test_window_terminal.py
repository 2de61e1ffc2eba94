"""The terminal of a run is a shell inside its container."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from studio.ui.main_window import MainWindow
from studio.ui.terminal.loader import find_emulator
from tests.fixtures.repositories import make_repository
from tests.fixtures.window import LONG, open_window, say, scripted

pytestmark = [
    pytest.mark.docker,
    pytest.mark.qt_log_ignore("propagateSizeHints", "Unable to load translator", extend=True),
    pytest.mark.skipif(find_emulator() is None, reason="no wheel of the terminal widget for this platform"),
]


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path) -> Iterator[MainWindow]:
    repository = make_repository(tmp_path / "shop", {"cart.py": "TOTAL = 3\n"})
    with open_window(qtbot, tmp_path / "home", repository, scripted(tmp_path, {"text": "Hello."})) as made:
        yield made


def test_what_is_typed_runs_inside_the_container_as_its_own_person(window: MainWindow, qtbot: QtBot) -> None:
    run = say(qtbot, window, "Say hello")
    with qtbot.waitSignal(window.panels.terminal.terminal_opened, timeout=LONG):
        window.panels.terminal.open_terminal()
    terminal = window.panels.terminal.view.terminals[-1]
    heard: list[str] = []
    terminal.receivedData.connect(heard.append)  # type: ignore[attr-defined]
    qtbot.waitUntil(lambda: "$" in "".join(heard), timeout=LONG)

    typed = terminal.focusProxy()
    assert typed is not None
    QTest.keyClicks(typed, "echo uid=$(id -u) of=$(hostname); cat cart.py")
    QTest.keyClick(typed, Qt.Key.Key_Return)

    containers: list[str] = []
    window._bridge.call(lambda studio: studio.terminals.command(run), lambda argv: containers.append(argv[-1]))
    qtbot.waitUntil(lambda: containers != [])
    told = f"uid=10001 of={containers[0][:12]}"
    qtbot.waitUntil(lambda: told in "".join(heard) and "TOTAL = 3" in "".join(heard), timeout=LONG)
    assert os.uname().nodename != containers[0][:12]


def test_the_terminal_of_a_stopped_container_says_that_it_ended(window: MainWindow, qtbot: QtBot) -> None:
    run = say(qtbot, window, "Say hello")
    panel = window.panels.terminal
    with qtbot.waitSignal(panel.terminal_opened, timeout=LONG):
        panel.open_terminal()
    chat = window.panels.chat.current_chat
    assert chat is not None
    qtbot.waitUntil(chat.page().composer.stop.isHidden, timeout=LONG)
    window._bridge.call(lambda studio: studio.review.discard(run))
    qtbot.waitUntil(lambda: panel.view.title(panel.view.terminals[-1]) == f"{run} (ended)", timeout=LONG)
    qtbot.waitUntil(lambda: window.status.view.items["sandbox"].text() == "no sandbox", timeout=LONG)
