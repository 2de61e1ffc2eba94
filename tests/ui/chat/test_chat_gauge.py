"""The ring beside Send says how full the context is, and with what."""

from __future__ import annotations

import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QStackedWidget, QWidget
from pytestqt.qtbot import QtBot

from studio.domain.events import ContextCompacted, MessagePosted, StepStarted, TurnStarted, UsageRecorded
from studio.domain.messages import Speaker
from studio.ui.chat.items import ChatItems
from studio.ui.chat.page import ChatPage
from studio.ui.theme import Theme
from tests.ui.chat.conftest import Log

FILLED = {"rules": 400, "role": 3000, "goal": 200, "plan": 0, "notes": 0, "conversation": 4400, "outputs": 8000}
ASKED = (
    MessagePosted(Speaker.HUMAN, "Mend the till", "t1"),
    TurnStarted("t1"),
    StepStarted("t1", 1, "ollama/x", FILLED, 64_000),
)


@pytest.fixture
def items() -> ChatItems:
    return ChatItems()


@pytest.fixture
def page(qtbot: QtBot, items: ChatItems, theme: Theme) -> ChatPage:
    page = ChatPage(items, theme)
    page.resize(420, 600)
    qtbot.addWidget(page)
    page.show()
    return page


def counted(tokens: int) -> UsageRecorded:
    return UsageRecorded("t1", 1, "ollama/x", "engineer", tokens, 40)


def test_a_chat_that_asked_no_model_yet_has_no_ring(page: ChatPage) -> None:
    assert not page.composer.gauge.isVisible()


def test_the_ring_tells_an_estimate_and_then_what_the_provider_counted(
    page: ChatPage, items: ChatItems, log: Log
) -> None:
    items.load(log(*ASKED))
    gauge = page.composer.gauge
    assert gauge.isVisible()
    assert gauge.accessibleName() == "Context 25 % full: about 16.0k of 64.0k tokens"

    (recorded,) = log(counted(32_000))
    items.apply(recorded)
    assert gauge.accessibleName() == "Context 50 % full: 32.0k of 64.0k tokens"
    assert "Outputs of tools: 16.0k" in gauge.toolTip()


def test_a_log_that_comes_when_the_page_is_gone_is_for_the_items_alone(
    items: ChatItems, theme: Theme, log: Log
) -> None:
    page = ChatPage(items, theme)
    shiboken6.delete(page)

    items.load(log(*ASKED))
    items.complete(log())

    assert items.filling.window == 64_000


def test_a_count_that_leaves_out_what_was_cached_is_not_believed(page: ChatPage, items: ChatItems, log: Log) -> None:
    items.load(log(*ASKED, counted(10)))
    assert page.composer.gauge.accessibleName().startswith("Context 25 % full: about")


def test_a_key_opens_what_fills_it_and_another_closes_it(page: ChatPage, items: ChatItems, log: Log) -> None:
    items.load(log(*ASKED, ContextCompacted("t1", 1, 30, 29, 50_000, 16_000)))
    gauge = page.composer.gauge
    gauge.setFocus()
    QTest.keyClick(gauge, Qt.Key.Key_Space)

    assert gauge.details.isVisible()
    assert gauge.details.rows == [
        ("Rules (AGENTS.md)", "400"),
        ("Role and tools", "3.0k"),
        ("Your messages", "200"),
        ("Conversation", "4.4k"),
        ("Outputs of tools", "8.0k"),
    ]
    assert "29 older steps are told in one line each." in gauge.details.note

    QTest.keyClick(gauge.details, Qt.Key.Key_Escape)
    assert not gauge.details.isVisible()


def test_a_click_opens_it_too(page: ChatPage, items: ChatItems, log: Log) -> None:
    items.load(log(*ASKED))
    QTest.mouseClick(page.composer.gauge, Qt.MouseButton.LeftButton)
    assert page.composer.gauge.details.isVisible()


def test_a_run_that_is_loaded_anew_shows_its_own_state(page: ChatPage, items: ChatItems, log: Log) -> None:
    items.load(log(*ASKED))
    items.load(())
    assert not page.composer.gauge.isVisible()


@pytest.mark.parametrize("look", ["dark", "light"])
@pytest.mark.parametrize("tokens", [9_000, 50_000])
def test_the_ring_is_seen_in_either_look(page: ChatPage, items: ChatItems, log: Log, look: str, tokens: int) -> None:
    theme = page.composer.gauge.theme
    theme.set(look)
    items.load(log(*ASKED, counted(tokens)))
    drawn = page.composer.gauge.grab().toImage()
    top = drawn.pixelColor(drawn.width() // 2 + 2, (drawn.height() - 13 * drawn.height() // 26) // 2)
    wanted = theme.color("warn" if tokens > 45_000 else "accent")
    assert abs(top.red() - wanted.red()) + abs(top.green() - wanted.green()) + abs(top.blue() - wanted.blue()) < 120


def test_what_fills_it_goes_with_the_chat(qtbot: QtBot, theme: Theme, log: Log) -> None:
    window, items = QStackedWidget(), ChatItems()
    qtbot.addWidget(window)
    window.addWidget(shown := ChatPage(items, theme))
    window.addWidget(QWidget())
    window.show()
    items.load(log(*ASKED))
    QTest.mouseClick(shown.composer.gauge, Qt.MouseButton.LeftButton)
    details = shown.composer.gauge.details
    assert details.isVisible()
    window.setCurrentIndex(1)
    assert not details.isVisible()
    shown.deleteLater()
    qtbot.waitUntil(lambda: not shiboken6.isValid(details))


def test_the_whole_sentence_above_the_parts_has_room(page: ChatPage, items: ChatItems, log: Log) -> None:
    items.load(log(*ASKED))
    QTest.mouseClick(page.composer.gauge, Qt.MouseButton.LeftButton)
    [title] = page.composer.gauge.details.findChildren(QLabel, "gauge_title")
    assert title.wordWrap() or title.sizeHint().width() <= title.width()
    assert title.height() >= title.heightForWidth(title.width())
