"""Searching a chat: from the newest message back, as far as its beginning."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from studio.domain.events import Event, MessagePosted, RunStarted, ToolAnswered, ToolCalled, TurnStarted
from studio.domain.messages import Speaker
from studio.ui.chat.items import PAGE, ChatItems
from studio.ui.chat.page import ChatPage
from studio.ui.theme import Theme
from tests.ui.chat.conftest import Log


@pytest.fixture
def items() -> ChatItems:
    return ChatItems()


@pytest.fixture
def page(qtbot: QtBot, theme: Theme, items: ChatItems) -> ChatPage:
    made = ChatPage(items, theme)
    qtbot.addWidget(made)
    made.resize(400, 600)
    made.show()
    return made


def _said(*texts: str) -> list[Event]:
    return [MessagePosted(Speaker.HUMAN, text, "t") for text in texts]


def _search(page: ChatPage, words: str) -> None:
    page.search.start()
    assert page.search.field.hasFocus()
    QTest.keyClicks(page.search.field, words)


def _row(page: ChatPage) -> int:
    return page.list.currentIndex().row()


def test_words_are_found_from_the_newest_back_and_forth_again(page: ChatPage, items: ChatItems, log: Log) -> None:
    items.load(log(*_said("The Tax", *(f"line {n}" for n in range(50)), "a tax", "no", "TAX once more")))
    _search(page, "tax")
    assert (_row(page), page.search.count.text()) == (53, "1 of 3")
    QTest.keyClick(page.search.field, Qt.Key.Key_Return)
    QTest.keyClick(page.search.field, Qt.Key.Key_Return)
    assert (_row(page), page.search.count.text()) == (0, "3 of 3")
    assert page.list.viewport().rect().contains(page.list.visualRect(items.index(0)))
    QTest.keyClick(page.search.field, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert _row(page) == 51


def test_what_is_found_is_marked_until_escape_gives_the_keyboard_back(
    page: ChatPage, items: ChatItems, log: Log
) -> None:
    items.load(log(*_said("The tax")))
    before = page.list.grab().toImage()
    _search(page, "tax")
    assert page.list.grab().toImage() != before
    QTest.keyClick(page.search.field, Qt.Key.Key_Escape)
    assert not page.search.isVisible()
    assert page.composer.input.hasFocus()


def test_a_search_goes_on_in_messages_that_were_not_there_yet(
    qtbot: QtBot, page: ChatPage, items: ChatItems, log: Log
) -> None:
    whole = log(RunStarted("Do", "engineer", "ollama/q", "main", "a", "b", "ask"), *_said("needle"), TurnStarted("t"))
    whole += log(*_said(*(f"line {n}" for n in range(PAGE * 3))))
    items.load((whole[0], *whole[-PAGE:]), is_whole=False)
    items.earlier_wanted.connect(lambda: items.complete(whole))
    _search(page, "needle")
    qtbot.waitUntil(lambda: page.search.count.text() == "1 of 1")
    assert items.data(page.list.currentIndex()) == "needle"


def test_words_that_are_nowhere_are_said_to_be_so(qtbot: QtBot, page: ChatPage, items: ChatItems, log: Log) -> None:
    items.load(log(*_said(*(f"line {n}" for n in range(PAGE * 2)))))
    _search(page, "needle")
    qtbot.waitUntil(lambda: page.search.count.text() == "No results")
    assert not items.has_earlier


def test_a_card_whose_output_holds_the_words_is_opened(page: ChatPage, items: ChatItems, log: Log) -> None:
    events: list[Event] = [
        ToolCalled("t", 1, "c", "shell", {"command": "make"}),
        ToolAnswered("c", "shell", False, "a needle", "exit code 2"),
    ]
    items.load(log(*events))
    _search(page, "needle")
    assert items.is_opened(0)


def test_every_control_of_the_search_has_a_name(page: ChatPage) -> None:
    names = [button.accessibleName() for button in (page.search._up, page.search._down, page.search._close)]
    assert all(names)
    assert page.search.field.accessibleName()
