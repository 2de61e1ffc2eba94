"""What saving costs: Studio's recorder beside SQLite itself with the same settings, on the same disk.

python -m benchmarks.store [--folder FOLDER] [--rounds N]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sqlite3
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path
from statistics import median, quantiles

from studio.adapters.clock import SystemClock
from studio.base.redact import Redactor
from studio.domain.events import ToolAnswered
from studio.domain.ids import ProjectId, RunId
from studio.domain.models import ModelRef
from studio.domain.projects import Project
from studio.domain.runs import Run
from studio.events.hub import Hub
from studio.events.recorder import Recorder
from studio.events.replay import follow
from studio.store import event_log, projects, runs
from studio.store.database import Database

EVENT = ToolAnswered("c1a2b3c4d", "shell", True, "a line of output\n" * 30, "ran the tests", 12.5)
WRITERS = 10
SECRET = "sk-0123456789-abcdefghij-0123456789"
INSERT = "INSERT INTO events (time, project, run, kind, payload) VALUES (?, ?, ?, ?, ?)"
PRAGMAS = ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL", "PRAGMA foreign_keys = ON")


def row(name: str, seconds: list[float]) -> tuple[str, float, float]:
    """A line of the table: median and 99th percentile in milliseconds."""
    return name, median(seconds) * 1e3, quantiles(seconds, n=100)[98] * 1e3


def floor(folder: Path, rounds: int) -> list[float]:
    """SQLite from Python on its own: begin, one insert, commit."""
    taken = []
    with closing(sqlite3.connect(folder / "floor.db", isolation_level=None)) as connection:
        for pragma in PRAGMAS:
            connection.execute(pragma)
        connection.execute(
            "CREATE TABLE events (seq INTEGER PRIMARY KEY, time TEXT, project TEXT, run TEXT, kind TEXT, payload TEXT)"
        )
        payload = json.dumps({"text": EVENT.text})
        for _ in range(rounds):
            start = time.perf_counter()
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(INSERT, ("2026-01-01T00:00:00.000000Z", "p1", "r1", "tool_answered", payload))
            connection.execute("COMMIT")
            taken.append(time.perf_counter() - start)
    return taken


async def timed(work: Callable[[], Awaitable[object]], rounds: int) -> list[float]:
    """How long each round took, in seconds."""
    taken = []
    for _ in range(rounds):
        start = time.perf_counter()
        await work()
        taken.append(time.perf_counter() - start)
    return taken


async def measure(folder: Path, rounds: int) -> None:
    """Prints the table."""
    table = [row("floor: sqlite3, one insert", floor(folder, rounds))]
    database = await Database.open(folder / "studio.db")
    hub = Hub()
    recorder = Recorder(database, hub, SystemClock(), Redactor([SECRET]))
    project = Project(ProjectId.new(), "bench", folder, SystemClock().now())
    run = Run(RunId.new(), project.id, "engineer", "t", ModelRef("ollama", "m"), "main", "a", "b", "a", project.created)
    async with database.transaction() as connection:
        await projects.add(connection, project)
        await runs.add(connection, run)

    async def one_event() -> None:
        await recorder.record(project.id, run.id, EVENT)

    async def four_events_and_a_run() -> None:
        async with recorder.unit(project.id, run.id) as unit:
            await runs.save(unit.connection, run)
            for _ in range(4):
                unit.record(EVENT)

    async def one_run_read() -> None:
        async with database.reading() as connection:
            await runs.get(connection, run.id)

    table.append(row("one event", await timed(one_event, rounds)))
    table.append(row("four events and a run's state", await timed(four_events_and_a_run, rounds)))
    table.append(row("read one run", await timed(one_run_read, rounds)))
    crowd: list[float] = []

    async def writer() -> None:
        crowd.extend(await timed(one_event, rounds // WRITERS))

    start = time.perf_counter()
    await asyncio.gather(*(writer() for _ in range(WRITERS)))
    rate = rounds // WRITERS * WRITERS / (time.perf_counter() - start)
    table.append(row(f"one event, {WRITERS} writers at once (waiting included)", crowd))
    print_table(table)
    print(f"\n{WRITERS} writers together: {rate:,.0f} events saved per second")
    await measure_reading(database, hub)
    await database.close()
    start = time.perf_counter()
    database = await Database.open(folder / "studio.db")
    async with database.reading() as connection:
        await event_log.last_seq(connection)
    print(f"open an existing database and read from it: {(time.perf_counter() - start) * 1e3:.1f} ms")
    await database.close()


async def measure_reading(database: Database, hub: Hub) -> None:
    """Prints how quickly the log is replayed."""
    async with database.reading() as connection:
        last = await event_log.last_seq(connection)
    start = time.perf_counter()
    async for item in follow(database, hub):
        if getattr(item, "seq", 0) == last:
            break
    print(f"replay: {last / (time.perf_counter() - start):,.0f} events per second")


def print_table(table: list[tuple[str, float, float]]) -> None:
    """Prints each row beside the first."""
    print(f"{'':58}{'median ms':>10}{'p99 ms':>10}{'× floor':>10}")
    for name, middle, high in table:
        print(f"{name:58}{middle:>10.3f}{high:>10.3f}{middle / table[0][1]:>10.1f}")


def main() -> None:
    """Reads the arguments and measures in a folder of its own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, help="where to write; its disk is what is measured")
    parser.add_argument("--rounds", type=int, default=1000)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=wanted.folder) as folder:
        asyncio.run(measure(Path(folder), wanted.rounds))


if __name__ == "__main__":
    main()
