"""The status bar says where one is and what it costs; each of its items leads to what explains it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from studio.domain.events import (
    BudgetAlerted,
    Recorded,
    UsageRecorded,
)
from studio.domain.ids import ProjectId, RunId
from studio.domain.models import ModelRef
from studio.ui.bridge import Bridge
from studio.ui.status.panel import StatusPanel
from studio.ui.theme import Theme
from tests.fixtures.quiet_doors import QuietDoors

PROJECT, RUN = ProjectId("p1"), RunId("r1")
Make = Callable[[bool], StatusPanel]


class Doors(QuietDoors):
    def __init__(self, attached: bool) -> None:
        super().__init__()
        self.attached = attached
        self.chats = self.usage = self
        self.other_gone = asyncio.Event()

    async def own_engine(self) -> None:
        await self.other_gone.wait()

    async def run(self, id: RunId) -> Any:
        return SimpleNamespace(id=id, branch="studio/r1-fix", model=ModelRef("scripted", "replies.json"))

    async def today(self) -> Any:
        return SimpleNamespace(cost_nusd=0, input=1, output=2, unpriced=0)


@pytest.fixture
def make(qtbot: QtBot) -> Iterator[Make]:
    bridges: list[Bridge] = []

    def made(attached: bool) -> StatusPanel:
        async def build() -> Any:
            return Doors(attached)

        bridge = Bridge(build)
        bridges.append(bridge)
        panel = StatusPanel(bridge, Theme("dark"))
        qtbot.addWidget(panel.widget)
        bridge.start()
        qtbot.waitUntil(lambda: panel.view.items["cost"].text() != "")
        panel.show_run(RUN)
        qtbot.waitUntil(lambda: panel.view.items["branch"].text() == "studio/r1-fix")
        return panel

    yield made
    for bridge in bridges:
        assert bridge.stop()


def test_a_window_that_takes_over_says_no_more_that_another_studio_works(make: Make, qtbot: QtBot) -> None:
    panel = make(True)
    qtbot.waitUntil(lambda: panel.view.items["engine"].text() == "another Studio does the work")
    panel._bridge.call(_end_the_other)
    qtbot.waitUntil(lambda: panel.view.items["engine"].text() == "")


async def _end_the_other(doors: Any) -> None:
    doors.other_gone.set()


def test_a_long_sentence_makes_the_window_no_wider(make: Make) -> None:
    panel = make(False)
    before = panel.view.minimumSizeHint().width()
    panel.say("Nothing was applied: open the file that the code belongs to. " * 3)
    assert panel.view.minimumSizeHint().width() < before + 60
    assert panel.view.message.text().startswith("Nothing was applied")


def test_the_cost_is_explained_by_the_page_of_usage(qtbot: QtBot, make: Make) -> None:
    panel = make(False)
    with qtbot.waitSignal(panel.panel_requested) as asked:
        panel.view.items["cost"].click()
    assert asked.args == ["usage"]


def test_the_cost_of_today_is_read_again_after_a_call_that_belongs_to_no_run(make: Make) -> None:
    panel = make(False)
    used = UsageRecorded("", 1, "openai/small", "provider test", 1000, 100, cost_nusd=20_000_000)
    panel.apply([Recorded(1, datetime(2026, 1, 1, tzinfo=UTC), None, None, used)])
    assert panel._cost_due.isActive()


def test_a_budget_that_runs_out_is_said_whichever_run_is_shown(make: Make) -> None:
    panel = make(False)
    event = BudgetAlerted("company", "month", 20_000_000_000, 16_200_000_000)
    panel.apply([Recorded(1, datetime(2026, 1, 1, tzinfo=UTC), PROJECT, None, event)])
    assert panel.view.message.text() == "$16.20 of the budget of $20.00 per month for the company is used (81%)."


def test_the_sandbox_is_explained_by_the_page_of_sandboxes(qtbot: QtBot, make: Make) -> None:
    panel = make(False)
    qtbot.waitUntil(lambda: panel.view.items["sandbox"].text() == "no sandbox")
    with qtbot.waitSignal(panel.sandboxes_requested):
        panel.view.items["sandbox"].click()
