"""In the window a run whose provider is down is parked, says so everywhere, and goes on with one click."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from studio.domain.runs import RunState
from tests.fixtures.plug import Reply, provider
from tests.fixtures.repositories import make_repository
from tests.fixtures.window import LONG, chat, open_window, send, texts

pytestmark = [
    pytest.mark.docker,
    pytest.mark.qt_log_ignore("does not support (raise|grabbing|propagateSizeHints)", extend=True),
]


def test_a_parked_run_is_seen_and_tried_again_with_one_click(qtbot: QtBot, tmp_path: Path) -> None:
    repository = make_repository(tmp_path / "shop", {"a.txt": "one\n"})
    down = [Reply(status=503) for _ in range(3)]
    with provider(*down, Reply("At last.")) as served:
        environment = {**served.environment("openai"), "STUDIO_DEFAULT_MODEL": "openai/small"}
        with open_window(qtbot, tmp_path / "home", repository, environment) as window:
            qtbot.waitUntil(lambda: chat(window).page().composer.model == "openai/small", timeout=LONG)
            send(qtbot, window, "Mend it")
            qtbot.waitUntil(lambda: chat(window).state is RunState.PARKED, timeout=LONG)
            card = chat(window).page().parked
            assert card.isVisible()
            qtbot.waitUntil(lambda: "Parked until" in texts(window), timeout=LONG)
            inbox = window.panels.inbox.view.parked
            qtbot.waitUntil(lambda: inbox.list.count() == 1, timeout=LONG)
            assert "Mend it" in inbox.list.item(0).text()
            assert "parked until" in window.panels.chat.strip.bar.tabToolTip(0)
            card.now.click()
            qtbot.waitUntil(lambda: "At last." in texts(window), timeout=LONG)
            qtbot.waitUntil(lambda: not card.isVisible() and inbox.list.count() == 0, timeout=LONG)
