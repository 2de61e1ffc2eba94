"""A chat goes back to a turn: what its menus offer, what they ask first, and what is folded away afterwards."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QMenu, QMessageBox, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from studio.domain.errors import UserError
from studio.domain.events import (
    ChatRestored,
    Event,
    FilesRestored,
    MessagePosted,
    Recorded,
    RuleAdded,
    RunStarted,
    StepStarted,
    TurnEnded,
    TurnStarted,
)
from studio.domain.ids import ProjectId, RunId
from studio.domain.messages import Speaker
from studio.domain.restores import What
from studio.domain.runs import Outcome
from studio.ui.bridge import Bridge
from studio.ui.chat.chat import Chat
from studio.ui.chat.drafts import Drafts
from studio.ui.chat.going_back import GoingBack
from studio.ui.chat.list import ChatList
from studio.ui.theme import Theme
from tests.fixtures.quiet_doors import QuietDoors
from tests.ui.chat.conftest import Log

# The offscreen platform says this of every menu, whatever the program does.
pytestmark = pytest.mark.qt_log_ignore("does not support (raise|grabbing)", extend=True)

PROJECT, RUN, FORK = ProjectId("p0000001"), RunId("r0000001"), RunId("r0000002")
START = RunStarted("Fix totals", "engineer", "ollama/qwen", "main", "a", "studio/r", "ask")


class ScriptedBack:
    """Restores and forks: remembers what was asked, refuses when told to."""

    def __init__(self) -> None:
        self.asked: list[tuple[Any, ...]] = []
        self.refusal: UserError | None = None

    async def restore(self, run: RunId, turn: str, what: What, *, before: bool) -> None:
        self._ask("restore", run, turn, what, before)

    async def redo(self, run: RunId) -> None:
        self._ask("redo", run)

    async def fork(self, run: RunId, turn: str, *, before: bool) -> Any:
        self._ask("fork", run, turn, before)
        return SimpleNamespace(id=FORK)

    def _ask(self, *asked: object) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.asked.append(asked)


class SavedChats:
    """The log of the run as it is saved."""

    def __init__(self, log: Log) -> None:
        self._log = log

    async def log(self, run: RunId, newest: int | None = None) -> tuple[Recorded, ...]:
        return tuple(self._log.all)


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
def back(doors: QuietDoors, log: Log) -> ScriptedBack:
    made = ScriptedBack()
    doors.restoring = doors.forks = made  # type: ignore[attr-defined]
    doors.chats = SavedChats(log)  # type: ignore[attr-defined]
    log(START, *turn(1), *turn(2), *turn(3))
    return made


@pytest.fixture
def going_back(bridge: Bridge, qtbot: QtBot, qapp: QApplication) -> GoingBack:
    parent = QWidget()
    qtbot.addWidget(parent)
    return GoingBack(bridge, parent)


@pytest.fixture
def chat(qtbot: QtBot, bridge: Bridge, theme: Theme, back: ScriptedBack, going_back: GoingBack) -> Chat:
    made = Chat(bridge, theme, Drafts(going_back), PROJECT, RUN, going_back)
    going_back.offer(made)
    page = made.page()
    qtbot.addWidget(page)
    page.resize(440, 700)
    page.show()
    qtbot.waitExposed(page)
    qtbot.waitUntil(lambda: made.items.rowCount() == 9)
    return made


def menu_of(chat: Chat, row: int) -> QMenu:
    """What the menu key opens on a row."""
    view = chat.page().list
    view.setCurrentIndex(chat.items.index(row))
    reason = QContextMenuEvent.Reason.Keyboard
    QApplication.sendEvent(view, QContextMenuEvent(reason, QPoint(4, 4), view.mapToGlobal(QPoint(4, 4))))
    return [menu for menu in view.findChildren(QMenu) if menu.isVisible()][-1]


def choose(chat: Chat, row: int, text: str) -> None:
    """Chooses an entry of a row's menu."""
    menu = menu_of(chat, row)
    [action] = [action for action in menu.actions() if action.text() == text]
    menu.setActiveAction(action)
    QTest.keyClick(menu, Qt.Key.Key_Return)


