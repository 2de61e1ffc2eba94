"""The usage door: tokens and cost."""

from __future__ import annotations

from dataclasses import dataclass

from studio.contracts.clock import Clock
from studio.domain.ids import ProjectId
from studio.store import usage
from studio.store.database import Database
from studio.store.usage import UsageRow


@dataclass(frozen=True, slots=True)
class TodayView:
    """What was used since midnight UTC; `cost_nusd` leaves out `unpriced` calls."""

    cost_nusd: int
    input: int
    output: int
    unpriced: int


class Usages:
    """Sums over the ledger of model calls."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def rows(self, project: ProjectId | None = None, by: str = "run") -> tuple[UsageRow, ...]:
        """Sums grouped by `model`, `role`, `run`, `task` or `day`."""
        async with self._database.reading() as connection:
            return await usage.rows(connection, project=project, by=by)

    async def today(self) -> TodayView:
        """What was used today."""
        day = self._clock.now().date().isoformat()
        rows = [row for row in await self.rows(by="day") if row.day == day]
        return TodayView(
            sum(row.cost_nusd or 0 for row in rows),
            sum(row.input for row in rows),
            sum(row.output for row in rows),
            sum(row.unpriced for row in rows),
        )
