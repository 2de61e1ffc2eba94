"""What tests of the usage page share: a real core on what a team used, and the panel on it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from studio.app.bootstrap import open_studio
from studio.app.standing import Access
from studio.base.paths import Paths
from studio.domain.budgets import Budget, Period, Scope, ScopeKind
from studio.domain.money import NanoUsd
from studio.domain.runs import Outcome
from studio.store import budgets
from studio.store.database import Database
from studio.ui.bridge import Bridge
from studio.ui.theme import Theme
from studio.ui.usage.panel import UsagePanel
from studio.ui.usage.view import UsageView
from tests.fixtures.spending import Worked, fail, filled

SECONDS = 30_000
STRONG, FAST = "anthropic/claude-opus-4", "groq/small"
TODAY = datetime.now(UTC).replace(hour=0, minute=0, second=1)
DOLLAR = 1_000_000_000

TEAM = (
    Worked(
        "t1",
        STRONG,
        "architect",
        "p1",
        "r1",
        steps=2,
        cost_nusd=2 * DOLLAR,
        milliseconds=4000,
        at=TODAY,
        first_token_ms=250,
    ),
    Worked("t2", FAST, "engineer", "p1", "r2", "k1", 3, DOLLAR // 10, 400, Outcome.LIMIT, TODAY - timedelta(days=1)),
    Worked("t3", FAST, "engineer", "p2", "r3", cost_nusd=None, at=TODAY),
)
"""Two models, two roles, two projects, on two days."""

OpenPage = Callable[[Sequence[Worked]], UsagePanel]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def open_page(qtbot: QtBot, home: Path) -> Iterator[OpenPage]:
    """Opens the page on what these turns used."""
    begun: list[Bridge] = []
    opened: list[UsagePanel] = []

    def open_on(turns: Sequence[Worked]) -> UsagePanel:
        asyncio.run(_used(home, turns))
        bridge = Bridge(lambda: open_studio({**os.environ, "STUDIO_HOME": str(home)}, Access.READ))
        begun.append(bridge)
        with qtbot.waitSignal(bridge.ready, timeout=SECONDS):
            bridge.start()
        panel = UsagePanel(bridge, Theme("dark"))
        opened.append(panel)
        qtbot.addWidget(panel.widget)
        bridge.events_arrived.connect(panel.apply)
        panel.widget.resize(1100, 700)
        panel.widget.show()
        return panel

    yield open_on
    assert all([bridge.stop() for bridge in begun])


def page(qtbot: QtBot, panel: UsagePanel) -> UsageView:
    """The page once it shows a report."""
    qtbot.waitUntil(lambda: panel.view is not None, timeout=SECONDS)
    view = panel.view
    assert view is not None
    qtbot.waitUntil(lambda: view.pages.currentWidget() is view.page, timeout=SECONDS)
    return view


async def _used(home: Path, turns: Sequence[Worked]) -> None:
    await filled(Paths(home).database, turns, {"p1": "shop", "p2": "till"})
    if not turns:
        return
    database = await Database.open(Paths(home).database)
    async with database.transaction() as connection:
        await fail(connection, turns[0], "overloaded")
        await budgets.save(connection, Budget(Scope(ScopeKind.COMPANY), Period.TOTAL, NanoUsd(5 * DOLLAR)))
        await budgets.save(connection, Budget(Scope(ScopeKind.PROJECT, "p1"), Period.TOTAL, NanoUsd(4 * DOLLAR)))
    await database.close()
