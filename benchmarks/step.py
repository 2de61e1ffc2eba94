"""Measures an agent step with a zero-latency model: one shell command, persistence included.

Run it with `python -m benchmarks.step [--rounds N]`. Each round takes the floor and the steps one after the other, on
the same machine in the same state: the same command through the same supervised shell, and one saved transaction
through plain sqlite3 with the same pragmas. Each line is the median of the rounds' medians.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import resource
import sqlite3
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median

from studio.adapters.clock import SystemClock
from studio.adapters.docker.engine import DockerEngine
from studio.adapters.docker.find import find_endpoint
from studio.app.bootstrap import open_studio
from studio.app.standing import Access
from studio.app.studio import Studio
from studio.base.paths import Paths, shared_cache
from studio.domain.events import Recorded, StepStarted, TurnEnded
from studio.domain.ids import ProjectId, RunId
from studio.domain.roles import Limits
from studio.domain.tools import ApprovalMode
from studio.sandbox.box import Sandbox
from studio.sandbox.images import Images, image_sources
from studio.sandbox.sandboxes import Sandboxes
from tests.fixtures.repositories import make_repository

STEPS = 100
RUNS = 10
COMMAND = "echo done"
PAUSE = 0.005
ROW = "x" * 300


async def main() -> None:
    """Prints the table."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=5)
    rounds = arguments.parse_args().rounds
    with tempfile.TemporaryDirectory(prefix="studio-bench-") as name:
        folder = Path(name)
        script, short = _script(folder, STEPS), _script(folder, 1)
        repository = make_repository(folder / "project", {"a.txt": "a\n"})
        commands, saves, steps, rates = [], [], [], []
        async with _sandbox(folder) as sandbox, _studio(folder / "home") as studio:
            project = (await studio.projects.add(repository)).id
            for _ in range(rounds):
                commands.append(await _commands(sandbox))
                saves.append(_saves(folder))
                steps.append(await _steps_of_one_run(studio, project, script))
                rates.append(await _runs_at_once(studio, project, script, short))
    _show("floor: the command in the supervised shell", commands, "ms")
    _show("floor: one transaction saved by plain sqlite3", saves, "ms")
    _show("agent step, one run", steps, "ms")
    print(f"{'ratio to both floors together':46} {median(steps) / (median(commands) + median(saves)):7.2f}")
    _show("steps a second, ten runs at once", rates, "")
    print(f"{'memory of the whole core':46} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:7.0f} MiB peak")


def _show(name: str, rounds: list[float], unit: str) -> None:
    print(f"{name:46} {median(rounds):7.2f} {unit:4} rounds {min(rounds):.2f} to {max(rounds):.2f}")


@asynccontextmanager
async def _studio(home: Path) -> AsyncIterator[Studio]:
    studio = await open_studio({**os.environ, "STUDIO_HOME": str(home)}, Access.ENGINE)
    try:
        yield studio
    finally:
        await studio.close()


@asynccontextmanager
async def _sandbox(folder: Path) -> AsyncIterator[Sandbox]:
    engine = DockerEngine(find_endpoint(os.environ))
    paths = Paths(folder / "floor")
    paths.make()
    sandboxes = Sandboxes(engine, Images(engine, image_sources(), shared_cache(), os.environ), paths, SystemClock())
    workspace = paths.workspaces / "floor"
    workspace.mkdir()
    if sandboxes.owner is not None:
        os.chown(workspace, *sandboxes.owner)
    try:
        yield await sandboxes.open(ProjectId.new(), RunId.new(), workspace)
    finally:
        await sandboxes.close_all()
        await engine.close()


async def _commands(sandbox: Sandbox) -> float:
    taken = []
    for _ in range(STEPS):
        await asyncio.sleep(PAUSE)
        started = time.perf_counter()
        await sandbox.exec(COMMAND, timeout=30)
        taken.append(time.perf_counter() - started)
    return median(taken) * 1000


def _saves(folder: Path) -> float:
    connection = sqlite3.connect(folder / "floor.db", isolation_level=None)
    for statement in (
        "PRAGMA journal_mode = WAL",
        "PRAGMA synchronous = FULL",
        "CREATE TABLE IF NOT EXISTS rows (row)",
    ):
        connection.execute(statement)
    taken = []
    for _ in range(STEPS):
        time.sleep(PAUSE)
        started = time.perf_counter()
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO rows VALUES (?)", (ROW,))
        connection.execute("COMMIT")
        taken.append(time.perf_counter() - started)
    connection.close()
    return median(taken) * 1000


async def _steps_of_one_run(studio: Studio, project: ProjectId, script: str) -> float:
    _, times = await _follow(studio, project, script)
    return median(later - earlier for earlier, later in itertools.pairwise(times)) * 1000


async def _runs_at_once(studio: Studio, project: ProjectId, script: str, short: str) -> float:
    # Their sandboxes stand before it counts: they start one after another, for longer than the steps take.
    ready = await asyncio.gather(*(_follow(studio, project, short) for _ in range(RUNS)))
    started = time.perf_counter()
    followed = await asyncio.gather(*(_follow(studio, project, script, run) for run, _ in ready))
    times = [each for _, each in followed]
    first = max(each[0] for each in times)
    last = min(each[-1] for each in times)
    within = sum(1 for each in times for moment in each if first <= moment <= last)
    assert started < first < last
    return within / (last - first)


async def _follow(
    studio: Studio, project: ProjectId, script: str, run: RunId | None = None
) -> tuple[RunId, list[float]]:
    """A turn of a run, a new one where none is given: when each of its steps began."""
    sent = await studio.chats.send(
        project, "Go", run, model=script, approval=ApprovalMode.AUTO, limits=Limits(2 * STEPS, 600.0, None)
    )
    times = []
    async for item in studio.feed.follow(sent.since, run=sent.run):
        if not isinstance(item, Recorded):
            continue
        match item.event:
            case StepStarted():
                times.append(time.perf_counter())
            case TurnEnded() as ended:
                assert ended.outcome.value == "replied", ended.reason
                return sent.run, times
            case _:
                pass
    raise AssertionError("the feed ended")


def _script(folder: Path, steps: int) -> str:
    # With its usage given, as by real providers: else the script estimates it from all that was said.
    # Each call is another one: an agent that repeats itself is stopped.
    calls = [{"name": "shell", "arguments": {"command": f"{COMMAND} {number}"}} for number in range(steps)]
    replies = [{"calls": [call], "usage": {"input": 1000, "output": 20}} for call in calls]
    path = folder / f"replies-{steps}.json"
    path.write_text(json.dumps({"replies": [*replies, {"text": "Done."}]}))
    return f"scripted/{path}"


if __name__ == "__main__":
    asyncio.run(main())
