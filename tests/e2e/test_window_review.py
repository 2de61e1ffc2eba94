"""Review in the window: it shows the run one looks at, and no other one by itself."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from studio.ui.main_window import MainWindow
from tests.fixtures.handed import handed
from tests.fixtures.repositories import make_repository
from tests.fixtures.window import LONG, click_shown, open_window, scripted, send

pytestmark = [pytest.mark.docker, pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)]

WRITE = {"name": "write", "arguments": {"path": "b.txt", "content": "two\n"}}


def test_review_follows_the_chat_in_front_and_after_a_merge_waits_for_a_choice(qtbot: QtBot, tmp_path: Path) -> None:
    repository = make_repository(tmp_path / "shop", {"a.txt": "one\n"})
    writes = scripted(tmp_path, {"text": "I write.", "calls": [WRITE]}, handed("Written."))
    writes["STUDIO_APPROVAL_MODE"] = "auto"
    with open_window(qtbot, tmp_path / "home", repository, writes) as window:
        chat, review = window.panels.chat, window.panels.review
        for number, words in enumerate(("First", "Second"), 1):
            chat.new_chat()
            send(qtbot, window, words)
            qtbot.waitUntil(lambda number=number: review.branches.rowCount() == number, timeout=LONG)  # type: ignore[misc]
        second = chat.current_run
        first = next(view.run.id for view in map(review.branches.view, range(2)) if view.run.id != second)
        chat.show_run(first)
        click_shown(qtbot, window.frame.rail.buttons["review"])
        _shows(qtbot, window, "First")
        assert second is not None
        chat.show_run(second)
        _shows(qtbot, window, "Second")
        with qtbot.waitSignal(review.merged, timeout=LONG) as merged:
            click_shown(qtbot, review.view.merge)
        assert merged.args == [second]
        qtbot.waitUntil(lambda: review.branches.rowCount() == 1, timeout=LONG)
        assert not review.view.merge.isVisible()
        chat.show_run(first)
        _shows(qtbot, window, "First")


def _shows(qtbot: QtBot, window: MainWindow, title: str) -> None:
    view = window.panels.review.view
    qtbot.waitUntil(lambda: view.title.text() == title and view.merge.isEnabled(), timeout=LONG)


def test_a_merge_asks_about_unsaved_text_and_a_project_comes_back_with_its_chat(qtbot: QtBot, tmp_path: Path) -> None:
    repository = make_repository(tmp_path / "shop", {"a.txt": "one\n"})
    writes = scripted(tmp_path, {"text": "I write.", "calls": [WRITE]}, handed("Written."))
    writes["STUDIO_APPROVAL_MODE"] = "auto"
    with open_window(qtbot, tmp_path / "home", repository, writes) as window:
        chat, editor, review = window.panels.chat, window.panels.editor, window.panels.review
        send(qtbot, window, "Write it")
        qtbot.waitUntil(lambda: review.branches.rowCount() == 1, timeout=LONG)
        run, place = chat.current_run, window.panels.explorer.place
        assert place is not None
        assert place.run == run
        editor.open_file(place, "b.txt")
        page = editor.view.current
        assert page is not None
        qtbot.waitUntil(lambda: page.loaded, timeout=LONG)
        QTest.keyClicks(page.code, "mine ")
        click_shown(qtbot, window.frame.rail.buttons["review"])
        _shows(qtbot, window, "Write it")
        click_shown(qtbot, review.view.merge)
        box = review.view.findChild(QMessageBox)
        assert box is not None
        assert "b.txt" in box.informativeText()
        box.reject()
        project = window.project
        window.open_project(None)
        window.open_project(project)
        qtbot.waitUntil(lambda: chat.current_run == run, timeout=LONG)
        chat.new_chat()
        window.open_project(None)
        window.open_project(project)
        qtbot.waitUntil(lambda: chat.current_chat is not None, timeout=LONG)
        assert chat.current_run is None
        editor.drop_unsaved()
