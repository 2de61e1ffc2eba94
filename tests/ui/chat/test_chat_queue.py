"""What is written while an agent works: queued, sent in its place, changed, taken back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from studio.domain.errors import NotFound, UserError
from studio.domain.events import Event, MessageQueued, MessageUnqueued, Recorded, RunStarted, TurnEnded, TurnStarted
from studio.domain.ids import ProjectId, RunId, TurnId
from studio.domain.models import ModelRef
from studio.domain.queue import Hold, Queue, QueuedMessage
from studio.domain.runs import Outcome, Run, RunState
from studio.domain.tools import ApprovalMode
from studio.ui.bridge import Bridge
from studio.ui.chat.page import ChatPage
from studio.ui.chat.panel import ChatPanel
from studio.ui.theme import Theme
from tests.fixtures.quiet_doors import QuietDoors
from tests.ui.chat.conftest import Log, png

PROJECT, RUN = ProjectId("p0000001"), RunId("r0000001")
START = RunStarted("Fix totals", "engineer", "ollama/qwen", "main", "a", "studio/r", "ask")
STOPPED = TurnEnded("t0", Outcome.CANCELLED, 1, "studio/r", reason="You stopped the turn.")


class ScriptedQueue:
    """Holds what a test puts in, and remembers what it was asked."""

    def __init__(self) -> None:
        self.now = Queue()
        self.asked: list[tuple[Any, ...]] = []
        self.refusal: UserError | None = None

    async def of(self, run: RunId) -> Queue:
        return self.now

    async def add(self, run: RunId, text: str, model: str | None, approval: ApprovalMode, images: Any) -> None:
        self.images = images
        self._note("add", text, model)

    async def interrupt(self, run: RunId, text: str, model: str | None, approval: ApprovalMode, images: Any) -> None:
        self.images = images
        self._note("interrupt", text, model)

    async def change(self, run: RunId, turn: TurnId, text: str) -> None:
        self._note("change", turn, text)

    async def take_back(self, run: RunId, turn: TurnId) -> None:
        self._note("take_back", turn)

    async def send_next(self, run: RunId) -> None:
        self._note("send_next")

    def _note(self, *words: Any) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.asked.append(words)


class Chats:
    def __init__(self) -> None:
        self.cancelled: list[RunId] = []
        self.recorded: tuple[Recorded, ...] = ()

    async def runs(self, project: ProjectId) -> tuple[Run, ...]:
        now, model = datetime(2026, 1, 1, tzinfo=UTC), ModelRef("ollama", "qwen")
        return (Run(RUN, project, "engineer", "Fix", model, "main", "a", "b", "a", now, state=RunState.WORKING),)

    async def log(self, run: RunId, newest: int | None = None) -> tuple[Recorded, ...]:
        return self.recorded

    async def cancel(self, run: RunId) -> None:
        self.cancelled.append(run)

    async def run(self, name: str) -> Run:
        return (await self.runs(PROJECT))[0]

    async def picture(self, project: ProjectId, image: str) -> bytes:
        if image == "gone":
            raise NotFound("The image is no longer in the data folder.")
        return png(30, 20)


class Models:
    def default(self) -> str:
        return "ollama/qwen"

    def default_approval(self) -> ApprovalMode:
        return ApprovalMode.ASK

    def require_usable(self, model: object) -> None:
        return

    async def choices(self) -> tuple[Any, ...]:
        return ()


@pytest.fixture
def queue(doors: QuietDoors) -> ScriptedQueue:
    doors.queue = made = ScriptedQueue()
    return made


@pytest.fixture
def chats(doors: QuietDoors) -> Chats:
    made = Chats()
    doors.chats, doors.models = made, Models()  # type: ignore[attr-defined]
    return made


@pytest.fixture
def panel(qtbot: QtBot, bridge: Bridge, theme: Theme, chats: Chats, queue: ScriptedQueue) -> ChatPanel:
    made = ChatPanel(bridge, theme)
    qtbot.addWidget(made.widget)
    made.widget.resize(440, 700)
    made.widget.show()
    return made


@pytest.fixture
def page(qtbot: QtBot, panel: ChatPanel, chats: Chats, log: Log) -> ChatPage:
    """A chat whose agent works."""
    chats.recorded = tuple(log(START, TurnStarted("t0")))
    panel.set_project(PROJECT)
    qtbot.waitUntil(lambda: panel.current_run == RUN)
    page = panel.current_chat.page() if panel.current_chat else None
    assert page is not None
    qtbot.waitUntil(lambda: page.composer.stop.isVisible() and page.composer.model != "")
    return page


def _happens(doors: QuietDoors, queue: ScriptedQueue, log: Log, now: Queue, *events: Event) -> None:
    queue.now = now
    doors.feed.tell(*log(*events))


def _waiting(*texts: str, held: Hold = Hold.NONE) -> Queue:
    return Queue(tuple(QueuedMessage(TurnId(f"t{at}"), text) for at, text in enumerate(texts, 1)), held)


def test_enter_queues_a_message_while_the_agent_works(qtbot: QtBot, page: ChatPage, queue: ScriptedQueue) -> None:
    QTest.keyClicks(page.composer.input, "Then the docs")
    assert page.composer.send.text() == "Queue ⏎"
    QTest.keyClick(page.composer.input, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: queue.asked == [("add", "Then the docs", "ollama/qwen")])
    qtbot.waitUntil(lambda: page.composer.input.toPlainText() == "")


def test_a_picture_goes_into_the_queue_with_its_message(qtbot: QtBot, page: ChatPage, queue: ScriptedQueue) -> None:
    picture = png(30, 20)
    page.attachments.add(picture)
    QTest.keyClicks(page.composer.input, "Like this")
    QTest.keyClick(page.composer.input, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: page.attachments.images == ())
    assert queue.images == (picture,)


def test_control_enter_interrupts(qtbot: QtBot, page: ChatPage, queue: ScriptedQueue) -> None:
    QTest.keyClicks(page.composer.input, "No, like this")
    QTest.keyClick(page.composer.input, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: queue.asked == [("interrupt", "No, like this", "ollama/qwen")])


def test_the_button_interrupts(qtbot: QtBot, page: ChatPage, queue: ScriptedQueue) -> None:
    assert not page.composer.interrupt.isVisible()
    QTest.keyClicks(page.composer.input, "No, like this")
    QTest.mouseClick(page.composer.interrupt, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: queue.asked == [("interrupt", "No, like this", "ollama/qwen")])


def test_escape_stops_the_agent(qtbot: QtBot, page: ChatPage, chats: Chats) -> None:
    QTest.keyClick(page.composer.input, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: chats.cancelled == [RUN])


def test_a_message_that_could_not_be_queued_stays_in_the_field(
    qtbot: QtBot, page: ChatPage, queue: ScriptedQueue
) -> None:
    queue.refusal = UserError("Run r0000001 was discarded.", "Start a new run with your message.")
    QTest.keyClicks(page.composer.input, "Then the docs")
    QTest.keyClick(page.composer.input, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "was discarded" in _words(page.error))
    assert page.composer.input.toPlainText() == "Then the docs"


def test_what_waits_stands_above_the_composer_and_goes_when_it_is_sent(
    qtbot: QtBot, page: ChatPage, doors: QuietDoors, queue: ScriptedQueue, log: Log
) -> None:
    _happens(doors, queue, log, _waiting("One", "Two"), MessageQueued("t1", "One"), MessageQueued("t2", "Two"))
    qtbot.waitUntil(lambda: [card.words.text() for card in page.queue.cards] == ["One", "Two"])
    assert page.queue.isVisible()
    assert page.queue.geometry().bottom() <= page.composer.geometry().top()
    _happens(doors, queue, log, Queue(), MessageUnqueued("t1", True), MessageUnqueued("t2", True))
    qtbot.waitUntil(lambda: not page.queue.isVisible())


def test_a_message_is_taken_back_with_its_button(
    qtbot: QtBot, page: ChatPage, doors: QuietDoors, queue: ScriptedQueue, log: Log
) -> None:
    _happens(doors, queue, log, _waiting("One"), MessageQueued("t1", "One"))
    qtbot.waitUntil(lambda: len(page.queue.cards) == 1)
    QTest.mouseClick(page.queue.cards[0].back_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: queue.asked == [("take_back", "t1")])


def test_what_is_taken_back_comes_into_the_message_field_with_its_pictures_that_are_still_there(
    qtbot: QtBot, page: ChatPage, doors: QuietDoors, queue: ScriptedQueue, log: Log
) -> None:
    message = QueuedMessage(TurnId("t1"), "Look", images=("there", "gone"))
    _happens(doors, queue, log, Queue((message,)), MessageQueued("t1", "Look"))
    qtbot.waitUntil(lambda: len(page.queue.cards) == 1)
    QTest.mouseClick(page.queue.cards[0].back_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.attachments.images == (png(30, 20),))
    assert page.composer.input.toPlainText() == "Look"


def test_what_is_taken_back_while_another_message_is_written_comes_back_with_the_arrow_up(
    qtbot: QtBot, page: ChatPage, doors: QuietDoors, queue: ScriptedQueue, log: Log
) -> None:
    _happens(doors, queue, log, _waiting("One"), MessageQueued("t1", "One"))
    qtbot.waitUntil(lambda: len(page.queue.cards) == 1)
    QTest.keyClicks(page.composer.input, "Two")
    QTest.mouseClick(page.queue.cards[0].back_button, Qt.MouseButton.LeftButton)

    def comes_back() -> bool:
        QTest.keyClick(page.composer.input, Qt.Key.Key_Up)
        return page.composer.input.toPlainText() == "One"

    qtbot.waitUntil(comes_back)
    QTest.keyClick(page.composer.input, Qt.Key.Key_Down)
    assert page.composer.input.toPlainText() == "Two"


def test_a_message_is_changed_in_its_card(
    qtbot: QtBot, page: ChatPage, doors: QuietDoors, queue: ScriptedQueue, log: Log
) -> None:
    _happens(doors, queue, log, _waiting("One"), MessageQueued("t1", "One"))
    qtbot.waitUntil(lambda: len(page.queue.cards) == 1)
    card = page.queue.cards[0]
    QTest.mouseClick(card.edit_button, Qt.MouseButton.LeftButton)
    QTest.keyClicks(card.field, " more")
    QTest.keyClick(card.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: queue.asked == [("change", "t1", "One more")])


def test_escape_in_a_card_leaves_its_text_and_the_agent_alone(
    qtbot: QtBot, page: ChatPage, doors: QuietDoors, queue: ScriptedQueue, chats: Chats, log: Log
) -> None:
    _happens(doors, queue, log, _waiting("One"), MessageQueued("t1", "One"))
    qtbot.waitUntil(lambda: len(page.queue.cards) == 1)
    card = page.queue.cards[0]
    QTest.mouseClick(card.edit_button, Qt.MouseButton.LeftButton)
    QTest.keyClicks(card.field, " more")
    QTest.keyClick(card.field, Qt.Key.Key_Escape)
    assert card.words.isVisible()
    assert queue.asked == []
    assert chats.cancelled == []


def test_what_is_being_changed_stays_though_another_message_is_queued(
    qtbot: QtBot, page: ChatPage, doors: QuietDoors, queue: ScriptedQueue, log: Log
) -> None:
    _happens(doors, queue, log, _waiting("One"), MessageQueued("t1", "One"))
    qtbot.waitUntil(lambda: len(page.queue.cards) == 1)
    QTest.mouseClick(page.queue.cards[0].edit_button, Qt.MouseButton.LeftButton)
    QTest.keyClicks(page.queue.cards[0].field, " more")
    _happens(doors, queue, log, _waiting("One", "Two"), MessageQueued("t2", "Two"))
    qtbot.waitUntil(lambda: len(page.queue.cards) == 2)
    assert page.queue.cards[0].typed == "One more"


def test_a_held_queue_says_why_and_is_sent_by_hand(
    qtbot: QtBot, page: ChatPage, doors: QuietDoors, queue: ScriptedQueue, log: Log
) -> None:
    _happens(doors, queue, log, _waiting("One", held=Hold.STOPPED), MessageQueued("t1", "One"), STOPPED)
    qtbot.waitUntil(page.queue.send_now.isVisible)
    assert "You stopped the agent" in _words(page.queue)
    QTest.mouseClick(page.queue.send_now, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: queue.asked == [("send_next",)])


def test_a_card_that_is_changed_leaves_the_keyboard_where_the_person_went(
    qtbot: QtBot, page: ChatPage, doors: QuietDoors, queue: ScriptedQueue, log: Log
) -> None:
    _happens(doors, queue, log, _waiting("One"), MessageQueued("t1", "One"))
    qtbot.waitUntil(lambda: len(page.queue.cards) == 1)
    QTest.mouseClick(page.queue.cards[0].edit_button, Qt.MouseButton.LeftButton)
    page.composer.input.setFocus()
    _happens(doors, queue, log, _waiting("One", "Two"), MessageQueued("t2", "Two"))
    qtbot.waitUntil(lambda: len(page.queue.cards) == 2)
    assert page.composer.input.hasFocus()


def test_what_was_being_changed_goes_into_the_message_field_when_the_message_is_sent_meanwhile(
    qtbot: QtBot, page: ChatPage, doors: QuietDoors, queue: ScriptedQueue, log: Log
) -> None:
    _happens(doors, queue, log, _waiting("One"), MessageQueued("t1", "One"))
    qtbot.waitUntil(lambda: len(page.queue.cards) == 1)
    QTest.mouseClick(page.queue.cards[0].edit_button, Qt.MouseButton.LeftButton)
    QTest.keyClicks(page.queue.cards[0].field, " more")
    _happens(doors, queue, log, Queue(), MessageUnqueued("t1", True))
    qtbot.waitUntil(lambda: not page.queue.isVisible())
    assert page.composer.input.toPlainText() == "One more"


def test_a_change_that_comes_too_late_stays_in_the_message_field(
    qtbot: QtBot, page: ChatPage, doors: QuietDoors, queue: ScriptedQueue, log: Log
) -> None:
    _happens(doors, queue, log, _waiting("One"), MessageQueued("t1", "One"))
    qtbot.waitUntil(lambda: len(page.queue.cards) == 1)
    queue.refusal = UserError("That message is not in the queue any more.", "")
    QTest.mouseClick(page.queue.cards[0].edit_button, Qt.MouseButton.LeftButton)
    QTest.keyClicks(page.queue.cards[0].field, " more")
    QTest.keyClick(page.queue.cards[0].field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "not in the queue" in _words(page.error))
    assert page.composer.input.toPlainText() == "One more"


def test_a_message_queued_while_its_project_was_left_is_no_draft_any_more(
    qtbot: QtBot, panel: ChatPanel, page: ChatPage, queue: ScriptedQueue
) -> None:
    QTest.keyClicks(page.composer.input, "Then the docs")
    QTest.keyClick(page.composer.input, Qt.Key.Key_Return)
    panel.set_project(None)
    qtbot.waitUntil(lambda: len(queue.asked) == 1)
    qtbot.waitUntil(lambda: panel.drafts.get(PROJECT, RUN) == "")


def _words(widget: QWidget) -> str:
    return " ".join(label.text() for label in widget.findChildren(QLabel))