def asked(going_back: GoingBack) -> QMessageBox:
    """The question that stands before the person."""
    parent = going_back.parent()
    assert isinstance(parent, QWidget)
    return parent.findChildren(QMessageBox)[-1]


def say_yes(box: QMessageBox, verb: str) -> None:
    [button] = [button for button in box.findChildren(QPushButton) if button.text() == verb]
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def shown(view: ChatList, chat: Chat) -> list[str]:
    """The texts of the rows that can be seen."""
    texts = [str(chat.items.index(row).data()) for row in range(chat.items.rowCount())]
    return [text for row, text in enumerate(texts) if not view.isRowHidden(row) and "·" not in text]


def restore_chat(chat: Chat, log: Log, until: int) -> None:
    for recorded in log(ChatRestored("b1", until, "t1", 1)):
        chat.apply(recorded)


def test_a_message_goes_back_to_before_it_and_an_answer_to_after_its_turn(chat: Chat) -> None:
    titles = [action.text() for action in menu_of(chat, 3).actions() if not action.isSeparator()]
    assert titles[-4:] == [
        "Restore files to before this message…",
        "Restore chat to before this message…",
        "Restore files and chat to before this message…",
        "Fork from before this message…",
    ]
    titles = [action.text() for action in menu_of(chat, 4).actions() if not action.isSeparator()]
    assert titles[-4:] == [
        "Restore files to after this turn…",
        "Restore chat to after this turn…",
        "Restore files and chat to after this turn…",
        "Fork from after this turn…",
    ]


@pytest.mark.parametrize(
    ("title", "what", "says"),
    [
        ("Restore files", What.FILES, "as a new commit on its branch. What lies there now is saved first."),
        ("Restore chat", What.CHAT, "What followed is folded away, and what it cost stays counted."),
        ("Restore files and chat", What.BOTH, "The run's files and its chat become what they were"),
    ],
)
def test_a_restore_says_first_what_it_does_and_that_nothing_is_lost(
    qtbot: QtBot, chat: Chat, going_back: GoingBack, back: ScriptedBack, title: str, what: What, says: str
) -> None:
    choose(chat, 3, f"{title} to before this message…")
    box = asked(going_back)
    assert says in box.informativeText()
    assert box.informativeText().endswith("Nothing is lost: you can take it back, and every turn stays reachable.")
    assert back.asked == []
    say_yes(box, "Restore")
    qtbot.waitUntil(lambda: back.asked == [("restore", RUN, "t2", what, True)])


def test_nothing_happens_without_a_yes(chat: Chat, going_back: GoingBack, back: ScriptedBack) -> None:
    choose(chat, 4, "Restore files to after this turn…")
    say_yes(asked(going_back), "Cancel")
    QApplication.processEvents()
    assert back.asked == []


def test_a_restore_that_is_refused_says_why_in_the_chat(
    qtbot: QtBot, chat: Chat, going_back: GoingBack, back: ScriptedBack
) -> None:
    back.refusal = UserError("Run r0000001 is working right now.", "Wait for it to end.")
    choose(chat, 4, "Restore files to after this turn…")
    say_yes(asked(going_back), "Restore")
    label = chat.page().error.findChildren(QLabel)[0]
    qtbot.waitUntil(lambda: label.text() == "Run r0000001 is working right now. Wait for it to end.")


def test_a_fork_shows_the_new_run(qtbot: QtBot, chat: Chat, going_back: GoingBack, back: ScriptedBack) -> None:
    choose(chat, 4, "Fork from after this turn…")
    box = asked(going_back)
    assert "This run stays as it is." in box.informativeText()
    with qtbot.waitSignal(going_back.forked) as forked:
        say_yes(box, "Fork")
    assert forked.args == [FORK]
    assert back.asked == [("fork", RUN, "t2", False)]


