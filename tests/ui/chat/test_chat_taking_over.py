"""What a new chat goes on with is seen and chosen before its first message is sent."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from studio.domain.ids import ProjectId, RunId
from studio.domain.roles import Limits, Role, RoleList
from studio.domain.runs import Run
from studio.domain.takeovers import WaitingWork
from studio.ui.bridge import Bridge
from studio.ui.chat.chat import Chat
from studio.ui.chat.page import ChatPage
from studio.ui.chat.panel import ChatPanel
from studio.ui.theme import Theme
from tests.fixtures.memory import a_project, a_run
from tests.fixtures.quiet_doors import QuietDoors
from tests.ui.chat.conftest import PROJECT, RUN, usable_models

MODEL = "anthropic/a-model"
ENGINEER = Role("engineer", "Engineer", "Changes code.", "", ("read",), Limits())
TESTER = replace(ENGINEER, name="tester", title="Tester")
GIVER = replace(a_run(a_project()), id=RunId("r1a2b3c4d"), role="engineer", title="Mend the till", base_branch="main")
OTHER = replace(GIVER, id=RunId("r5e6f7a8b"), base_branch="next")
WORK = WaitingWork(GIVER, "tester", "a" * 40, 3, here=True)
ELSEWHERE = WaitingWork(OTHER, "tester", "b" * 40, 1, here=False)


class Handovers:
    """Has what it is told to have."""

    def __init__(self) -> None:
        self.there: tuple[WaitingWork, ...] = (WORK,)

    async def waiting(self, project: ProjectId, role: str | None = None) -> tuple[WaitingWork, ...]:
        return self.there


class Chats:
    """No run yet; remembers for whom each message was, and what it goes on with."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []

    async def runs(self, project: ProjectId) -> tuple[Run, ...]:
        return ()

    async def log(self, run: RunId, newest: int | None = None) -> tuple[Any, ...]:
        return ()

    async def send(self, project: ProjectId, text: str, role: str = "", work: str = "", **_: object) -> Any:
        await asyncio.sleep(0)
        self.asked.append((role, work))
        return SimpleNamespace(run=RUN, turn="t", since=0)


class Roles:
    """An engineer and a tester."""

    async def list(self, project: ProjectId | None = None) -> RoleList:
        return RoleList((ENGINEER, TESTER))


@pytest.fixture
def handovers(doors: QuietDoors) -> Handovers:
    doors.handovers = made = Handovers()
    return made


@pytest.fixture
def chats(doors: QuietDoors, handovers: Handovers) -> Chats:
    doors.roles = Roles()
    doors.chats = made = Chats()  # type: ignore[attr-defined]
    doors.models = usable_models(MODEL)  # type: ignore[attr-defined]
    return made


@pytest.fixture
def panel(qtbot: QtBot, bridge: Bridge, theme: Theme, chats: Chats) -> ChatPanel:
    made = ChatPanel(bridge, theme)
    qtbot.addWidget(made.widget)
    made.widget.resize(440, 500)
    made.widget.show()
    made.set_project(PROJECT)
    qtbot.waitUntil(lambda: _page(made).composer.roles.isVisible() and _page(made).composer.model == MODEL)
    return made


def _page(panel: ChatPanel) -> ChatPage:
    chat = panel.current_chat
    assert isinstance(chat, Chat)
    return chat.page()


def _send(qtbot: QtBot, panel: ChatPanel) -> None:
    QTest.keyClicks(_page(panel).composer.input, "Test it")
    with qtbot.waitSignal(panel.run_changed):
        QTest.keyClick(_page(panel).composer.input, Qt.Key.Key_Return)


def test_a_chat_with_the_role_says_what_it_goes_on_with_and_begins_so(
    qtbot: QtBot, panel: ChatPanel, chats: Chats
) -> None:
    page = _page(panel)
    assert not page.taking_over.isVisible()
    page.composer.choose_role("tester")
    qtbot.waitUntil(page.taking_over.isVisible)
    assert page.taking_over.accessibleName() == "Goes on with the work of Engineer r1a2b3c4d (3 files)"
    _send(qtbot, panel)
    assert chats.asked == [("tester", "r1a2b3c4d")]
    assert not page.taking_over.isVisible()


def test_it_can_start_without_and_with_another_role_nothing_is_offered(
    qtbot: QtBot, panel: ChatPanel, chats: Chats
) -> None:
    page = _page(panel)
    page.composer.choose_role("tester")
    qtbot.waitUntil(page.taking_over.isVisible)
    page.taking_over.menu().actions()[-1].trigger()
    assert page.taking_over.accessibleName() == "Starts without the work of Engineer r1a2b3c4d (3 files)"
    page.composer.choose_role("engineer")
    assert not page.taking_over.isVisible()
    page.composer.choose_role("tester")
    assert page.taking_over.work == ""
    _send(qtbot, panel)
    assert chats.asked == [("tester", "")]


def test_work_from_a_branch_that_is_not_checked_out_is_gone_on_with_only_when_chosen(
    qtbot: QtBot, panel: ChatPanel, handovers: Handovers, chats: Chats
) -> None:
    handovers.there = (ELSEWHERE,)
    panel.new_chat()
    page = _page(panel)
    page.composer.choose_role("tester")
    text = "Starts without the work of Engineer r5e6f7a8b (1 file, from next)"
    qtbot.waitUntil(lambda: page.taking_over.accessibleName() == text)
    page.taking_over.menu().actions()[0].trigger()
    _send(qtbot, panel)
    assert chats.asked == [("tester", "r5e6f7a8b")]


def test_of_several_each_can_be_chosen_by_its_run(qtbot: QtBot, panel: ChatPanel, handovers: Handovers) -> None:
    handovers.there = (ELSEWHERE, WORK)
    panel.new_chat()
    page = _page(panel)
    page.composer.choose_role("tester")
    qtbot.waitUntil(lambda: len(page.taking_over.menu().actions()) == 3)
    assert [(action.text(), action.isChecked()) for action in page.taking_over.menu().actions()] == [
        ("Go on with the work of Engineer r5e6f7a8b (1 file, from next)", False),
        ("Go on with the work of Engineer r1a2b3c4d (3 files)", True),
        ("Start without it", False),
    ]
