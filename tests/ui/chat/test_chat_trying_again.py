"""Where a chat offers to try its newest message again, with which models, and what it says when that is refused."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QMenu, QMessageBox, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from studio.domain.errors import UserError
from studio.domain.events import (
    ChatRestored,
    Event,
    MessagePosted,
    Recorded,
    RunStarted,
    StepStarted,
    TurnEnded,
    TurnStarted,
)
from studio.domain.ids import RunId
from studio.domain.messages import Speaker
from studio.domain.runs import Outcome, RunState
from studio.domain.tools import ApprovalMode
from studio.ui.bridge import Bridge
from studio.ui.chat.chat import Chat
from studio.ui.chat.drafts import Drafts
from studio.ui.chat.offers import Offers
from studio.ui.chat.runs import RunRow
from studio.ui.chat.trying_again import TryingAgain
from studio.ui.theme import Theme
from tests.fixtures.quiet_doors import QuietDoors
from tests.ui.chat.conftest import PROJECT, RUN, Log

# The offscreen platform says this of every menu, whatever the program does.
pytestmark = pytest.mark.qt_log_ignore("does not support (raise|grabbing)", extend=True)

RETRY = "Retry with another model"
START = RunStarted("Fix totals", "engineer", "ollama/qwen", "main", "a", "studio/r", "ask")
OFFERS = Offers(("ollama/qwen", "ollama/gemma", "anthropic/claude"), "ollama/qwen")


class SavedChats:
    """The log of the run as it is saved."""

    def __init__(self, log: Log) -> None:
        self._log = log

    async def log(self, run: RunId, newest: int | None = None) -> tuple[Recorded, ...]:
        return tuple(self._log.all)


class Refusing:
    """A retry door that is too late."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def retry(self, run: RunId, model: str, *, turn: str, files: bool) -> None:
        self.asked.append(turn)
        raise UserError(f"Run {run} is working right now.", "Wait for it to end.")


def turn(number: int) -> tuple[Event, ...]:
    name = f"t{number}"
    return (
        MessagePosted(Speaker.HUMAN, f"ask {number}", name),
        TurnStarted(name),
        StepStarted(name, number, "ollama/qwen"),
        MessagePosted(Speaker.AGENT, f"answer {number}", name, number),
        TurnEnded(name, Outcome.REPLIED, 1, "studio/r"),
    )


@pytest.fixture
def chat(qtbot: QtBot, bridge: Bridge, theme: Theme, doors: QuietDoors, log: Log) -> Chat:
    """Two turns in rows 0 to 5."""
    log(START, *turn(1), *turn(2))
    doors.chats, doors.retries = SavedChats(log), Refusing()  # type: ignore[attr-defined]
    parent = QWidget()
    qtbot.addWidget(parent)
    trying = TryingAgain(bridge, parent)
    made = Chat(bridge, theme, Drafts(trying), PROJECT, RUN, trying)
    trying.offer(made)
    page = made.page()
    qtbot.addWidget(page)
    page.resize(440, 700)
    page.show()
    qtbot.waitExposed(page)
    qtbot.waitUntil(lambda: made.items.rowCount() == 6)
    stand(made, RunState.IDLE)
    return made


def stand(chat: Chat, state: RunState, offers: Offers = OFFERS) -> None:
    chat.follow(RunRow(RUN, "Fix totals", "engineer", "ollama/qwen", ApprovalMode.ASK, state), offers)


def offered(chat: Chat, row: int) -> list[str] | None:
    """The models that the menu of a row offers, None when it does not."""
    menu = retry_menu(chat, row)
    return None if menu is None else [action.text() for action in menu.actions()]


