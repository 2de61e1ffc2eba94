"""Measures an agent step with a zero-latency model: one shell command, persistence included.

Run it with `python -m benchmarks.step`. The floor is measured in the same run: the same command through the
same supervised shell, and one saved transaction. Both lines and ten runs at once are printed as a table.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import resource
import statistics
import tempfile
import time
from pathlib import Path

from studio.app.bootstrap import Access, open_studio
from studio.app.studio import Studio
from studio.domain.events import Recorded, StepStarted, TurnEnded
from studio.domain.ids import ProjectId
from studio.domain.roles import Limits
from studio.domain.tools import ApprovalMode
from tests.fixtures.repositories import make_repository

STEPS = 200
RUNS = 10
COMMAND = "echo done"


async def main() -> None:
    """Prints the table."""
    with tempfile.TemporaryDirectory(prefix="studio-bench-") as name:
        folder = Path(name)
        script = _script(folder)
        repository = make_repository(folder / "project", {"a.txt": "a\n"})
        studio = await open_studio({**os.environ, "STUDIO_HOME": str(folder / "home")}, Access.ENGINE)
        try:
            project = (await studio.projects.add(repository)).id
            one = await _steps_of_one_run(studio, project, script)
            many = await _runs_at_once(studio, project, script)
        finally:
            await studio.close()
    print(f"{'agent step, one run':34} {statistics.median(one):7.2f} ms median, p95 {_p95(one):.2f} ms")
    print(f"{'steps a second, ten runs at once':34} {many:7.1f}")
    print(f"{'memory of the whole core':34} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:7.0f} MiB peak")


async def _steps_of_one_run(studio: Studio, project: ProjectId, script: str) -> list[float]:
    times = await _follow(studio, project, script)
    return [(later - earlier) * 1000 for earlier, later in itertools.pairwise(times)][5:]


async def _runs_at_once(studio: Studio, project: ProjectId, script: str) -> float:
    started = time.perf_counter()
    times = await asyncio.gather(*(_follow(studio, project, script) for _ in range(RUNS)))
    first = max(each[0] for each in times)
    last = min(each[-1] for each in times)
    within = sum(1 for each in times for moment in each if first <= moment <= last)
    assert started < first < last
    return within / (last - first)


async def _follow(studio: Studio, project: ProjectId, script: str) -> list[float]:
    """When each step of one run began."""
    sent = await studio.chats.send(
        project, "Go", model=script, approval=ApprovalMode.AUTO, limits=Limits(STEPS + 10, 600.0, None)
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
                return times
            case _:
                pass
    raise AssertionError("the feed ended")


def _script(folder: Path) -> str:
    call = {"calls": [{"name": "shell", "arguments": {"command": COMMAND}}]}
    path = folder / "replies.json"
    path.write_text(json.dumps({"replies": [call] * STEPS + [{"text": "Done."}]}))
    return f"scripted/{path}"


def _p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


if __name__ == "__main__":
    asyncio.run(main())
