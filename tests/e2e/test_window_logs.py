"""The window shows what the services of a run write, how its sandbox stands, and leads from one to the other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from studio.domain.tools import ApprovalMode
from studio.ui.logs.items import WHAT
from studio.ui.main_window import MainWindow
from tests.fixtures.postgres_image import postgres_image
from tests.fixtures.repositories import make_repository
from tests.fixtures.scripts import call
from tests.fixtures.window import LONG, click_shown, open_window, say, scripted, texts

__all__ = ["postgres_image"]

pytestmark = [pytest.mark.docker, pytest.mark.qt_log_ignore("propagateSizeHints", "raise", extend=True)]

COMPOSE = """
services:
  queue:
    image: IMAGE
    entrypoint: [sh, -c, "echo waiting for work; echo ERROR: no work >&2; sleep 5; echo on; exec tail -f /dev/null"]
"""
BEHIND = call("process_start", command="echo the server listens; exec sleep 600")


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, postgres_image: str) -> Iterator[MainWindow]:
    repository = make_repository(tmp_path / "shop", {"compose.yaml": COMPOSE.replace("IMAGE", postgres_image)})
    # Its image says that it listens, which this one never does.
    settings = {"STUDIO_APPROVAL_MODE": ApprovalMode.AUTO.value, "STUDIO_SERVICE_SECONDS": "3"}
    more = {**scripted(tmp_path, BEHIND, {"text": "Up."}), **settings}
    with open_window(qtbot, tmp_path / "home", repository, more) as made:
        yield made


def _lines(window: MainWindow) -> list[tuple[str, str]]:
    matches = window.panels.logs.view.matches
    rows = range(matches.rowCount())
    return [(matches.index(row, WHAT - 1).data(), matches.index(row, WHAT).data()) for row in rows]


def test_what_services_and_processes_write_is_shown_from_the_status_bar_on(window: MainWindow, qtbot: QtBot) -> None:
    run = say(qtbot, window, "Serve the shop")
    qtbot.waitUntil(lambda: "Up." in texts(window), timeout=LONG)
    item = window.status.view.items["sandbox"]
    qtbot.waitUntil(lambda: "% CPU" in item.text(), timeout=LONG)

    click_shown(qtbot, item)
    settings = window.settings.window
    assert settings is not None
    assert settings.current_page == "sandboxes"
    page = window.settings._pages["sandboxes"].view
    qtbot.waitUntil(lambda: run in page.rows and "queue" in page.rows[run].use.text(), timeout=LONG)
    click_shown(qtbot, page.rows[run].logs)

    assert not settings.isVisible()
    wanted = {("queue", "waiting for work"), ("queue", "ERROR: no work"), ("queue", "on")}
    qtbot.waitUntil(lambda: wanted <= set(_lines(window)), timeout=LONG)
    qtbot.waitUntil(lambda: ("p1", "the server listens") in _lines(window), timeout=LONG)
