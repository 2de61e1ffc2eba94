"""The newest message of a chat is tried again with another model, from the menu of its turn, with the keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from studio.domain.runs import RunState
from studio.ui.chat.entries import AgentSaid, HumanSaid, TurnFooter
from studio.ui.main_window import MainWindow
from tests.fixtures.handed import handed
from tests.fixtures.repositories import make_repository
from tests.fixtures.scripts import scripted
from tests.fixtures.window import LONG, chat, open_window, send, texts

pytestmark = [
    pytest.mark.docker,
    pytest.mark.qt_log_ignore("does not support (raise|grabbing|propagateSizeHints)", extend=True),
]

WRITE = {"name": "write", "arguments": {"path": "b.txt", "content": "wrong\n"}}


@pytest.fixture
def first(tmp_path: Path) -> str:
    return scripted(tmp_path, {"text": "My way.", "calls": [WRITE]}, handed("Done, badly."), name="first")


@pytest.fixture
def other(tmp_path: Path) -> str:
    return scripted(tmp_path, {"contains": "Mend it", "text": "Better."}, {"text": "Thanks."}, name="other")


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, first: str, other: str) -> Iterator[MainWindow]:
    """A window whose chat ended badly with the first model, while the other one is on offer."""
    repository = make_repository(tmp_path / "shop", {"a.txt": "one\n"})
    with open_window(qtbot, tmp_path / "home", repository, {"STUDIO_DEFAULT_MODEL": other}) as made:
        composer = chat(made).page().composer
        qtbot.waitUntil(lambda: composer.model == other, timeout=LONG)
        composer.choose(first, composer.approval)
        send(qtbot, made, "Mend it")
        qtbot.waitUntil(lambda: "Done, badly." in texts(made), timeout=LONG)
        qtbot.waitUntil(lambda: chat(made).state is RunState.IDLE, timeout=LONG)
        yield made


def test_a_message_is_tried_again_from_its_menu_and_the_chat_follows(
    qtbot: QtBot, window: MainWindow, other: str
) -> None:
    _choose_model(window, other)
    [box] = window.panels.chat.widget.findChildren(QMessageBox)
    assert "which is not shown the try before" in box.informativeText()
    assert box.informativeText().endswith("Nothing is lost: every turn stays reachable.")
    QTest.keyClick(box, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: _seen(window) == ["Mend it", "Better."], timeout=LONG)
    assert chat(window).page().composer.model == other

    qtbot.waitUntil(lambda: chat(window).state is RunState.IDLE, timeout=LONG)
    send(qtbot, window, "Good")
    qtbot.waitUntil(lambda: _seen(window) == ["Mend it", "Better.", "Good", "Thanks."], timeout=LONG)


@pytest.mark.parametrize(("verb", "back"), [("Retry", False), ("Retry and put the files back", True)])
def test_what_the_try_before_changed_stays_or_goes_back(
    qtbot: QtBot, window: MainWindow, other: str, verb: str, back: bool
) -> None:
    _choose_model(window, other)
    [box] = window.panels.chat.widget.findChildren(QMessageBox)
    [button] = [button for button in box.findChildren(QPushButton) if button.text() == verb]
    button.setFocus()
    QTest.keyClick(button, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: "Better." in texts(window), timeout=LONG)
    assert ("The files are again as they were before turn 1." in texts(window)) is back


def _choose_model(window: MainWindow, model: str) -> None:
    """Opens the menu of the newest turn with the menu key and goes through it with the arrows."""
    view, items = chat(window).page().list, chat(window).items
    [footer] = [row for row in range(items.rowCount()) if isinstance(items.entry(row), TurnFooter)]
    view.setCurrentIndex(items.index(footer))
    reason = QContextMenuEvent.Reason.Keyboard
    QApplication.sendEvent(view, QContextMenuEvent(reason, QPoint(4, 4), view.mapToGlobal(QPoint(4, 4))))
    menu = [menu for menu in view.findChildren(QMenu) if menu.isVisible()][-1]
    while menu.activeAction().text() != "Retry with another model":
        QTest.keyClick(menu, Qt.Key.Key_Down)
    QTest.keyClick(menu, Qt.Key.Key_Right)
    submenu = menu.activeAction().menu()
    assert isinstance(submenu, QMenu)
    # The model that was tried is not another one.
    assert [action.text() for action in submenu.actions()] == [f"{model} (scripted, no AI)…"]
    QTest.keyClick(submenu, Qt.Key.Key_Return)


def _seen(window: MainWindow) -> list[str]:
    """What people and agents said, as far as it is not folded away."""
    view, items = chat(window).page().list, chat(window).items
    rows = [row for row in range(items.rowCount()) if not view.isRowHidden(row)]
    return [str(items.index(row).data()) for row in rows if isinstance(items.entry(row), HumanSaid | AgentSaid)]
