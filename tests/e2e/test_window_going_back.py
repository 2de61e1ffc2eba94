"""From the menu of a turn a run goes back, that is taken back, and another run goes on from there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from studio.domain.runs import RunState
from studio.domain.tools import ApprovalMode
from studio.ui.chat.entries import Entry, HumanSaid, Note, TurnFooter
from studio.ui.main_window import MainWindow
from tests.fixtures.handed import handed
from tests.fixtures.repositories import make_repository
from tests.fixtures.window import LONG, chat, open_window, scripted, send, texts

pytestmark = [
    pytest.mark.docker,
    pytest.mark.qt_log_ignore("does not support (raise|grabbing|propagateSizeHints)", extend=True),
]

WRITE = {"text": "I write it.", "calls": [{"name": "write", "arguments": {"path": "b.txt", "content": "two\n"}}]}


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path) -> Iterator[MainWindow]:
    """A window with a chat of one turn, which wrote a file."""
    repository = make_repository(tmp_path / "shop", {"a.txt": "one\n"})
    replies = ({"text": "Hello."}, WRITE, handed("Written."), {"text": "Here I am."})
    with open_window(qtbot, tmp_path / "home", repository, scripted(tmp_path, *replies)) as made:
        send(qtbot, made, "Hello")
        qtbot.waitUntil(lambda: chat(made).state is RunState.IDLE, timeout=LONG)
        composer = chat(made).page().composer
        composer.choose(composer.model, ApprovalMode.AUTO)
        send(qtbot, made, "Write b.txt")
        qtbot.waitUntil(lambda: "Written." in texts(made), timeout=LONG)
        qtbot.waitUntil(lambda: chat(made).state is RunState.IDLE, timeout=LONG)
        yield made


def test_the_files_go_back_to_before_a_message_and_forth_again(qtbot: QtBot, window: MainWindow) -> None:
    _choose(window, HumanSaid, "Restore files to before this message…")
    _press(window, "Restore")
    qtbot.waitUntil(lambda: "The files are again as they were before turn 2." in texts(window), timeout=LONG)
    _choose(window, Note, "Take the newest restore back")
    qtbot.waitUntil(lambda: "The files are again as they were before the restore." in texts(window), timeout=LONG)


def test_a_fork_comes_to_the_front_and_what_is_said_next_goes_to_it(qtbot: QtBot, window: MainWindow) -> None:
    first = chat(window).run
    _choose(window, TurnFooter, "Fork from after this turn…")
    _press(window, "Fork")
    qtbot.waitUntil(lambda: chat(window).run not in (None, first), timeout=LONG)
    qtbot.waitUntil(lambda: "Written." in texts(window), timeout=LONG)
    send(qtbot, window, "Go on")
    qtbot.waitUntil(lambda: "Here I am." in texts(window), timeout=LONG)
    assert chat(window).run != first


def _choose(window: MainWindow, kind: type[Entry], wanted: str) -> None:
    """Opens the menu of the newest row of this kind with a click, and clicks the entry."""
    view, items = chat(window).page().list, chat(window).items
    row = [row for row in range(items.rowCount()) if isinstance(items.entry(row), kind)][-1]
    view.scrollTo(items.index(row))
    place = view.visualRect(items.index(row)).center()
    where = view.viewport().mapToGlobal(place)
    QApplication.sendEvent(view.viewport(), QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, where))
    menu = [menu for menu in view.findChildren(QMenu) if menu.isVisible()][-1]
    [action] = [action for action in menu.actions() if action.text() == wanted]
    QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(action).center())


def _press(window: MainWindow, verb: str) -> None:
    [box] = [box for box in window.panels.chat.widget.findChildren(QMessageBox) if box.isVisible()]
    [button] = [button for button in box.findChildren(QPushButton) if button.text() == verb]
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
