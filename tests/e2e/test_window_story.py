"""The main job, driven through the window: type the message, watch the cards, decide, press merge."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from studio.ui.chat.chat import Chat
from studio.ui.chat.composer import Composer
from studio.ui.chat.items import ChatItems
from studio.ui.main_window import MainWindow
from tests.e2e.test_real_package import STORY
from tests.fixtures.aimock import Fixture, ModelServer
from tests.fixtures.repositories import git
from tests.fixtures.window import LONG, click_shown, open_window, review_whole_branch

# The offscreen platform says this of every floating frame, whatever the program does.
pytestmark = [pytest.mark.docker, pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)]

ModelServers = Callable[[Sequence[Fixture]], ModelServer]


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, model_server: ModelServers, broken_package: Path) -> Iterator[MainWindow]:
    """The window on the broken package, joined to a real core whose model is scripted over the wire."""
    more = {**model_server(STORY).environment(), "STUDIO_DEFAULT_MODEL": "anthropic/claude-sonnet-4-6"}
    with open_window(qtbot, tmp_path / "home", broken_package, more) as made:
        yield made


def test_the_whole_story_from_message_to_merge(window: MainWindow, qtbot: QtBot, broken_package: Path) -> None:
    chat = window.panels.chat
    composer = _composer(window)
    qtbot.waitUntil(lambda: "claude" in composer.model, timeout=LONG)

    QTest.keyClicks(composer.input, "underscore() is wrong. Fix it.")
    click_shown(qtbot, composer.send)
    qtbot.waitUntil(lambda: chat.current_run is not None, timeout=LONG)
    items = _chat(window).items
    page = _chat(window).page()

    # Commands ask first: the story has two.
    for _ in range(2):
        qtbot.waitUntil(lambda: items.question is not None, timeout=LONG)
        question = items.question
        assert question is not None
        assert "pytest" in question.act
        approve = next(each for each in page.findChildren(QPushButton) if each.text() == "Approve")
        qtbot.waitUntil(approve.isEnabled, timeout=LONG)
        click_shown(qtbot, approve)
        qtbot.waitUntil(lambda: items.question is None, timeout=LONG)

    qtbot.waitUntil(lambda: any("It is mended" in text for text in _texts(items)), timeout=LONG)
    assert any("pytest -q test_inflection.py" in text for text in _texts(items))

    review = window.panels.review
    qtbot.waitUntil(lambda: review.branches.rowCount() == 1, timeout=LONG)
    review_whole_branch(qtbot, window)
    assert window.frame.current_middle == "review"
    assert git(broken_package, "status", "--porcelain") == ""
    before = git(broken_package, "rev-parse", "HEAD")

    with qtbot.waitSignal(review.merged, timeout=LONG):
        click_shown(qtbot, review.view.merge)

    assert git(broken_package, "rev-parse", "HEAD") != before
    command = [sys.executable, "-B", "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_inflection.py"]
    assert subprocess.run(command, cwd=broken_package, capture_output=True, check=False).returncode == 0


def _chat(window: MainWindow) -> Chat:
    chat = window.panels.chat.current_chat
    assert chat is not None
    return chat


def _composer(window: MainWindow) -> Composer:
    return _chat(window).page().composer


def _texts(items: ChatItems) -> list[str]:
    return [str(items.data(items.index(row), Qt.ItemDataRole.DisplayRole)) for row in range(items.rowCount())]
