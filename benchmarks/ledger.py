"""What it costs to hold money before a call and to settle after it, with many calls on the books.

python -m benchmarks.ledger [--folder FOLDER] [--calls N] [--rounds N]

The floor is two transactions of SQLite itself with the same settings on the same disk: one insert each.
"""

from __future__ import annotations

import argparse
import asyncio
import sqlite3
import tempfile
import time
from contextlib import closing
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from statistics import median, quantiles

from studio.adapters.clock import SystemClock
from studio.base.redact import Redactor
from studio.contracts.chat_model import ModelRequest
from studio.domain.budgets import Budget, Payer, Period, Scope, ScopeKind
from studio.domain.events import UsageRecorded
from studio.domain.ids import ProjectId, RunId, TurnId
from studio.domain.messages import ChatMessage, Speaker
from studio.domain.models import ModelRef
from studio.domain.money import NanoUsd
from studio.events.hub import Hub
from studio.events.recorder import Recorder
from studio.router.ledger import Ledger, settle
from studio.router.prices import Price, Prices
from studio.store import usage
from studio.store.database import Database

MODEL = ModelRef("openai", "dear")
PAYER = Payer(ProjectId("p1"), RunId("r7"), TurnId("t1"), 1, "engineer")
REQUEST = ModelRequest("", "Be kind.", (ChatMessage(Speaker.HUMAN, "Hello. " * 500),))
SPENT = UsageRecorded("t1", 1, str(MODEL), "engineer", 3000, 300, cost_nusd=12_345)
PRAGMAS = ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL", "PRAGMA foreign_keys = ON")
PROJECTS, RUNS, DAYS = 10, 2000, 365
BATCH = 5000


def floor(folder: Path, rounds: int) -> list[float]:
    """SQLite from Python on its own: begin, one insert, commit, and that again."""
    taken = []
    with closing(sqlite3.connect(folder / "floor.db", isolation_level=None)) as connection:
        for pragma in PRAGMAS:
            connection.execute(pragma)
        connection.execute("CREATE TABLE held (id INTEGER PRIMARY KEY, run TEXT, nusd INTEGER)")
        for _ in range(rounds):
            start = time.perf_counter()
            for _ in range(2):
                connection.execute("BEGIN IMMEDIATE")
                connection.execute("INSERT INTO held (run, nusd) VALUES (?, ?)", ("r1", 12_345))
                connection.execute("COMMIT")
            taken.append(time.perf_counter() - start)
    return taken


async def fill(database: Database, calls: int) -> None:
    """Puts that many calls of the last year on the books."""
    now = SystemClock().now()
    for first in range(0, calls, BATCH):
        async with database.transaction() as connection:
            for at in range(first, min(first + BATCH, calls)):
                when = now - timedelta(days=DAYS * at / calls)
                usage.add(connection, ProjectId(f"p{at % PROJECTS}"), RunId(f"r{at % RUNS}"), SPENT, when)


async def pairs(ledger: Ledger, database: Database, rounds: int) -> tuple[list[float], list[float]]:
    """How long holding and settling took, each, in seconds."""
    holding, settling = [], []
    for _ in range(rounds):
        start = time.perf_counter()
        held = await ledger.hold(PAYER, MODEL, REQUEST)
        holding.append(time.perf_counter() - start)
        start = time.perf_counter()
        async with database.transaction() as connection:
            usage.add(connection, PAYER.project, PAYER.run, SPENT)
            settle(connection, held)
        await ledger.paid(PAYER)
        settling.append(time.perf_counter() - start)
    return holding, settling


def say(name: str, seconds: list[float]) -> None:
    """A line of the table: median and 99th percentile in milliseconds."""
    print(f"{name:52} {median(seconds) * 1e3:8.2f} ms   p99 {quantiles(seconds, n=100)[98] * 1e3:8.2f} ms")


async def measure(folder: Path, calls: int, rounds: int) -> None:
    """Prints the table."""
    say("floor: sqlite3, two inserts in two transactions", floor(folder, rounds))
    database = await Database.open(folder / "studio.db")
    recorder = Recorder(database, Hub(Redactor(())), SystemClock(), Redactor(()))
    prices = Prices({str(MODEL): Price(Decimal("0.7"), Decimal("3.3"))})
    ledger = Ledger(database, recorder, prices, SystemClock())
    await fill(database, calls)
    scopes = [Scope(ScopeKind.COMPANY), Scope(ScopeKind.PROJECT, PAYER.project), Scope(ScopeKind.RUN, PAYER.run)]
    for name, kinds, periods in (
        ("no budget", [], []),
        ("one budget: the company's in total", scopes[:1], [Period.TOTAL]),
        ("nine budgets: three scopes, three periods", scopes, list(Period)),
    ):
        for scope in kinds:
            for period in periods:
                await ledger.set_budget(Budget(scope, period, NanoUsd(10**15)))
        holding, settling = await pairs(ledger, database, rounds)
        say(f"hold, {name}", holding)
        say(f"settle and look for alerts, {name}", settling)
    await database.close()


def main() -> None:
    """Reads the words of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--calls", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=200)
    words = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=words.folder) as folder:
        asyncio.run(measure(Path(folder), words.calls, words.rounds))


if __name__ == "__main__":
    main()
