"""What each scope paid by day agrees with the calls themselves, those of an older folder included."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from studio.domain.budgets import Scope
from studio.domain.events import UsageRecorded
from studio.domain.ids import ProjectId, RunId
from studio.store import paid, usage
from studio.store.database import Database
from studio.store.migrate import SCRIPTS, upgrade

SECOND = datetime(2026, 3, 2, tzinfo=UTC)
OLDER = """
INSERT INTO usage (time, project, run, turn, step, role, provider, model,
    input, output, cache_read, cache_write, cost_nusd, milliseconds)
VALUES (?, 'p1', ?, 't1', 1, 'engineer', 'openai', 'dear', 1, 1, 0, 0, ?, 1)
"""


async def sums(database: Database, *scopes: str, since: datetime | None = None) -> list[int]:
    """What these scopes paid."""
    async with database.reading() as connection:
        return [await connection.run(paid.sum_of, Scope.parse(scope), since) for scope in scopes]


async def test_a_call_counts_for_all_that_it_belongs_to_from_its_day_on(tmp_path: Path) -> None:
    database = await Database.open(tmp_path / "studio.db")
    for day, cost in ((1, 5), (2, 70), (2, None)):
        spent = UsageRecorded("t1", 1, "openai/dear", "engineer", 1, 1, cost_nusd=cost)
        async with database.transaction() as connection:
            moment = datetime(2026, 3, day, 23, 59, 59, 999_999, UTC)
            usage.add(connection, ProjectId("p1"), RunId("r1"), spent, moment, task="w1")
    scopes = ("company", "project:p1", "task:w1", "run:r1", "run:r2", "brief:b1")
    assert await sums(database, *scopes) == [75, 75, 75, 75, 0, 0]
    assert await sums(database, *scopes, since=SECOND) == [70, 70, 70, 70, 0, 0]
    await database.close()


async def test_what_an_older_folder_paid_is_summed_when_it_opens(tmp_path: Path) -> None:
    path, before = tmp_path / "studio.db", tmp_path / "before"
    shutil.copytree(SCRIPTS, before, ignore=lambda _, names: [name for name in names if "0007" <= name < "a"])
    upgrade(path, before)
    with closing(sqlite3.connect(path)) as older, older:
        calls = (("01T10", "r1", 5), ("02T10", "r1", 70), ("02T11", "r2", 900), ("02T12", "r2", None))
        older.executemany(OLDER, [(f"2026-03-{time}:00:00.000000Z", run, cost) for time, run, cost in calls])
    database = await Database.open(path)
    assert await sums(database, "company", "p1", "run:r1", "run:r2") == [975, 975, 75, 900]
    assert await sums(database, "company", "run:r1", since=SECOND) == [970, 70]
    await database.close()
