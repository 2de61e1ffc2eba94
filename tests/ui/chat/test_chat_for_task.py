"""What a new chat is for is seen and chosen before its first message is sent."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from studio.domain.briefs import NO_PURPOSE, Brief, Purpose
from studio.domain.ids import BriefId, ProjectId, RunId, TaskId
from studio.domain.runs import Run
from studio.domain.tasks import Task, TaskState
from studio.domain.tools import ApprovalMode
from studio.ui.bridge import Bridge
from studio.ui.chat.panel import ChatPanel
from studio.ui.theme import Theme
from tests.fixtures.memory import NOON
from tests.fixtures.quiet_doors import QuietDoors
from tests.ui.chat.conftest import PROJECT, RUN

TILL = Task(TaskId("w1"), PROJECT, "Mend the till", "It is a cent off.", NOON, "developer", ("a test holds it",))
GONE = replace(TILL, id=TaskId("w2"), title="Paint it", state=TaskState.DROPPED)
BRIEF = Brief(BriefId("f1"), PROJECT, "Discounts", "", NOON)


class Doors(QuietDoors):
    """A project with an open task, a dropped one and a brief; remembers what each message was for."""

    def __init__(self) -> None:
        super().__init__()
        self.board = self.chats = self
        self.briefs = SimpleNamespace(list=self.all_briefs)
        self.models = SimpleNamespace(
            default=lambda: "anthropic/a-model",
            default_approval=lambda: ApprovalMode.ASK,
            require_usable=lambda _model: None,
            choices=self.runs,
        )
        self.there: tuple[Task, ...] = (TILL, GONE)
        self.asked: list[Purpose] = []

    async def tasks(self, _project: ProjectId) -> tuple[Task, ...]:
        return self.there

    async def all_briefs(self, _project: ProjectId) -> tuple[Brief, ...]:
        return (BRIEF,) if self.there else ()

    async def runs(self, _project: ProjectId | None = None) -> tuple[Run, ...]:
        return ()

    async def log(self, run: RunId, newest: int | None = None) -> tuple[Any, ...]:
        return ()

    async def send(
        self, project: ProjectId, text: str, run: object = None, purpose: Purpose = NO_PURPOSE, **_: object
    ) -> Any:
        self.asked.append(purpose)
        return SimpleNamespace(run=RUN, turn="t", since=0)


@pytest.fixture
def doors() -> Doors:
    return Doors()


@pytest.fixture
def panel(qtbot: QtBot, bridge: Bridge, theme: Theme) -> ChatPanel:
    made = ChatPanel(bridge, theme)
    qtbot.addWidget(made.widget)
    made.widget.resize(440, 500)
    made.widget.show()
    made.set_project(PROJECT)
    qtbot.waitUntil(lambda: made.current_chat is not None and made.current_chat.page().composer.model != "")
    return made


def page(panel: ChatPanel) -> Any:
    """The page of the new chat."""
    chat = panel.current_chat
    assert chat is not None
    return chat.page()


def choose(panel: ChatPanel, words: str) -> None:
    """Takes an entry of the menu."""
    [entry] = [each for each in page(panel).for_task.menu().actions() if each.text() == words]
    entry.trigger()


def send(qtbot: QtBot, panel: ChatPanel) -> None:
    with qtbot.waitSignal(panel.run_changed):
        QTest.keyClick(page(panel).composer.input, Qt.Key.Key_Return)


def test_what_is_to_be_done_is_offered_and_a_chat_is_for_nothing_until_one_is_chosen(
    qtbot: QtBot, panel: ChatPanel, doors: Doors
) -> None:
    for_task = page(panel).for_task
    qtbot.waitUntil(for_task.isVisible)
    texts = [each.text() for each in for_task.menu().actions()]
    assert texts == ["For no task", "For task “Mend the till” w1", "For brief “Discounts” f1"]
    assert for_task.accessibleName() == "For no task"
    QTest.keyClicks(page(panel).composer.input, "Look around")
    send(qtbot, panel)
    assert doors.asked == [NO_PURPOSE]


def test_a_chosen_task_is_in_the_message_and_the_chat_is_for_it(qtbot: QtBot, panel: ChatPanel, doors: Doors) -> None:
    composer = page(panel).composer
    qtbot.waitUntil(page(panel).for_task.isVisible)
    choose(panel, "For task “Mend the till” w1")
    assert composer.input.toPlainText() == ("Mend the till\n\nIt is a cent off.\n\nIt is done when:\n- a test holds it")
    send(qtbot, panel)
    assert doors.asked == [Purpose(task="w1")]
    assert not page(panel).for_task.isVisible()


def test_what_is_written_already_stays(qtbot: QtBot, panel: ChatPanel, doors: Doors) -> None:
    composer = page(panel).composer
    qtbot.waitUntil(page(panel).for_task.isVisible)
    QTest.keyClicks(composer.input, "As told")
    choose(panel, "For brief “Discounts” f1")
    assert composer.input.toPlainText() == "As told"
    send(qtbot, panel)
    assert doors.asked == [Purpose(brief="f1")]


def test_a_task_that_is_done_meanwhile_is_not_gone_on_with(qtbot: QtBot, panel: ChatPanel, doors: Doors) -> None:
    for_task = page(panel).for_task
    qtbot.waitUntil(for_task.isVisible)
    choose(panel, "For task “Mend the till” w1")
    for_task.offer((replace(TILL, state=TaskState.DONE),), (BRIEF,))
    assert (for_task.purpose, for_task.accessibleName()) == (NO_PURPOSE, "For no task")
    for_task.offer((), ())
    assert not for_task.isVisible()
