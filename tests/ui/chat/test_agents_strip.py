"""The strip of agents: who is at work in any project, on what, and who needs a person."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from studio.domain.errors import StoreError
from studio.domain.events import CheckpointOpened, Event, Recorded, RunStarted, StepStarted, ToolCalled, TurnEnded
from studio.domain.events import TurnStarted as Began
from studio.domain.ids import ProjectId, RunId
from studio.domain.projects import Project
from studio.domain.runs import Outcome, Run, RunState
from studio.ui.bridge import Bridge
from studio.ui.chat.agents_panel import AgentsPanel
from studio.ui.chat.agents_view import LINES
from studio.ui.theme import Theme
from tests.fixtures.memory import a_project, a_run
from tests.fixtures.quiet_doors import QuietDoors

SHOP, BANK = a_project("shop"), a_project("bank")
NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Saved:
    """Doors of chats and projects that answer with these, or with an error."""

    def __init__(self, runs: tuple[Run, ...] = (), error: StoreError | None = None) -> None:
        self.saved = runs
        self.error = error

    async def runs(self) -> tuple[Run, ...]:
        if self.error is not None:
            raise self.error
        return self.saved

    async def list(self) -> tuple[Project, ...]:
        return SHOP, BANK


@pytest.fixture
def saved(doors: QuietDoors) -> Saved:
    found = Saved()
    cast(Any, doors).chats = cast(Any, doors).projects = found
    return found


@pytest.fixture
def numbers() -> Iterator[int]:
    return iter(range(1, 1000))


@pytest.fixture
def happens(doors: QuietDoors, numbers: Iterator[int]) -> Callable[..., None]:
    def tell(run: RunId, project: ProjectId, *events: Event) -> None:
        doors.feed.tell(*(Recorded(next(numbers), NOW, project, run, event) for event in events))

    return tell


def lines(panel: AgentsPanel) -> list[str]:
    return [panel.view.list.item(row).text() for row in range(panel.view.list.count())]


def started(title: str, role: str = "tester") -> RunStarted:
    return RunStarted(title, role, "ollama/qwen3", "main", "a" * 40, "studio/x", "ask")


def shown_panel(qtbot: QtBot, bridge: Bridge, theme: Theme) -> AgentsPanel:
    panel = AgentsPanel(bridge, theme)
    qtbot.addWidget(panel.widget)
    return panel


def test_every_agent_at_work_is_listed_with_its_act_whoever_needs_a_person_first(
    qtbot: QtBot, saved: Saved, bridge: Bridge, theme: Theme, happens: Callable[..., None]
) -> None:
    saved.saved = (a_run(SHOP, id=RunId("r1"), state=RunState.WORKING), a_run(SHOP, id=RunId("r2")))
    panel = shown_panel(qtbot, bridge, theme)
    qtbot.waitUntil(lambda: lines(panel) == ["shop · Engineer · working"])
    assert panel.view.head.text() == "1 at work"

    call = ToolCalled("t", 1, "c", "shell", {"command": "pytest -q"})
    happens(RunId("r3"), BANK.id, started("Test the till"), Began("t"), StepStarted("t", 1, "m"), call)
    qtbot.waitUntil(lambda: len(lines(panel)) == 2)
    assert lines(panel)[0] == "bank · Tester · Run pytest -q"

    asked = CheckpointOpened("k", "approval", "c", "Run this command?", "rm -rf build")
    happens(RunId("r1"), SHOP.id, asked, TurnEnded("t", Outcome.WAITING, 1, "b"))
    needs = "shop · Engineer · needs you: Run this command? rm -rf build"
    qtbot.waitUntil(lambda: lines(panel)[0] == needs)
    assert panel.view.head.text() == "1 needs you · 1 at work"


def test_it_takes_no_room_while_nobody_is_at_work(
    qtbot: QtBot, saved: Saved, bridge: Bridge, theme: Theme, happens: Callable[..., None]
) -> None:
    panel = shown_panel(qtbot, bridge, theme)
    happens(RunId("r1"), SHOP.id, started("Go"), Began("t"))
    qtbot.waitUntil(lambda: len(lines(panel)) == 1)
    happens(RunId("r1"), SHOP.id, TurnEnded("t", Outcome.REPLIED, 1, "b"))
    qtbot.waitUntil(lambda: lines(panel) == [])
    assert panel.widget.isHidden()


def test_one_is_chosen_by_click_and_by_key_also_of_another_project(
    qtbot: QtBot, saved: Saved, bridge: Bridge, theme: Theme
) -> None:
    saved.saved = (
        a_run(BANK, id=RunId("r1"), state=RunState.WORKING),
        a_run(SHOP, id=RunId("r2"), state=RunState.WORKING),
    )
    panel = shown_panel(qtbot, bridge, theme)
    qtbot.waitUntil(lambda: len(lines(panel)) == 2)
    panel.widget.show()
    with qtbot.waitSignal(panel.chosen) as clicked:
        place = panel.view.list.visualItemRect(panel.view.list.item(0)).center()
        QTest.mouseClick(panel.view.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert clicked.args == ["r1"]
    with qtbot.waitSignal(panel.chosen) as pressed:
        QTest.keyClick(panel.view.list, Qt.Key.Key_Down)
        QTest.keyClick(panel.view.list, Qt.Key.Key_Return)
    assert pressed.args == ["r2"]


def test_many_agents_leave_room_for_the_chat(qtbot: QtBot, saved: Saved, bridge: Bridge, theme: Theme) -> None:
    saved.saved = tuple(a_run(SHOP, state=RunState.WORKING) for _ in range(20))
    panel = shown_panel(qtbot, bridge, theme)
    qtbot.waitUntil(lambda: len(lines(panel)) == 20)
    assert panel.view.list.height() <= (LINES + 1) * panel.view.list.sizeHintForRow(0)


def test_hostile_words_of_an_agent_stay_words(
    qtbot: QtBot, saved: Saved, bridge: Bridge, theme: Theme, happens: Callable[..., None]
) -> None:
    panel = shown_panel(qtbot, bridge, theme)
    call = ToolCalled("t", 1, "c", "shell", {"command": "<img src=x>\u202e&amp;\necho"})
    happens(RunId("r1"), SHOP.id, started("<b>Go</b>"), Began("t"), call)
    qtbot.waitUntil(lambda: "Run" in "".join(lines(panel)))
    assert "\u202e" not in lines(panel)[0]
    assert "<img src=x>" in lines(panel)[0]
    assert "<img" not in panel.view.list.item(0).toolTip()


def test_a_list_that_cannot_be_read_says_why_and_can_be_read_again(
    qtbot: QtBot, saved: Saved, bridge: Bridge, theme: Theme
) -> None:
    saved.error = StoreError("The disk is full.", "Free some space.")
    panel = shown_panel(qtbot, bridge, theme)
    qtbot.waitUntil(lambda: "The disk is full. Free some space." in panel.view.head.text())
    saved.error, saved.saved = None, (replace(a_run(SHOP), state=RunState.WORKING),)
    panel.view.again.click()
    qtbot.waitUntil(lambda: len(lines(panel)) == 1)
    assert panel.view.again.isHidden()