def test_what_a_restore_left_out_is_folded_away_until_it_is_asked_for(qtbot: QtBot, chat: Chat, log: Log) -> None:
    view = chat.page().list
    restore_chat(chat, log, 6)
    note = "The chat is again as it was after turn 1. What followed is not shown to the agent any more."
    qtbot.waitUntil(lambda: shown(view, chat) == ["ask 1", "answer 1", note])

    view.setCurrentIndex(chat.items.index(9))
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert shown(view, chat) == ["ask 1", "answer 1", "ask 2", "answer 2", "ask 3", "answer 3", note]

    QTest.keyClick(view, Qt.Key.Key_Return)
    assert shown(view, chat) == ["ask 1", "answer 1", note]


def test_a_chat_that_is_opened_later_is_folded_too(qtbot: QtBot, chat: Chat, log: Log) -> None:
    log(ChatRestored("b1", 6, "t1", 1), *turn(4))
    chat._load()
    view = chat.page().list
    qtbot.waitUntil(lambda: "answer 4" in shown(view, chat))
    assert "ask 2" not in shown(view, chat)


def test_what_was_folded_away_comes_back_when_the_restore_is_taken_back(qtbot: QtBot, chat: Chat, log: Log) -> None:
    view = chat.page().list
    restore_chat(chat, log, 6)
    qtbot.waitUntil(lambda: "ask 2" not in shown(view, chat))
    for recorded in log(ChatRestored("b2", 16, undoes="b1")):
        chat.apply(recorded)
    qtbot.waitUntil(lambda: "ask 2" in shown(view, chat))
    assert shown(view, chat)[-1] == "The chat is again as it was before the restore."


def test_the_note_of_a_restore_offers_to_take_it_back(qtbot: QtBot, chat: Chat, log: Log, back: ScriptedBack) -> None:
    for recorded in log(FilesRestored("b1", "a", "c", "b", "t1", 1)):
        chat.apply(recorded)
    choose(chat, 9, "Take the newest restore back")
    qtbot.waitUntil(lambda: back.asked == [("redo", RUN)])


def test_a_line_between_two_turns_leads_to_neither(chat: Chat, log: Log) -> None:
    for recorded in log(RuleAdded("u1", "run", "allow", "npm test")):
        chat.apply(recorded)
    for recorded in log(*turn(4)):
        chat.apply(recorded)
    titles = [action.text() for action in menu_of(chat, 9).actions()]
    assert not any("this turn" in title for title in titles)


def test_a_refusal_that_comes_after_the_chat_was_closed_is_nobodys(
    qtbot: QtBot, bridge: Bridge, theme: Theme, going_back: GoingBack, back: ScriptedBack
) -> None:
    back.refusal = UserError("The run works.", "")
    chat = Chat(bridge, theme, Drafts(going_back), PROJECT, RUN, going_back)
    chat.page()
    going_back._restore(chat, RUN, "t1", What.CHAT, before=False)
    chat.discard()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    with qtbot.captureExceptions() as raised:
        done: list[str] = []
        bridge.call(lambda studio: studio.chats.log(RUN), lambda _: done.append("later"))
        qtbot.waitUntil(lambda: bool(done))
    assert raised == []


def test_a_fork_that_is_made_after_the_chat_was_closed_brings_nothing_to_the_front(
    qtbot: QtBot, bridge: Bridge, theme: Theme, going_back: GoingBack, back: ScriptedBack
) -> None:
    chat = Chat(bridge, theme, Drafts(going_back), PROJECT, RUN, going_back)
    chat.page()
    going_back._fork(chat, RUN, "t1", before=False)
    chat.discard()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    with qtbot.assertNotEmitted(going_back.forked):
        done: list[str] = []
        bridge.call(lambda studio: studio.chats.log(RUN), lambda _: done.append("later"))
        qtbot.waitUntil(lambda: bool(done))


def test_up_brings_back_what_was_said_before_the_window_was_there(chat: Chat) -> None:
    field = chat.page().composer.input
    QTest.keyClicks(field, "typed")
    QTest.keyClick(field, Qt.Key.Key_Up)
    assert (field.toPlainText(), field.draft) == ("ask 3", "typed")
    QTest.keyClick(field, Qt.Key.Key_Up)
    assert field.toPlainText() == "ask 2"