def retry_menu(chat: Chat, row: int) -> QMenu | None:
    view = chat.page().list
    view.setCurrentIndex(chat.items.index(row))
    reason = QContextMenuEvent.Reason.Keyboard
    QApplication.sendEvent(view, QContextMenuEvent(reason, QPoint(4, 4), view.mapToGlobal(QPoint(4, 4))))
    menu = [menu for menu in view.findChildren(QMenu) if menu.isVisible() and menu.parent() is view][-1]
    found = [action.menu() for action in menu.actions() if action.text() == RETRY]
    assert all(isinstance(each, QMenu) for each in found)
    return found[0] if found else None  # type: ignore[return-value]


@pytest.mark.parametrize("row", [3, 4, 5])
def test_the_newest_turn_offers_every_model_but_the_one_that_tried(chat: Chat, row: int) -> None:
    assert offered(chat, row) == ["ollama/gemma…", "anthropic/claude…"]


@pytest.mark.parametrize("row", [0, 1, 2])
def test_an_older_turn_offers_none(chat: Chat, row: int) -> None:
    assert offered(chat, row) is None


@pytest.mark.parametrize("state", [RunState.WORKING, RunState.DISCARDED])
def test_a_run_that_cannot_go_back_offers_none(chat: Chat, state: RunState) -> None:
    stand(chat, state)
    assert offered(chat, 5) is None


def test_after_a_restore_the_newest_turn_is_the_one_before_it(qtbot: QtBot, chat: Chat, log: Log) -> None:
    for recorded in log(ChatRestored("b1", 6, "t1", 1)):
        chat.apply(recorded)
    qtbot.waitUntil(lambda: chat.items.is_left_out(3))
    assert offered(chat, 5) is None
    assert offered(chat, 1) == ["ollama/gemma…", "anthropic/claude…"]


def test_without_another_model_the_menu_leads_to_where_one_is_set_up(qtbot: QtBot, chat: Chat) -> None:
    stand(chat, RunState.IDLE, Offers(("ollama/qwen",), "ollama/qwen"))
    menu = retry_menu(chat, 5)
    assert menu is not None
    [action] = menu.actions()
    assert action.text() == "No other model is set up: what to do…"
    with qtbot.waitSignal(chat.setup_requested):
        action.trigger()


def test_what_the_run_waits_for_is_said_to_be_withdrawn(chat: Chat) -> None:
    stand(chat, RunState.WAITING)
    assert "What the agent asks you now is withdrawn." in asked(chat).informativeText()


def test_a_retry_that_is_refused_says_why_in_the_chat(qtbot: QtBot, chat: Chat) -> None:
    [button] = [button for button in asked(chat).findChildren(QPushButton) if button.text() == "Retry"]
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    label = chat.page().error.findChildren(QLabel)[0]
    qtbot.waitUntil(lambda: label.text() == "Run r0000001 is working right now. Wait for it to end.")


def test_what_is_tried_again_is_the_message_that_was_clicked_also_when_another_came_meanwhile(
    qtbot: QtBot, chat: Chat, log: Log, doors: QuietDoors
) -> None:
    box = asked(chat)
    for recorded in log(*turn(3)):
        chat.apply(recorded)
    [button] = [button for button in box.findChildren(QPushButton) if button.text() == "Retry"]
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: doors.retries.asked == ["t2"])  # type: ignore[attr-defined]


def test_two_clicks_ask_for_one_retry(qtbot: QtBot, chat: Chat, doors: QuietDoors) -> None:
    [button] = [button for button in asked(chat).findChildren(QPushButton) if button.text() == "Retry"]
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    QTest.mouseDClick(button, Qt.MouseButton.LeftButton)
    label = chat.page().error.findChildren(QLabel)[0]
    qtbot.waitUntil(lambda: label.text() != "")
    assert doors.retries.asked == ["t2"]  # type: ignore[attr-defined]


def asked(chat: Chat) -> QMessageBox:
    """The question that the first model of the newest turn's menu asks."""
    menu = retry_menu(chat, 5)
    assert menu is not None
    menu.actions()[0].trigger()
    [box] = [each for each in QApplication.topLevelWidgets() if isinstance(each, QMessageBox) and each.isVisible()]
    return box
