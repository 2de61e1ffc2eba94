"""The button that leads back to the newest message of a chat."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication, QToolButton
from pytestqt.qtbot import QtBot

from studio.domain.events import MessagePosted
from studio.domain.messages import Speaker
from studio.ui.chat.items import ChatItems
from studio.ui.chat.page import ChatPage
from studio.ui.theme import NAMES, Theme
from tests.ui.chat.conftest import Log


@pytest.mark.parametrize("name", NAMES)
def test_no_text_of_the_chat_shows_through_the_button_to_the_newest(
    qtbot: QtBot, qapp: QApplication, log: Log, name: str
) -> None:
    theme, items = Theme(name), ChatItems()
    theme.dress(qapp)
    page = ChatPage(items, theme)
    qtbot.addWidget(page)
    page.resize(400, 600)
    page.show()
    items.load(log(*(MessagePosted(Speaker.HUMAN, "mend it " * 80) for _ in range(20))))
    button = page.findChild(QToolButton, "to_newest")
    assert button is not None
    page.list.verticalScrollBar().setValue(0)
    qtbot.waitUntil(button.isVisible)
    picture = page.grab().toImage()
    left, middle = button.mapTo(page, button.rect().topLeft()), button.height() // 2
    # The stripe left of its words holds nothing but its ground.
    stripe = {
        picture.pixelColor(left.x() + x, left.y() + y).name() for x in (4, 5) for y in (4, middle, 2 * middle - 4)
    }
    assert stripe == {theme.color("raised").name()}
    qapp.setStyleSheet("")
