"""Below what waits for the person the inbox lists what goes on by itself later."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from studio.app.parkings import ParkedRun
from studio.domain.events import Recorded, TurnEnded, TurnStarted
from studio.domain.runs import Outcome, Run, RunState
from studio.ui.bridge import Bridge
from studio.ui.inbox.panel import InboxPanel
from studio.ui.theme import Theme
from tests.fixtures.memory import a_project, a_run
from tests.fixtures.quiet_doors import QuietDoors

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SHOP = a_project("shop")
WHY = "Groq asks to be left alone for an hour."


class NothingAsked:
    async def waiting(self) -> tuple[()]:
        return ()


class Parked:
    """A door that tells of these."""

    def __init__(self) -> None:
        self.all: tuple[ParkedRun, ...] = ()

    async def parked(self) -> tuple[ParkedRun, ...]:
        return self.all


@pytest.fixture
def run() -> Run:
    until = datetime.now(UTC) + timedelta(hours=1)
    return replace(a_run(SHOP), title="Fix totals", state=RunState.PARKED, parked_until=until)


@pytest.fixture
def parked(doors: QuietDoors) -> Parked:
    doors.parkings = made = Parked()
    return made


@pytest.fixture
def panel(qtbot: QtBot, bridge: Bridge, theme: Theme, doors: QuietDoors, parked: Parked) -> InboxPanel:
    doors.checkpoints = NothingAsked()  # type: ignore[attr-defined]
    made = InboxPanel(bridge, theme)
    made.name_projects([SHOP])
    qtbot.addWidget(made.widget)
    made.widget.resize(320, 400)
    made.widget.show()
    return made


def ended(run: Run, outcome: Outcome = Outcome.PARKED) -> Recorded:
    return Recorded(1, NOW, run.project, run.id, TurnEnded("t1", outcome, 0, "studio/r"))


def test_a_run_that_is_parked_is_listed_with_its_time_and_reason(
    qtbot: QtBot, panel: InboxPanel, parked: Parked, run: Run
) -> None:
    assert not panel.view.parked.isVisible()
    parked.all = (ParkedRun(run, WHY),)
    panel.apply([ended(run)])
    qtbot.waitUntil(panel.view.parked.isVisible)
    line = panel.view.parked.list.item(0).text()
    assert line.startswith("shop · Fix totals · until ")
    assert line.endswith(WHY)


def test_a_run_that_went_on_is_listed_no_more(qtbot: QtBot, panel: InboxPanel, parked: Parked, run: Run) -> None:
    parked.all = (ParkedRun(run, WHY),)
    panel.apply([ended(run)])
    qtbot.waitUntil(panel.view.parked.isVisible)
    parked.all = ()
    panel.apply([Recorded(2, NOW, run.project, run.id, TurnStarted("t2"))])
    qtbot.waitUntil(lambda: not panel.view.parked.isVisible())


def test_a_listed_run_is_one_click_away(qtbot: QtBot, panel: InboxPanel, parked: Parked, run: Run) -> None:
    parked.all = (ParkedRun(run, WHY),)
    panel.refresh()
    qtbot.waitUntil(panel.view.parked.isVisible)
    rows = panel.view.parked.list
    with qtbot.waitSignal(panel.run_requested) as asked:
        middle = rows.visualItemRect(rows.item(0)).center()
        QTest.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=middle)
    assert asked.args == [run.id]
