from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from contextlib import aclosing
from pathlib import Path

import pytest

from studio.adapters.clock import SystemClock
from studio.base.aio import Tasks
from studio.domain.events import Recorded, ToolStarted
from studio.domain.ids import RunId
from studio.events.hub import Hub
from studio.events.replay import follow
from studio.events.tail import Tail
from studio.store import event_log, runs
from studio.store.database import Database

ROOT = Path(__file__).parents[3]


def writer(path: Path, count: int, events: int) -> subprocess.Popen[str]:
    """Another Studio that writes to the database at `path`."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.fixtures.writer_process", str(path), str(count), str(events)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


@pytest.mark.parametrize("acknowledged", [1, 5, 60])
async def test_what_a_killed_process_had_acknowledged_is_there(tmp_path: Path, acknowledged: int) -> None:
    with writer(tmp_path / "studio.db", 1_000_000, 3) as process:
        assert process.stdout is not None
        for _ in range(acknowledged):
            process.stdout.readline()
        process.kill()
        rest = process.stdout.read()
    # Lines the pipe still held were acknowledged too; the last one may be cut.
    units = acknowledged + rest.count("\n")
    database = await Database.open(tmp_path / "studio.db")
    async with database.reading() as connection:
        log = await event_log.since(connection, 0)
        run = await runs.get(connection, RunId("r0"))
    await database.close()
    assert len(log) >= units * 3
    assert [item.seq for item in log] == list(range(1, len(log) + 1))
    assert len(log) % 3 == 0
    assert isinstance(log[-1].event, ToolStarted)
    assert log[-1].event.call == str((int(run.title), 2))


async def test_what_another_process_saves_is_followed_here(database: Database, hub: Hub) -> None:
    tasks = Tasks()
    tasks.spawn(Tail(database, hub, SystemClock(), interval=0.01).run(), "tail")
    heard: list[int] = []
    with writer(database.path, 40, 5) as process:
        async with aclosing(follow(database, hub)) as feed, asyncio.timeout(60):
            async for item in feed:
                heard += [item.seq] if isinstance(item, Recorded) else []
                if len(heard) == 200:
                    break
        await asyncio.to_thread(process.communicate)
    await tasks.close()
    assert heard == list(range(1, 201))


async def test_two_processes_that_write_at_once_share_one_log(tmp_path: Path, database: Database, hub: Hub) -> None:
    with writer(database.path, 60, 2) as process:
        assert process.stdout is not None
        await asyncio.to_thread(process.stdout.readline)
        async with database.reading() as connection:
            run = await runs.get(connection, RunId("r0"))
        for _ in range(60):
            async with database.transaction() as connection:
                await runs.save(connection, run)
        await asyncio.to_thread(process.communicate)
        assert process.returncode == 0
    async with database.reading() as connection:
        assert await event_log.last_seq(connection) == 120
