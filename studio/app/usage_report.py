"""A report of usage: all that the page of usage shows of one time, read in one moment."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from studio.app.usage_advice import Advice, advise, too_little
from studio.domain.budgets import Balance
from studio.domain.ids import ProjectId
from studio.domain.intervals import Count
from studio.domain.models import ModelRef
from studio.domain.money import NanoUsd
from studio.domain.routing import RoutingTable
from studio.domain.within import Within
from studio.store import event_log, performance, usage
from studio.store.connection import Connection
from studio.store.event_log import FailedTries
from studio.store.performance import TurnsRow, TypicalRow
from studio.store.usage import UsageRow as UsageRow

STACKED = ("model", "role", "project")
"""What days can be stacked by."""

DEAREST = 12
"""How many runs and tasks are named."""

MONTH = ("day", "project", "role", "model")
"""What the rows of a month's report stand for, each."""


@dataclass(frozen=True, slots=True)
class ModelView:
    """One model: its calls, what they cost, how fast it was, and how the turns ended that it worked in alone."""

    model: str
    used: UsageRow
    failed: int
    passed: Count
    median_ms: float | None = None
    slow_ms: float | None = None
    output_per_second: float | None = None


@dataclass(frozen=True, slots=True)
class UsageReport:
    """`total` is None when no call was made; `days` holds, for each way to stack, one row per day and part."""

    within: Within
    total: UsageRow | None
    days: dict[str, tuple[UsageRow, ...]]
    models: tuple[ModelView, ...]
    failures: tuple[FailedTries, ...]
    runs: tuple[UsageRow, ...]
    tasks: tuple[UsageRow, ...]
    run_price: TypicalRow
    task_price: TypicalRow
    advice: tuple[Advice, ...]
    no_advice: str
    balances: tuple[Balance, ...] = ()


async def read(connection: Connection, within: Within, table: RoutingTable) -> UsageReport:
    """The report of these calls, without the budgets; advice names the tiers that models have in `table`."""

    async def rows(*by: str, dearest: int | None = None) -> tuple[UsageRow, ...]:
        return await usage.rows(
            connection, project=within.project, since=within.since, until=within.until, by=by, dearest=dearest
        )

    total = next((row for row in await rows() if row.calls), None)
    ended = await performance.turns(connection, within)
    failures = await event_log.failures(connection, within)
    tasks = [row for row in await rows("task", dearest=DEAREST + 1) if row.task]
    return UsageReport(
        within=within,
        total=total,
        days={by: await rows("day", by) for by in STACKED},
        models=await _models(connection, within, await rows("model"), ended),
        failures=failures,
        runs=await rows("run", dearest=DEAREST),
        tasks=tuple(tasks[:DEAREST]),
        run_price=await performance.typical(connection, within, "run"),
        task_price=await performance.typical(connection, within, "task"),
        advice=advise(ended, failures, table),
        no_advice=too_little(ended),
    )


async def _models(
    connection: Connection, within: Within, used: tuple[UsageRow, ...], ended: tuple[TurnsRow, ...]
) -> tuple[ModelView, ...]:
    tries = {f"{row.provider}/{row.model}": row for row in await performance.tries(connection, within)}
    turns, passed = Counter[str](), Counter[str]()
    for end in ended:
        turns[f"{end.provider}/{end.model}"] += end.turns
        passed[f"{end.provider}/{end.model}"] += end.passed
    views = []
    for row in used:
        name = str(ModelRef(row.provider or "", row.model or ""))
        went = tries.get(name)
        views.append(
            ModelView(
                name,
                row,
                went.failed if went else 0,
                Count(passed[name], turns[name]),
                *((went.median_ms, went.slow_ms, went.output_per_second) if went else ()),
            )
        )
    return tuple(sorted(views, key=lambda view: (-(view.used.cost_nusd or 0), -view.used.calls, view.model)))


def hit_rate(row: UsageRow) -> float:
    """The part of the input that was read from the provider's cache."""
    return row.cache_read / row.input if row.input else 0.0


def cost_of(row: UsageRow) -> NanoUsd:
    """What a sum cost as far as prices are known."""
    return NanoUsd(row.cost_nusd or 0)


def of_project(balance: Balance, project: ProjectId | None) -> bool:
    """Whether a budget has to do with what is shown: all of them, or the company's and the project's own."""
    return project is None or not balance.budget.scope.id or balance.budget.scope.id == project
