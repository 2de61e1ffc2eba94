"""The usage door: tokens and cost."""

from __future__ import annotations

import csv
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from io import StringIO
from pathlib import Path
from typing import Any

from studio.app import usage_report
from studio.app.usage_report import MONTH, UsageReport
from studio.base.aio import in_thread
from studio.contracts.clock import Clock
from studio.domain.errors import UserError
from studio.domain.ids import ProjectId
from studio.domain.money import NanoUsd, to_usd
from studio.domain.routing import RoutingTable
from studio.domain.within import Within
from studio.router.ledger import Ledger
from studio.store import projects, usage
from studio.store.database import Database
from studio.store.usage import UsageRow as UsageRow

COLUMNS = (
    "project",
    "run",
    "role",
    "provider",
    "model",
    "day",
    "calls",
    "input",
    "output",
    "cache_read",
    "cache_write",
)
"""What of a sum stands in a list for other programs, before its cost."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class TodayView:
    """What was used since midnight UTC; `cost_nusd` leaves out `unpriced` calls."""

    cost_nusd: int
    input: int
    output: int
    unpriced: int


class Usages:
    """Sums over the ledger of model calls."""

    def __init__(
        self, database: Database, clock: Clock, ledger: Ledger, table: Callable[[], Awaitable[RoutingTable]]
    ) -> None:
        self._database = database
        self._clock = clock
        self._ledger = ledger
        self._table = table

    async def rows(
        self,
        project: ProjectId | None = None,
        by: str | tuple[str, ...] = "run",
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> tuple[UsageRow, ...]:
        """Sums grouped by `model`, `role`, `run`, `task`, `brief`, `day` or several, from `since` on to `until`."""
        async with self._database.reading() as connection:
            return await usage.rows(connection, project=project, since=since, until=until, by=by)

    async def today(self) -> TodayView:
        """What was used today."""
        within = Within.days(self._today(), self._today())
        found = await self.rows(by=(), since=within.since)
        return TodayView(
            sum(row.cost_nusd or 0 for row in found),
            sum(row.input or 0 for row in found),
            sum(row.output or 0 for row in found),
            sum(row.unpriced for row in found),
        )

    async def report(self, within: Within) -> UsageReport:
        """All that can be told of these calls, and where the budgets stand now."""
        async with self._database.reading() as connection:
            report = await usage_report.read(connection, within, await self._table())
        balances = await self._ledger.balances()
        related = tuple(one for one in balances if usage_report.of_project(one, within.project, report.titles))
        return replace(report, balances=related)

    async def month_csv(self, month: date, project: ProjectId | None = None) -> str:
        """A month as comma-separated values: a line for each day, project, role and model, and a head line."""
        within = Within.month(month, project)
        found = await self.rows(project, MONTH, within.since, within.until)
        return as_csv(found, await self.names())

    async def save(self, path: Path, text: str) -> None:
        """Writes a list to a file of the person's, in place of what it held; raises UserError."""
        try:
            await in_thread(path.write_text, text, "utf-8")
        except OSError as error:
            raise UserError(f"{path} cannot be written: {error.strerror}.", "Choose another place.") from error

    async def names(self) -> dict[str, str]:
        """What projects are called."""
        async with self._database.reading() as connection:
            return {project.id: project.name for project in await projects.all_projects(connection)}

    def _today(self) -> date:
        return self._clock.now().date()


def described(row: UsageRow, names: dict[str, str]) -> dict[str, Any]:
    """A sum for other programs; its cost is None when it leaves calls out, which would look like the whole."""
    return {
        **{name: getattr(row, name) for name in COLUMNS},
        "project": names.get(row.project, row.project) if row.project else None,
        "cost_usd": None if row.unpriced or row.cost_nusd is None else float(to_usd(NanoUsd(row.cost_nusd))),
        "unpriced": row.unpriced,
        "saved_usd": float(to_usd(NanoUsd(row.saved_nusd))),
        "task": row.task,
        "brief": row.brief,
    }


def as_csv(rows: tuple[UsageRow, ...], names: dict[str, str]) -> str:
    """Sums as comma-separated values with a head line."""
    text = StringIO()
    writer = csv.DictWriter(text, (*COLUMNS, "cost_usd", "unpriced", "saved_usd", "task", "brief"))
    writer.writeheader()
    writer.writerows({name: _cell(value) for name, value in described(row, names).items()} for row in rows)
    return text.getvalue()


def _cell(value: Any) -> Any:
    # A name that begins like a formula would be run by a program for tables.
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
