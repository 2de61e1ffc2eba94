"""What a run will take is told for the model that is chosen, from what the project has seen."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import cast

import pytest

from studio.adapters.clock import SystemClock
from studio.app.choices import Choices
from studio.app.estimates import Estimates
from studio.domain.budgets import Budget, Period, Scope, ScopeKind
from studio.domain.estimates import Estimate, Figures
from studio.domain.events import UsageRecorded
from studio.domain.models import ModelRef
from studio.domain.money import NanoUsd
from studio.events.hub import Hub
from studio.router.ledger import Ledger
from studio.router.prices import Price, Prices
from studio.store import projects, runs, usage
from studio.store.database import Database
from tests.fixtures.memory import a_project, a_run, recorder_on

SHOP = a_project()
NEW = "openai/new"
DOLLAR = 1_000_000_000


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """Six engineers' runs with one model: the n-th took n steps of 100,000 tokens said, at a tenth of a dollar each."""
    opened = await Database.open(tmp_path / "studio.db")
    async with opened.transaction() as connection:
        await projects.add(connection, SHOP)
        for number in range(1, 7):
            run = a_run(SHOP, model=ModelRef.parse("auto/role"))
            await runs.add(connection, run)
            for step in range(number):
                spent = UsageRecorded("t1", step + 1, "openai/old", "engineer", 10, 100_000, 0, 0, DOLLAR // 10, 2000)
                usage.add(connection, SHOP.id, run.id, spent)
    yield opened
    await opened.close()


@pytest.fixture
def ledger(database: Database) -> Ledger:
    return Ledger(database, recorder_on(database, Hub()), PRICES, SystemClock())


@pytest.fixture
def estimates(database: Database, ledger: Ledger) -> Estimates:
    return Estimates(database, ledger, PRICES, cast(Choices, None), SystemClock())


PRICES = Prices({NEW: Price(Decimal(0), Decimal(30))})
"""Three dollars for 100,000 tokens that are said."""


async def test_a_models_own_runs_tell_what_the_next_one_takes(estimates: Estimates) -> None:
    told = (await estimates.of(SHOP.id, "engineer", "openai/old")).estimate
    assert told == Estimate(6, Figures(3, 6.0, NanoUsd(3 * DOLLAR // 10)), Figures(6, 12.0, NanoUsd(6 * DOLLAR // 10)))


async def test_a_model_without_runs_is_told_from_the_tokens_of_others_at_its_own_price(estimates: Estimates) -> None:
    told = (await estimates.of(SHOP.id, "engineer", NEW)).estimate
    half, most = Figures(3, None, NanoUsd(9 * DOLLAR)), Figures(6, None, NanoUsd(18 * DOLLAR))
    assert told == Estimate(6, half, most, by_price=True)


async def test_an_automatic_model_is_told_from_the_runs_that_took_it(estimates: Estimates) -> None:
    assert (await estimates.of(SHOP.id, "engineer", "auto/role")).estimate.runs == 6
    assert (await estimates.of(SHOP.id, "engineer", "auto/fast")).estimate == Estimate(0)


async def test_a_role_that_never_worked_is_told_nothing(estimates: Estimates) -> None:
    assert (await estimates.of(SHOP.id, "tester", NEW)).estimate == Estimate(0)


async def test_it_is_told_that_a_budget_may_not_suffice(estimates: Estimates, ledger: Ledger) -> None:
    enough = Budget(Scope(ScopeKind.COMPANY), Period.TOTAL, NanoUsd(21 * DOLLAR))
    await ledger.set_budget(enough)
    assert not (await estimates.of(SHOP.id, "engineer", NEW)).may_not_suffice

    tight = replace(enough, scope=Scope(ScopeKind.PROJECT, SHOP.id), ceiling_nusd=NanoUsd(17 * DOLLAR))
    await ledger.set_budget(tight)
    foreseen = await estimates.of(SHOP.id, "engineer", NEW)
    assert foreseen.may_not_suffice
    assert foreseen.tightest is not None
    assert foreseen.tightest.budget == tight
