"""The budget in the status bar: the one of a run's that ends first, calm until it is nearly gone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from pytestqt.qtbot import QtBot

from studio.domain.budgets import Balance, Budget, Period, Scope, ScopeKind
from studio.domain.events import BudgetSet, Recorded
from studio.domain.ids import ProjectId, RunId
from studio.domain.money import NanoUsd
from studio.ui.bridge import Bridge
from studio.ui.status.budget import BudgetItem, standing
from studio.ui.status.view import StatusView
from studio.ui.theme import Theme
from tests.fixtures.quiet_doors import QuietDoors

DOLLAR = 1_000_000_000
COMPANY = Budget(Scope(ScopeKind.COMPANY), Period.MONTH, NanoUsd(20 * DOLLAR))
TASK = Budget(Scope(ScopeKind.TASK, "w1"), Period.TOTAL, NanoUsd(2 * DOLLAR))

Open = Callable[[], StatusView]


class Budgets(QuietDoors):
    """A company with a budget, and a run r1 for a task with one of its own that is nearer its end."""

    def __init__(self) -> None:
        super().__init__()
        self.budgets = self
        self.company: Balance | None = Balance(COMPANY, NanoUsd(5 * DOLLAR))

    async def nearest(self, _project: ProjectId | None, run: RunId | None = None) -> Balance | None:
        return Balance(TASK, NanoUsd(DOLLAR)) if run == "r1" else self.company


@pytest.fixture
def doors() -> Budgets:
    return Budgets()


@pytest.fixture
def item(qtbot: QtBot, bridge: Bridge, theme: Theme) -> BudgetItem:
    view = StatusView(theme)
    qtbot.addWidget(view)
    made = BudgetItem(bridge, theme, view)
    made.read()
    qtbot.waitUntil(lambda: view.items["budget"].text() == "25% of $20.00")
    return made


def test_it_stays_and_says_of_what_so_much_is_used(item: BudgetItem) -> None:
    button = item._view.items["budget"]
    assert button.isVisibleTo(item._view)
    assert button.accessibleName() == "$5.00 of the budget of $20.00 per month for the company is used. Show usage"


def test_with_another_run_it_is_that_runs_nearest(qtbot: QtBot, item: BudgetItem) -> None:
    item.follow(ProjectId("p1"), RunId("r1"))
    qtbot.waitUntil(lambda: item._view.items["budget"].text() == "50% of $2.00")


def test_a_budget_that_is_set_or_removed_is_shown_soon(qtbot: QtBot, item: BudgetItem, doors: Budgets) -> None:
    doors.company = Balance(COMPANY, NanoUsd(19 * DOLLAR))
    item.apply([Recorded(1, datetime(2026, 1, 1, tzinfo=UTC), None, None, BudgetSet("company", "month", 1, 80))])
    qtbot.waitUntil(lambda: item._view.items["budget"].text() == "! 95% of $20.00")

    doors.company = None
    item.read()
    qtbot.waitUntil(lambda: not item._view.items["budget"].isVisibleTo(item._view))


@pytest.mark.parametrize(
    ("paid", "held", "kept", "text", "color"),
    [
        (15 * DOLLAR, 5 * DOLLAR, 0, "75% of $20.00", "accent"),
        (15 * DOLLAR, DOLLAR, DOLLAR, "! 80% of $20.00", "warn"),
        (20 * DOLLAR - 1, 0, 0, "! 99% of $20.00", "warn"),
        (25 * DOLLAR, 0, 0, "budget used up", "error"),
    ],
    ids=["what is held comes back", "the alert", "not quite", "no more"],
)
def test_words_and_colour_follow_what_is_gone(paid: int, held: int, kept: int, text: str, color: str) -> None:
    shown = standing(Balance(COMPANY, NanoUsd(paid), NanoUsd(held), NanoUsd(kept)))
    assert (shown.text, shown.color) == (text, color)


def test_what_calls_under_way_hold_is_told_in_the_hint() -> None:
    shown = standing(Balance(TASK, NanoUsd(DOLLAR), NanoUsd(DOLLAR // 2)))
    assert shown.hint == (
        "$1.00 of the budget of $2.00 in total for this task is used."
        " $0.5000 more is held for calls under way. Show usage"
    )
