"""The chat panel talks to the core through the bridge and nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from studio.domain.errors import UserError
from studio.domain.events import (
    CheckpointDecided,
    CheckpointOpened,
    Delta,
    MessagePosted,
    Recorded,
    RunSet,
    RunStarted,
    StepStarted,
    TurnEnded,
    TurnStarted,
)
from studio.domain.files import Place
from studio.domain.ids import ProjectId, RunId
from studio.domain.messages import Speaker
from studio.domain.models import ModelRef
from studio.domain.runs import Outcome, Run, RunState
from studio.domain.tools import ApprovalMode
from studio.ui.bridge import Bridge
from studio.ui.chat.chat import Chat
from studio.ui.chat.page import ChatPage
from studio.ui.chat.panel import ChatPanel
from studio.ui.chat.spots import Spot, SpotKind
from studio.ui.theme import Theme
from tests.fixtures.quiet_doors import QuietDoors
from tests.ui.chat.conftest import Log

PROJECT, RUN, OTHER = ProjectId("p0000001"), RunId("r0000001"), RunId("r0000002")
START = RunStarted("Fix totals", "engineer", "ollama/qwen", "main", "a", "studio/r", "ask")


class ScriptedChats:
    """Answers as it is told and remembers what it was asked."""

    def __init__(self) -> None:
        self.saved: tuple[Run, ...] = ()
        self.logs: dict[RunId, tuple[Recorded, ...]] = {}
        self.sent: list[tuple[Any, ...]] = []
        self.roles: list[str] = []
        self.cancelled: list[RunId] = []
        self.refusal: UserError | None = None
        self.unreadable: UserError | None = None
        self.new_run = RUN

    async def runs(self, project: ProjectId) -> tuple[Run, ...]:
        return self.saved

    async def log(self, run: RunId, newest: int | None = None) -> tuple[Recorded, ...]:
        if self.unreadable is not None:
            raise self.unreadable
        return self.logs.get(run, ())

    async def send(
        self,
        project: ProjectId,
        text: str,
        run: RunId | None = None,
        model: str | None = None,
        approval: Any = None,
        role: str = "",
        images: tuple[bytes, ...] = (),
        **_: object,
    ) -> Any:
        if self.refusal is not None:
            raise self.refusal
        self.roles.append(role)
        self.images = images
        self.sent.append((project, text, run, model, approval))
        return SimpleNamespace(run=run or self.new_run, turn="t", since=0)

    async def cancel(self, run: RunId) -> None:
        self.cancelled.append(run)


class ScriptedModels:
    def __init__(self) -> None:
        self.name: str | None = "ollama/qwen"
        self.cards: tuple[Any, ...] = ()
        self.approval = ApprovalMode.ASK

    def default(self) -> str | None:
        return self.name

    def default_approval(self) -> ApprovalMode:
        return self.approval

    def require_usable(self, model: ModelRef) -> None:
        if model.provider == "anthropic":
            raise UserError("There is no key for anthropic.", "Set ANTHROPIC_API_KEY and start Studio again.")

    async def choices(self) -> tuple[Any, ...]:
        return self.cards


class ScriptedDecisions:
    def __init__(self) -> None:
        self.decided: list[tuple[str, str, str]] = []

    async def approve(self, name: str, note: str) -> None:
        self.decided.append(("approve", name, note))

    async def deny(self, name: str, note: str) -> None:
        self.decided.append(("deny", name, note))

    async def answer(self, name: str, text: str) -> None:
        self.decided.append(("answer", name, text))


@pytest.fixture
def chats(doors: QuietDoors) -> ScriptedChats:
    made = ScriptedChats()
    doors.chats = made  # type: ignore[attr-defined]
    return made


@pytest.fixture
def models(doors: QuietDoors) -> ScriptedModels:
    made = ScriptedModels()
    doors.models = made  # type: ignore[attr-defined]
    return made


@pytest.fixture
def decisions(doors: QuietDoors) -> ScriptedDecisions:
    made = ScriptedDecisions()
    doors.checkpoints = made  # type: ignore[attr-defined]
    return made


@pytest.fixture
def panel(
    qtbot: QtBot,
    bridge: Bridge,
    theme: Theme,
    chats: ScriptedChats,
    models: ScriptedModels,
    decisions: ScriptedDecisions,
) -> ChatPanel:
    made = ChatPanel(bridge, theme)
    qtbot.addWidget(made.widget)
    made.widget.resize(440, 700)
    made.widget.show()
    return made


def _page(panel: ChatPanel) -> ChatPage:
    assert panel.current_chat is not None
    return panel.current_chat.page()


def _open(qtbot: QtBot, panel: ChatPanel) -> ChatPage:
    panel.set_project(PROJECT)
    qtbot.waitUntil(lambda: _page(panel).composer.model != "")
    return _page(panel)


def _type(page: ChatPage, text: str) -> None:
    QTest.keyClicks(page.composer.input, text)
    QTest.keyClick(page.composer.input, Qt.Key.Key_Return)


def _run(run: RunId, state: RunState = RunState.IDLE) -> Run:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    return Run(
        run, PROJECT, "engineer", "Old work", ModelRef("ollama", "qwen"), "main", "a", "b", "a", now, state=state
    )


def test_a_typed_message_starts_a_run_and_its_answer_streams_in(
    qtbot: QtBot, panel: ChatPanel, chats: ScriptedChats, doors: QuietDoors, log: Log
) -> None:
    page = _open(qtbot, panel)
    with qtbot.waitSignal(panel.run_changed) as changed:
        _type(page, "Fix totals")
    assert changed.args == [RUN]
    assert chats.sent == [(PROJECT, "Fix totals", None, "ollama/qwen", ApprovalMode.ASK)]
    assert page.composer.input.toPlainText() == ""

    doors.feed.tell(
        *log(
            START, MessagePosted(Speaker.HUMAN, "Fix totals", "t"), TurnStarted("t"), StepStarted("t", 1, "ollama/qwen")
        )
    )
    doors.feed.tell(Delta(PROJECT, RUN, "text", "Looking "), Delta(PROJECT, RUN, "text", "at it."))
    qtbot.waitUntil(lambda: "Looking at it." in page.list.live.body.toPlainText())
    qtbot.waitUntil(lambda: page.composer.stop.isVisible())
    assert _page(panel) is page

    doors.feed.tell(*log(MessagePosted(Speaker.AGENT, "Done.", "t", 1), TurnEnded("t", Outcome.REPLIED, 1, "b")))
    qtbot.waitUntil(lambda: not page.composer.stop.isVisible())
    assert [panel.strip.bar.tabText(index) for index in range(panel.strip.bar.count())] == ["Fix totals"]


def test_a_refused_message_stays_in_the_field_and_says_what_to_do(
    qtbot: QtBot, panel: ChatPanel, chats: ScriptedChats
) -> None:
    page = _open(qtbot, panel)
    chats.refusal = UserError("The repository is empty.", "Commit something first.")
    _type(page, "Fix totals")
    qtbot.waitUntil(page.error.isVisible)
    assert page.error.sentence.text() == "The repository is empty. Commit something first."
    assert page.composer.input.toPlainText() == "Fix totals"
    assert page.composer.send.isEnabled()


def test_shift_enter_makes_a_line_and_up_brings_back_what_was_sent(
    qtbot: QtBot, panel: ChatPanel, chats: ScriptedChats
) -> None:
    page = _open(qtbot, panel)
    QTest.keyClicks(page.composer.input, "one")
    QTest.keyClick(page.composer.input, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    with qtbot.waitSignal(panel.run_changed):
        _type(page, "two")
    assert chats.sent[0][1] == "one\ntwo"
    QTest.keyClicks(page.composer.input, "draft")
    QTest.keyClick(page.composer.input, Qt.Key.Key_Up)
    assert page.composer.input.toPlainText() == "one\ntwo"
    QTest.keyClick(page.composer.input, Qt.Key.Key_Down)
    assert page.composer.input.toPlainText() == "draft"


def test_without_a_usable_model_send_becomes_the_way_to_get_one(
    qtbot: QtBot, panel: ChatPanel, models: ScriptedModels, chats: ScriptedChats
) -> None:
    models.name = "anthropic/claude"
    panel.set_project(PROJECT)
    page = _page(panel)
    qtbot.waitUntil(lambda: page.composer.send.text() == "Set up a model")
    QTest.keyClicks(page.composer.input, "Hello")
    with qtbot.waitSignal(panel.setup_requested):
        QTest.mouseClick(page.composer.send, Qt.MouseButton.LeftButton)
    assert chats.sent == []
    assert page.composer.input.toPlainText() == "Hello"


def test_a_new_chat_begins_with_the_approval_mode_of_the_settings(
    qtbot: QtBot, panel: ChatPanel, models: ScriptedModels, chats: ScriptedChats
) -> None:
    models.approval = ApprovalMode.DENY
    page = _open(qtbot, panel)
    with qtbot.waitSignal(panel.run_changed):
        _type(page, "Look only")
    assert chats.sent[0][-1] is ApprovalMode.DENY


def test_stop_reaches_the_run_that_is_on_show(
    qtbot: QtBot, panel: ChatPanel, chats: ScriptedChats, doors: QuietDoors
) -> None:
    chats.saved = (_run(RUN, RunState.WORKING),)
    _open(qtbot, panel)
    qtbot.waitUntil(lambda: panel.current_run == RUN)
    page = _page(panel)
    qtbot.waitUntil(page.composer.stop.isVisible)
    QTest.mouseClick(page.composer.stop, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: chats.cancelled == [RUN])


def test_an_approval_shows_the_exact_command_and_goes_home_with_its_answer(
    qtbot: QtBot, panel: ChatPanel, chats: ScriptedChats, doors: QuietDoors, decisions: ScriptedDecisions, log: Log
) -> None:
    chats.saved = (_run(RUN, RunState.WAITING),)
    chats.logs[RUN] = tuple(log(START, CheckpointOpened("k1", "approval", "c1", "Run shell?", "pip install x")))
    _open(qtbot, panel)
    qtbot.waitUntil(lambda: panel.current_run == RUN)
    card = _page(panel).question
    qtbot.waitUntil(card.isVisible)
    card.pause.end()
    buttons = {button.text(): button for button in card.findChildren(QPushButton)}
    QTest.mouseClick(buttons["Approve"], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: decisions.decided == [("approve", "k1", "")])
    doors.feed.tell(*log(CheckpointDecided("k1", "c1", "approved")))
    qtbot.waitUntil(lambda: not card.isVisible())


def test_a_denial_asks_for_the_reason_and_a_choice_offers_its_options(
    qtbot: QtBot, panel: ChatPanel, chats: ScriptedChats, doors: QuietDoors, decisions: ScriptedDecisions, log: Log
) -> None:
    chats.saved = (_run(RUN, RunState.WAITING),)
    chats.logs[RUN] = tuple(log(START, CheckpointOpened("k1", "approval", "c1", "Run shell?", "rm -r x")))
    _open(qtbot, panel)
    qtbot.waitUntil(lambda: panel.current_run == RUN)
    card = _page(panel).question
    qtbot.waitUntil(card.isVisible)
    card.pause.end()
    deny = next(button for button in card.findChildren(QPushButton) if button.text() == "Deny…")
    QTest.mouseClick(deny, Qt.MouseButton.LeftButton)
    assert decisions.decided == []
    words = card.findChild(QLineEdit)
    assert words is not None
    QTest.keyClicks(words, "too broad")
    QTest.mouseClick(deny, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: decisions.decided == [("deny", "k1", "too broad")])

    doors.feed.tell(
        *log(
            CheckpointDecided("k1", "c1", "denied", "too broad"),
            CheckpointOpened("k2", "choice", "c2", "The engineer asks", "Which?", ("Red", "Blue")),
        )
    )
    qtbot.waitUntil(lambda: any(button.text() == "Blue" for button in card.findChildren(QPushButton)))
    card.pause.end()
    blue = next(button for button in card.findChildren(QPushButton) if button.text() == "Blue")
    QTest.mouseClick(blue, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: decisions.decided[-1] == ("answer", "k2", "Blue"))


def test_runs_that_appear_elsewhere_get_a_chip_and_open_with_their_log(
    qtbot: QtBot, panel: ChatPanel, chats: ScriptedChats, doors: QuietDoors, log: Log
) -> None:
    _open(qtbot, panel)
    events = log(START, MessagePosted(Speaker.HUMAN, "From the command line", "t"), run=OTHER)
    chats.logs[OTHER] = tuple(events)
    doors.feed.tell(*events)
    qtbot.waitUntil(lambda: panel.strip.bar.count() == 2)
    panel.strip.bar.setCurrentIndex(1)
    assert panel.current_run == OTHER
    assert panel.strip.bar.count() == 1  # the new chat's chip is there only while it is in front
    QTest.mouseClick(panel.strip.new, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: panel.current_run is None)
    panel.show_run(OTHER)
    items = panel.current_chat.items if panel.current_chat is not None else None
    assert items is not None
    qtbot.waitUntil(lambda: items.rowCount() == 1)


def test_a_link_is_opened_only_after_the_person_saw_where_it_leads(
    qtbot: QtBot, panel: ChatPanel, chats: ScriptedChats
) -> None:
    chats.saved = (_run(RUN, RunState.WORKING),)
    _open(qtbot, panel)
    qtbot.waitUntil(lambda: panel.current_run == RUN)
    chat = panel.current_chat
    assert chat is not None
    with qtbot.waitSignal(panel.file_open_requested) as opened:
        chat.spot_clicked.emit(Spot(SpotKind.FILE, "src/a.py"))
    assert opened.args == [Place(PROJECT, RUN), "src/a.py", 0]
    with qtbot.waitSignal(panel.review_requested) as review:
        chat.spot_clicked.emit(Spot(SpotKind.REVIEW, "t1"))
    assert review.args == [RUN, "t1"]

    with qtbot.waitSignal(panel.text_open_requested) as shown:
        chat.spot_clicked.emit(Spot(SpotKind.SHOW, "x = 1", language="py"))
    assert shown.args == ["Code from the chat (py)", "x = 1", "py"]
    with qtbot.waitSignal(panel.apply_requested) as applied:
        chat.spot_clicked.emit(Spot(SpotKind.APPLY, "x = 1"))
    assert applied.args == ["x = 1"]

    chat.spot_clicked.emit(Spot(SpotKind.LINK, "https://example.org/<b>\u202e"))
    box = panel.widget.findChild(QMessageBox)
    assert box is not None
    assert box.textFormat() is Qt.TextFormat.PlainText
    assert box.informativeText() == "https://example.org/<b>\\u202e"
    box.reject()


def test_a_run_goes_on_with_its_own_model_though_no_provider_is_set_up(
    qtbot: QtBot, panel: ChatPanel, chats: ScriptedChats, models: ScriptedModels, log: Log
) -> None:
    models.name = None
    scripted = RunStarted("Fix totals", "engineer", "scripted/replies.json", "main", "a", "studio/r", "ask")
    events = log(scripted, MessagePosted(Speaker.HUMAN, "Hello", "t"))
    chats.logs[RUN] = tuple(events)
    chats.saved = (replace(_run(RUN, RunState.WAITING), model=ModelRef.parse("scripted/replies.json")),)
    panel.widget.show()
    panel.set_project(PROJECT)
    qtbot.waitUntil(lambda: panel.current_run == RUN)
    composer = _page(panel).composer
    qtbot.waitUntil(lambda: composer.send.text() == "Send ⏎")
    QTest.keyClicks(composer.input, "Go on")
    QTest.mouseClick(composer.send, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: [each[1:4] for each in chats.sent] == [("Go on", RUN, "scripted/replies.json")])


@pytest.mark.parametrize("chosen", ["", "ollama/mine"])
def test_a_chat_goes_on_with_the_model_that_its_run_was_set_to_elsewhere_unless_the_person_chose_another(
    qtbot: QtBot, panel: ChatPanel, chats: ScriptedChats, doors: QuietDoors, log: Log, chosen: str
) -> None:
    chats.logs[RUN] = tuple(log(START, MessagePosted(Speaker.HUMAN, "Hello", "t")))
    chats.saved = (_run(RUN),)
    panel.set_project(PROJECT, RUN)
    qtbot.waitUntil(lambda: panel.current_run == RUN)
    composer = _page(panel).composer
    if chosen:
        composer.choose(chosen, composer.approval)
    doors.feed.tell(*log(RunSet("ollama/other", "ask"), TurnStarted("t2"), TurnEnded("t2", Outcome.REPLIED, 1, "b")))
    qtbot.waitUntil(lambda: "other" in panel.strip.bar.tabToolTip(0))
    assert composer.model == (chosen or "ollama/other")


def test_a_run_that_is_asked_for_before_it_is_known_comes_to_the_front_once_it_is(
    qtbot: QtBot, panel: ChatPanel, chats: ScriptedChats, log: Log
) -> None:
    chats.logs[RUN] = tuple(log(START, MessagePosted(Speaker.HUMAN, "Hello", "t")))
    chats.saved = (_run(OTHER, RunState.WORKING), _run(RUN))
    panel.set_project(PROJECT)
    panel.show_run(RUN)
    assert panel.current_run is None
    qtbot.waitUntil(lambda: panel.current_run == RUN)


def test_a_run_that_was_just_made_comes_to_the_front_when_the_log_tells_of_it(
    qtbot: QtBot, panel: ChatPanel, doors: QuietDoors, log: Log
) -> None:
    """A fork is known to whoever asked for it before its first event arrives."""
    _open(qtbot, panel)
    panel.show_run(OTHER)
    assert panel.current_run is None
    doors.feed.tell(*log(START, run=OTHER))
    qtbot.waitUntil(lambda: panel.current_run == OTHER)


def test_a_project_comes_back_with_the_chat_that_was_in_front(
    qtbot: QtBot, panel: ChatPanel, chats: ScriptedChats
) -> None:
    chats.saved = (_run(RunId("r0000009"), RunState.WORKING), _run(RUN))
    panel.set_project(PROJECT, RUN)
    qtbot.waitUntil(lambda: panel.current_run == RUN)


def test_a_chat_that_is_gone_gives_way_to_the_newest_that_is_alive(
    qtbot: QtBot, panel: ChatPanel, chats: ScriptedChats
) -> None:
    chats.saved = (_run(RUN, RunState.WORKING),)
    panel.set_project(PROJECT, RunId("r0000009"))
    qtbot.waitUntil(lambda: panel.current_run == RUN)


def test_a_run_that_nobody_looks_at_is_kept_in_the_log_alone_and_yet_opens_in_the_middle_of_a_message(
    qtbot: QtBot, panel: ChatPanel, chats: ScriptedChats, doors: QuietDoors, log: Log
) -> None:
    _open(qtbot, panel)
    began = log(START, TurnStarted("t"), StepStarted("t", 1, "ollama/qwen"), run=OTHER)
    chats.logs[OTHER] = tuple(began)
    doors.feed.tell(*began, Delta(PROJECT, OTHER, "text", "Looking "))
    qtbot.waitUntil(lambda: panel.strip.bar.count() == 2)
    assert [chat.run for chat in panel.findChildren(Chat)] == [None]

    panel.show_run(OTHER)
    doors.feed.tell(Delta(PROJECT, OTHER, "text", "at it."))
    qtbot.waitUntil(lambda: "Looking at it." in _page(panel).list.live.body.toPlainText())


def test_a_run_that_said_something_meanwhile_opens_without_what_was_streamed_of_it(
    qtbot: QtBot, panel: ChatPanel, chats: ScriptedChats, doors: QuietDoors, log: Log
) -> None:
    _open(qtbot, panel)
    events = log(
        START,
        TurnStarted("t"),
        StepStarted("t", 1, "ollama/qwen"),
        MessagePosted(Speaker.AGENT, "Done.", "t", 1),
        run=OTHER,
    )
    chats.logs[OTHER] = tuple(events)
    doors.feed.tell(*events[:3], Delta(PROJECT, OTHER, "text", "Do"), Delta(PROJECT, OTHER, "text", "ne."), events[3])
    doors.feed.tell(*log(START, run=RUN))
    qtbot.waitUntil(lambda: panel.strip.bar.count() == 3)
    panel.show_run(OTHER)
    items = panel.current_chat.items if panel.current_chat is not None else None
    assert items is not None
    qtbot.waitUntil(lambda: items.rowCount() == 1)
    assert items.data(items.index(0)) == "Done."


def test_a_chat_whose_messages_cannot_be_read_says_so_and_tries_again_when_told_to(
    qtbot: QtBot, panel: ChatPanel, chats: ScriptedChats, log: Log
) -> None:
    chats.saved = (_run(RUN, RunState.WORKING),)
    chats.unreadable = UserError("The disk is full.", "Make room.")
    chats.logs[RUN] = tuple(log(START, MessagePosted(Speaker.HUMAN, "Hello", "t")))
    _open(qtbot, panel)
    qtbot.waitUntil(lambda: panel.current_run == RUN)
    page = _page(panel)
    qtbot.waitUntil(page.error.isVisible)
    titles = [each.text() for each in page.findChildren(QLabel) if each.isVisible()]
    assert "The messages could not be read." in titles
    assert "Loading…" not in titles
    chats.unreadable = None
    QTest.mouseClick(page.error.details, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(page.list.isVisible)
    assert not page.error.isVisible()


def test_a_file_is_opened_of_the_run_that_names_it_though_another_chat_came_to_the_front(
    qtbot: QtBot, panel: ChatPanel, chats: ScriptedChats
) -> None:
    chats.saved = (_run(RUN, RunState.WORKING),)
    _open(qtbot, panel)
    qtbot.waitUntil(lambda: panel.current_run == RUN)
    chat = panel.current_chat
    assert chat is not None
    panel.show_run(None)
    with qtbot.waitSignal(panel.file_open_requested) as opened:
        chat.spot_clicked.emit(Spot(SpotKind.FILE, "src/a.py"))
    assert opened.args == [Place(PROJECT, RUN), "src/a.py", 0]
