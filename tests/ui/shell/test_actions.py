"""The action table: one list that menus, keys and the palette share."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMainWindow
from pytestqt.qtbot import QtBot

from studio.ui.actions import ACTIONS, Actions
from studio.ui.icons import icon


def test_no_two_actions_share_an_id_or_a_shortcut() -> None:
    ids = [action.id for action in ACTIONS]
    keys = [action.shortcut for action in ACTIONS if action.shortcut]
    assert len(set(ids)) == len(ids)
    assert len(set(keys)) == len(keys)


def test_every_action_has_an_icon_that_exists(qapp: QApplication) -> None:
    for action in ACTIONS:
        assert not icon(action.icon, QColor("red")).isNull()


def test_an_icon_is_drawn_in_its_colour(qapp: QApplication) -> None:
    image = icon("circle-filled", "#ff0000").pixmap(32, 32).toImage()
    assert image.pixelColor(16, 16).name() == "#ff0000"


def test_a_key_triggers_its_action_unless_it_cannot_be_used(qtbot: QtBot) -> None:
    window = QMainWindow()
    qtbot.addWidget(window)
    actions = Actions(window)
    heard: list[str] = []
    actions.triggered.connect(heard.append)
    with qtbot.waitActive(window):
        window.show()
    QTest.keyClick(window, Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier)
    actions.set_enabled("quick_open", False)
    QTest.keyClick(window, Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier)
    assert heard == ["quick_open"]
    assert "quick_open" not in [row.id for row in actions.usable()]
