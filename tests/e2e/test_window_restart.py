"""What a person sees who closed the window while an agent worked."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from studio.domain.events import Delta, Recorded, ToolStarted
from studio.domain.ids import RunId
from studio.ui.main_window import MainWindow
from tests.fixtures.repositories import make_repository
from tests.fixtures.window import LONG, open_window, say, scripted

pytestmark = [pytest.mark.docker, pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)]

WAIT = {"name": "shell", "arguments": {"command": "sleep 1000"}}


def test_a_run_that_worked_when_the_window_was_closed_goes_on_at_the_next_start(qtbot: QtBot, tmp_path: Path) -> None:
    repository = make_repository(tmp_path / "shop", {"cart.py": "TOTAL = 3\n"})
    more = scripted(tmp_path, {"text": "I wait.", "calls": [WAIT]}, {"text": "Then I go on."})
    more["STUDIO_APPROVAL_MODE"] = "auto"
    home = tmp_path / "home"

    with open_window(qtbot, home, repository, more) as first:
        # What was not begun when the window closes would be begun by the next one.
        with qtbot.waitSignal(first._bridge.events_arrived, timeout=LONG, check_params_cb=_begins_a_call):
            run = say(qtbot, first, "Wait")
        qtbot.waitUntil(lambda: "I wait." in _texts(first), timeout=LONG)
        stop = _stop(first)
        qtbot.waitUntil(stop.isVisible, timeout=LONG)
        assert first.actions_table.action("stop_run").isEnabled()

    with open_window(qtbot, home, repository, more) as second:
        qtbot.waitUntil(lambda: second.panels.chat.current_run == run, timeout=LONG)
        qtbot.waitUntil(lambda: "Then I go on." in _texts(second), timeout=LONG)
        assert "Studio was closed meanwhile" in _texts(second)
        qtbot.waitUntil(lambda: not _stop(second).isVisible(), timeout=LONG)
        assert not second.actions_table.action("stop_run").isEnabled()
        qtbot.waitUntil(lambda: _sandbox(second).startswith("sandbox running"), timeout=LONG)

    with open_window(qtbot, home, repository, more) as third:
        third.panels.chat.show_run(RunId(run))
        qtbot.waitUntil(lambda: "Then I go on." in _texts(third), timeout=LONG)
        # Its container went with the window that had started it, and nothing has begun another.
        qtbot.waitUntil(lambda: _sandbox(third) == "no sandbox", timeout=LONG)


def _begins_a_call(items: list[Recorded | Delta]) -> bool:
    return any(isinstance(item, Recorded) and isinstance(item.event, ToolStarted) for item in items)


def _texts(window: MainWindow) -> str:
    chat = window.panels.chat.current_chat
    if chat is None:
        return ""
    items = chat.items
    return "\n".join(str(items.data(items.index(row), Qt.ItemDataRole.DisplayRole)) for row in range(items.rowCount()))


def _stop(window: MainWindow) -> QPushButton:
    chat = window.panels.chat.current_chat
    assert chat is not None
    return chat.page().composer.stop


def _sandbox(window: MainWindow) -> str:
    return window.status.view.items["sandbox"].text()
