"""How long a report of usage takes over many calls, beside one bare count of the same rows.

python -m benchmarks.usage [--calls N]
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import sqlite3
import tempfile
import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from statistics import median

from studio.app.bootstrap import open_studio
from studio.app.standing import Access
from studio.base.paths import Paths
from studio.domain.runs import Outcome
from studio.domain.within import Within
from tests.fixtures.spending import MORNING, Worked, filled

MODELS = ("anthropic/claude-opus-4", "anthropic/claude-sonnet-4", "openai/gpt-5", "groq/small", "ollama/qwen3")
ROLES = ("engineer", "architect", "designer", "qa", "reviewer")
STEPS = 10
DAYS = 365
ROUNDS = 5


def turns(count: int) -> list[Worked]:
    chance = random.Random(7)
    return [
        Worked(
            *(
                f"t{at}",
                chance.choice(MODELS),
                chance.choice(ROLES),
                f"p{at % 4}",
                f"r{at // 3}",
                f"k{at % 500}",
                STEPS,
            ),
            *(chance.randrange(10**8), chance.uniform(200, 9000), chance.choice([Outcome.REPLIED, Outcome.LIMIT])),
            MORNING + timedelta(days=DAYS * at / count),
        )
        for at in range(count)
    ]


async def measure(calls: int) -> None:
    with tempfile.TemporaryDirectory(prefix="studio-bench-") as folder:
        file = Paths(Path(folder)).database
        await filled(file, turns(calls // STEPS))
        studio = await open_studio({**os.environ, "STUDIO_HOME": folder}, Access.READ)
        whole = Within.days(MORNING.date(), (MORNING + timedelta(days=DAYS)).date())
        month = Within.month((MORNING + timedelta(days=200)).date())
        try:
            for name, within in (("report of a year, all calls", whole), ("report of a month", month)):
                taken = []
                for _ in range(ROUNDS):
                    began = time.perf_counter()
                    await studio.usage.report(within)
                    taken.append(time.perf_counter() - began)
                print(f"{name:32} {median(taken) * 1e3:8.0f} ms  ({min(taken) * 1e3:.0f} – {max(taken) * 1e3:.0f})")
            began = time.perf_counter()
            await studio.usage.today()
            print(f"{'what was used today':32} {(time.perf_counter() - began) * 1e3:8.1f} ms")
        finally:
            await studio.close()
        with closing(sqlite3.connect(file)) as connection:
            began = time.perf_counter()
            connection.execute("SELECT count(*), sum(cost_nusd), sum(input), max(milliseconds) FROM usage").fetchall()
            print(f"{'floor: one sum over all calls':32} {(time.perf_counter() - began) * 1e3:8.0f} ms")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--calls", type=int, default=100_000)
    asyncio.run(measure(parser.parse_args().calls))
