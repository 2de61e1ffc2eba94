"""The explorer of a new run shows the run's own files."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.fixtures.handed import handed
from tests.fixtures.repositories import make_repository
from tests.fixtures.window import LONG, open_window, say, scripted

pytestmark = [pytest.mark.docker, pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)]


def test_the_files_of_a_new_run_are_there_while_it_waits_for_a_decision(qtbot: QtBot, tmp_path: Path) -> None:
    repository = make_repository(tmp_path / "shop", {"cart.py": "TOTAL = 3\n"})
    asks = scripted(tmp_path, {"calls": [{"name": "shell", "arguments": {"command": "touch b"}}]}, handed())
    with open_window(qtbot, tmp_path / "home", repository, asks) as window:
        run = say(qtbot, window, "Say hello")
        chat = window.panels.chat.current_chat
        assert chat is not None
        qtbot.waitUntil(lambda: chat.items.question is not None, timeout=LONG)
        items = window.panels.explorer.items
        place = window.panels.explorer.place
        assert place is not None
        assert place.run == run
        qtbot.waitUntil(
            lambda: [items.index(row, 0).data() for row in range(items.rowCount())] == ["cart.py"], timeout=LONG
        )
