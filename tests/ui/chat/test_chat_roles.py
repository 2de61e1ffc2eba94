"""The role of a new chat: chosen from a menu, sent with the first message, then the run's own."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu, QWidget
from pytestqt.qtbot import QtBot

from studio.domain.events import MessagePosted, RunStarted, StepStarted, TurnEnded, TurnStarted
from studio.domain.ids import ProjectId, RunId
from studio.domain.messages import Speaker
from studio.domain.roles import Limits, Role, RoleList, RoleProblem
from studio.domain.runs import Outcome, Run
from studio.ui.bridge import Bridge
from studio.ui.chat.chat import Chat
from studio.ui.chat.composer import Composer
from studio.ui.chat.offers import Offers
from studio.ui.chat.panel import ChatPanel
from studio.ui.theme import Theme
from tests.fixtures.quiet_doors import QuietDoors
from tests.ui.chat.conftest import PROJECT, RUN, Log, usable_models

MODEL = "anthropic/a-model-with-quite-a-long-name-of-its-own"
ENGINEER = Role("engineer", "Senior engineer", "Changes code & proves it.", "", ("read",), Limits())
MANAGER = replace(ENGINEER, name="development-manager", title="Development manager", purpose="Cuts a brief into tasks.")
PROBLEM = RoleProblem(".studio/roles/x.toml", "x", "There is no such field.", "Did you mean tools?", "tolls", 3)
ROLES = RoleList((MANAGER, ENGINEER), (PROBLEM,))


class Roles:
    """Offers what it is told to."""

    def __init__(self) -> None:
        self.offered = ROLES

    async def list(self, project: ProjectId | None = None) -> RoleList:
        return self.offered


class Chats:
    """No run yet; remembers which role each message was for."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []

    async def runs(self, project: ProjectId) -> tuple[Run, ...]:
        return ()

    async def log(self, run: RunId, newest: int | None = None) -> tuple[Any, ...]:
        return ()

    async def send(self, project: ProjectId, text: str, role: str = "", **_: object) -> Any:
        await asyncio.sleep(0)
        self.asked.append((text, role))
        return SimpleNamespace(run=RUN, turn="t", since=0)


@pytest.fixture
def chats(doors: QuietDoors) -> Chats:
    doors.roles = Roles()
    doors.chats = made = Chats()  # type: ignore[attr-defined]
    doors.models = usable_models(MODEL)  # type: ignore[attr-defined]
    return made


@pytest.fixture
def panel(qtbot: QtBot, bridge: Bridge, theme: Theme, chats: Chats) -> ChatPanel:
    made = ChatPanel(bridge, theme)
    qtbot.addWidget(made.widget)
    made.widget.resize(440, 700)
    made.widget.show()
    made.set_project(PROJECT)
    qtbot.waitUntil(lambda: _composer(made).roles.isVisible())
    qtbot.waitUntil(lambda: _composer(made).model == MODEL)
    return made


@pytest.fixture
def composer(qtbot: QtBot, theme: Theme) -> Composer:
    made = Composer(theme)
    qtbot.addWidget(made)
    made.set_offers(Offers((MODEL,), MODEL))
    made.show()
    return made


def _composer(panel: ChatPanel) -> Composer:
    chat = panel.current_chat
    assert isinstance(chat, Chat)
    return chat.page().composer


def _lines(composer: Composer) -> list[QAction]:
    return [action for action in composer.roles.menu().actions() if not action.isSeparator()]


def test_the_menu_names_each_role_with_its_purpose_and_what_is_wrong(composer: Composer) -> None:
    composer.set_roles(ROLES)
    manager, engineer, problem = _lines(composer)
    assert manager.text() == "Development manager\tCuts a brief into tasks."
    assert engineer.text() == "Senior engineer\tChanges code && proves it."
    assert engineer.isChecked()
    assert not manager.isChecked()
    assert composer.roles.text() == "Senior engineer ▾"
    assert problem.text() == "x\t.studio/roles/x.toml, line 3: tolls: There is no such field."
    assert not problem.isEnabled()
    assert "Did you mean tools?" in problem.toolTip()


def test_without_roles_there_is_nothing_to_choose(composer: Composer) -> None:
    assert not composer.roles.isVisible()
    assert composer.role == "engineer"


def test_a_role_that_is_offered_no_more_gives_way_to_the_engineer(composer: Composer) -> None:
    composer.set_roles(ROLES)
    _lines(composer)[0].trigger()
    composer.set_roles(ROLES)
    assert composer.role == "development-manager"
    composer.set_roles(RoleList((ENGINEER,)))
    assert composer.role == "engineer"


