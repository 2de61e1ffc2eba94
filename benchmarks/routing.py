"""How long it takes to decide which models a step tries, with many calls on the books, beside a bare look into them.

python -m benchmarks.routing [--folder FOLDER] [--calls N] [--rounds N]

The table has ten models, six of them on lines with others. The floor is one query of SQLite itself in a thread of its
own that the loop waits for.
"""

from __future__ import annotations

import argparse
import asyncio
import sqlite3
import tempfile
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from functools import partial
from pathlib import Path
from statistics import median, quantiles

from studio.adapters.clock import SystemClock
from studio.base.redact import Redactor
from studio.domain.budgets import Budget, Payer, Period, Scope, ScopeKind
from studio.domain.choosing import choose
from studio.domain.events import UsageRecorded
from studio.domain.fitness import Fitness, Tries
from studio.domain.ids import ProjectId, RunId, TurnId
from studio.domain.models import ModelRef
from studio.domain.money import NanoUsd
from studio.domain.roles import Tier
from studio.domain.routing import Wants
from studio.events.hub import Hub
from studio.events.recorder import Recorder
from studio.router.current_table import CurrentTable
from studio.router.facts import FactFinder
from studio.router.ledger import Ledger
from studio.router.prices import Prices
from studio.router.registry import Registry
from studio.router.routing import Routes
from studio.router.windows import Windows
from studio.store import fitness, usage
from studio.store.database import Database

TABLE = """
[tiers]
fast = [["groq/llama-3.1-8b-instant", "openai/gpt-5-nano", "gemini/gemini-2.5-flash-lite"], "ollama/qwen3:4b"]
standard = ["anthropic/claude-haiku-4-5", "openai/gpt-5-mini"]
strong = [["anthropic/claude-sonnet-4-5", "openai/gpt-5", "gemini/gemini-2.5-pro"], "ollama/qwen3:32b"]
"""
PAYER = Payer(ProjectId("p1"), RunId("r7"), TurnId("t1"), 1, "engineer")
WANTS = Wants(Tier.STRONG, 20_000, 40_000)
DAYS = 365
BATCH = 5000


async def fill(database: Database, models: tuple[ModelRef, ...], calls: int) -> None:
    """Puts that many calls of the last year on the books, and measures of the local models."""
    now = SystemClock().now()
    for first in range(0, calls, BATCH):
        async with database.transaction() as connection:
            for at in range(first, min(first + BATCH, calls)):
                model = str(models[at % len(models)])
                spent = UsageRecorded("t1", 1, model, "engineer", 3000, 300, 0, 0, 12_345, 2000.0 + at % 700)
                when = now - timedelta(days=DAYS * (1 - at / calls))
                usage.add(connection, ProjectId(f"p{at % 10}"), RunId(f"r{at % 2000}"), spent, when)
    async with database.transaction() as connection:
        for model in models:
            if model.provider == "ollama":
                tries = Tries(5)
                await fitness.save(connection, Fitness(model, now, 32_768, 24_000, tries, None, 4, 4, 30.0, 200.0))


async def say(name: str, rounds: int, act: Callable[[], Awaitable[object]]) -> None:
    """A line of the table: median and 99th percentile in milliseconds, and the processor time of all threads."""
    taken, worked = [], []
    for _ in range(rounds):
        start, before = time.perf_counter(), time.process_time()
        await act()
        taken.append((time.perf_counter() - start) * 1e3)
        worked.append((time.process_time() - before) * 1e3)
    slow = quantiles(taken, n=100)[98]
    print(f"{name:52} {median(taken):7.3f} ms   p99 {slow:7.3f} ms   processor {median(worked):7.3f} ms")


async def measure(folder: Path, calls: int, rounds: int) -> None:
    """Prints the table."""
    (folder / "models.toml").write_text(TABLE)
    registry, clock, prices = Registry(), SystemClock(), Prices()
    current = CurrentTable(folder / "models.toml", registry)
    table = await current.look()
    database = await Database.open(folder / "studio.db")
    await fill(database, table.models, calls)
    recorder = Recorder(database, Hub(Redactor(())), clock, Redactor(()))
    ledger = Ledger(database, recorder, prices, clock)
    for scope in (Scope(ScopeKind.COMPANY), Scope(ScopeKind.PROJECT, PAYER.project)):
        await ledger.set_budget(Budget(scope, Period.MONTH, NanoUsd(10**15)))
    facts = FactFinder(database, registry, prices, Windows(registry), clock, lambda _model: True)
    routes = Routes(current, facts, ledger)
    start = time.perf_counter()
    known = await facts.of(table)
    print(f"the first time, with the bundled list loaded: {(time.perf_counter() - start) * 1e3:.0f} ms")
    with closing(sqlite3.connect(folder / "studio.db", check_same_thread=False)) as bare, ThreadPoolExecutor(1) as pool:
        query = "SELECT milliseconds FROM usage ORDER BY id DESC LIMIT 30"
        look = partial(asyncio.get_running_loop().run_in_executor, pool, lambda: bare.execute(query).fetchall())
        await say("floor: one query of SQLite in a thread of its own", rounds, look)

    async def pure() -> None:
        choose(table, WANTS, known)

    named = (ModelRef.parse("auto/role"),)
    await say("the choice itself, all facts known", rounds, pure)
    await say("the facts", rounds, partial(facts.of, table))
    decision = partial(routes.of, named, "x", WANTS, PAYER)
    await say("the whole decision: table, budgets, facts, choice", rounds, decision)
    await database.close()


def main() -> None:
    """Reads the words of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--calls", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=500)
    words = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=words.folder) as folder:
        asyncio.run(measure(Path(folder), words.calls, words.rounds))


if __name__ == "__main__":
    main()
