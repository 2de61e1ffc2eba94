"""A report of usage: all that the page of usage shows of one time, read in one moment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container
from dataclasses import dataclass

from studio.app.usage_advice import Advice, advise, too_little
from studio.domain.budgets import Balance
from studio.domain.ids import ProjectId
from studio.domain.intervals import Count
from studio.domain.money import NanoUsd
from studio.domain.routing import RoutingTable
from studio.domain.within import Within
from studio.store import briefs, event_log, performance, tasks, usage
from studio.store.connection import Connection
from studio.store.event_log import FailedTries
from studio.store.performance import TriesRow as TriesRow
from studio.store.performance import TurnsRow, TypicalRow
from studio.store.usage import UsageRow as UsageRow

STACKED = ("model", "role", "project")
"""What days can be stacked by."""

DEAREST = 12
"""How many runs and tasks are named."""

_NOTHING = UsageRow(0, 0, 0, 0, 0, None, 0)

MONTH = ("day", "project", "role", "model")
"""What the rows of a month's report stand for, each."""


@dataclass(frozen=True, slots=True)
class ModelView:
    """One model: its calls, what they cost, how its tries went, and how the turns ended that it worked in alone.

    `tries` is None where none is known but answers that were given again.
    """

    model: str
    used: UsageRow
    passed: Count
    tries: TriesRow | None = None

    @property
    def failed(self) -> int:
        """How many of its tries failed."""
        return self.tries.failed if self.tries else 0

    @property
    def median_ms(self) -> float | None:
        """How long the middle call took."""
        return self.tries.median_ms if self.tries else None

    @property
    def slow_ms(self) -> float | None:
        """How long the slowest call but one in twenty took."""
        return self.tries.slow_ms if self.tries else None


@dataclass(frozen=True, slots=True)
class UsageReport:
    """`total` is None when no call was made; `days` holds, for each way to stack, one row per day and part.

    `titles` names the tasks and briefs by their ids, as far as they are there still.
    """

    within: Within
    total: UsageRow | None
    days: dict[str, tuple[UsageRow, ...]]
    models: tuple[ModelView, ...]
    providers: tuple[TriesRow, ...]
    failures: tuple[FailedTries, ...]
    runs: tuple[UsageRow, ...]
    tasks: tuple[UsageRow, ...]
    briefs: tuple[UsageRow, ...]
    titles: dict[str, str]
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
    # Calls for none of them are a row as well.
    of_runs = [row for row in await rows("run", dearest=DEAREST + 1) if row.run]
    of_tasks = [row for row in await rows("task", dearest=DEAREST + 1) if row.task]
    of_briefs = [row for row in await rows("brief", dearest=DEAREST + 1) if row.brief]
    return UsageReport(
        within=within,
        total=total,
        days={by: await rows("day", by) for by in STACKED},
        models=await _models(connection, within, await rows("model"), ended),
        providers=await performance.tries(connection, within, by="provider"),
        failures=failures,
        runs=tuple(of_runs[:DEAREST]),
        tasks=tuple(of_tasks[:DEAREST]),
        briefs=tuple(of_briefs[:DEAREST]),
        titles={
            **await tasks.titles(connection, within.project),
            **await briefs.titles(connection, within.project),
        },
        run_price=await performance.typical(connection, within, "run"),
        task_price=await performance.typical(connection, within, "task"),
        advice=advise(ended, failures, table),
        no_advice=too_little(ended),
    )


async def _models(
    connection: Connection, within: Within, used: tuple[UsageRow, ...], ended: tuple[TurnsRow, ...]
) -> tuple[ModelView, ...]:
    tries = {f"{row.provider}/{row.model}": row for row in await performance.tries(connection, within)}
    known = {f"{row.provider}/{row.model}": row for row in used}
    turns, passed = Counter[str](), Counter[str]()
    for end in ended:
        turns[f"{end.provider}/{end.model}"] += end.turns
        passed[f"{end.provider}/{end.model}"] += end.passed
    # A model that only ever failed used nothing, and is to be seen all the same.
    views = [
        ModelView(name, known.get(name, _NOTHING), Count(passed[name], turns[name]), tries.get(name))
        for name in {**known, **tries}
    ]
    return tuple(sorted(views, key=lambda view: (-(view.used.cost_nusd or 0), -view.used.calls, view.model)))


def hit_rate(row: UsageRow) -> float:
    """The part of the input that was read from the provider's cache."""
    return row.cache_read / row.input if row.input else 0.0


def cost_of(row: UsageRow) -> NanoUsd:
    """What a sum cost as far as prices are known."""
    return NanoUsd(row.cost_nusd or 0)


def of_project(balance: Balance, project: ProjectId | None, titles: Container[str]) -> bool:
    """Whether a budget has to do with what is shown: all, or the company's, the project's and those of its `titles`."""
    scope = balance.budget.scope
    return project is None or not scope.id or scope.id == project or scope.id in titles