@pytest.mark.parametrize("width", [340, 420])
def test_with_a_role_no_button_is_cut_off_in_a_narrow_panel(composer: Composer, qtbot: QtBot, width: int) -> None:
    composer.set_roles(ROLES)
    _lines(composer)[0].trigger()
    composer.resize(width, 110)
    buttons: list[QWidget] = [composer.send, composer.approvals]
    qtbot.waitUntil(lambda: all(each.width() >= each.sizeHint().width() for each in buttons))
    assert all(each.geometry().right() < composer.width() for each in (*buttons, composer.roles, composer.models))


def test_the_first_message_goes_to_the_role_that_was_chosen(
    qtbot: QtBot, panel: ChatPanel, chats: Chats, doors: QuietDoors, log: Log
) -> None:
    composer = _composer(panel)
    _lines(composer)[0].trigger()
    assert composer.roles.text() == "Development manager ▾"
    QTest.keyClicks(composer.input, "Plan it")
    with qtbot.waitSignal(panel.run_changed):
        QTest.keyClick(composer.input, Qt.Key.Key_Return)
    assert chats.asked == [("Plan it", "development-manager")]
    assert not composer.roles.isVisible()
    assert panel.strip.bar.accessibleTabName(0).startswith("Development manager · ")

    started = RunStarted("Plan it", "development-manager", MODEL, "main", "a", "b", "ask", role_title="Planner")
    said = MessagePosted(Speaker.HUMAN, "Plan it", "t")
    doors.feed.tell(*log(started, said, TurnStarted("t"), StepStarted("t", 1, MODEL)))
    qtbot.waitUntil(lambda: panel.strip.bar.accessibleTabName(0).startswith("Planner · "))


def test_a_new_chat_shows_the_roles_that_count_by_then(qtbot: QtBot, panel: ChatPanel, doors: QuietDoors) -> None:
    doors.roles.offered = RoleList((ENGINEER,))
    panel.new_chat()
    qtbot.waitUntil(lambda: len(_lines(_composer(panel))) == 1)


def test_the_keyboard_meets_the_role_before_model_and_approval(qtbot: QtBot, composer: Composer) -> None:
    composer.set_roles(ROLES)
    composer.activateWindow()
    composer.roles.setFocus()
    met: list[QWidget] = [composer.roles]
    for _ in range(2):
        QTest.keyClick(met[-1], Qt.Key.Key_Tab)
        met.append(composer.focusWidget())
    assert [each.accessibleName() for each in met] == ["Role", "Model", "Approval mode"]


def _menu_of(chat: Chat, row: int) -> QMenu:
    view = chat.page().list
    view._open_menu(chat.items.index(row))
    [menu] = view.findChildren(QMenu, options=Qt.FindChildOption.FindDirectChildrenOnly)
    return menu


# The offscreen platform says this of every menu, whatever the program does.
@pytest.mark.qt_log_ignore("does not support (raise|grabbing)", extend=True)
def test_what_an_agent_said_is_sent_on_to_another_role_as_a_draft_of_a_new_chat(
    qtbot: QtBot, panel: ChatPanel, chats: Chats, log: Log
) -> None:
    _composer(panel).input.setPlainText("Begun before")
    chat = panel._made(PROJECT, RUN)
    panel._chats[RUN] = chat
    panel._bring(chat)
    said = MessagePosted(Speaker.AGENT, "It is\nmended.", "t", 1)
    chat.items.load(log(said, TurnEnded("t", Outcome.REPLIED, 1, "b")))

    menu = _menu_of(chat, 0)
    [sending] = [each.menu() for each in menu.actions() if each.text() == "Send to another role"]
    assert isinstance(sending, QMenu)
    assert [each.text() for each in sending.actions()] == ["Development manager", "Senior engineer"]
    sending.actions()[0].trigger()
    menu.close()

    composer = _composer(panel)
    assert panel.current_run is None
    assert composer.role == "development-manager"
    assert composer.input.toPlainText() == f"Begun before\n\nFrom @run:{RUN}:\n> It is\n> mended.\n\n"
    assert chats.asked == []


@pytest.mark.qt_log_ignore("does not support (raise|grabbing)", extend=True)
def test_the_line_under_a_turn_copies_all_of_it(qtbot: QtBot, panel: ChatPanel, log: Log) -> None:
    chat = panel._made(PROJECT, RUN)
    panel._bring(chat)
    turn = [MessagePosted(Speaker.AGENT, "One", "t", 1), MessagePosted(Speaker.AGENT, "Two", "t", 2)]
    ended = TurnEnded("t", Outcome.REPLIED, 1, "b")
    chat.items.load(log(MessagePosted(Speaker.AGENT, "Zero", "t0", 1), ended, *turn, ended))
    menu = _menu_of(chat, 4)
    [copy] = [each for each in menu.actions() if each.text() == "Copy the whole turn"]
    copy.trigger()
    menu.close()
    assert QGuiApplication.clipboard().text() == "One\n\nTwo"
