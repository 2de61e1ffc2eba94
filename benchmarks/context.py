"""Measures what making the context of a step costs, over a turn of 1,000 steps.

Run it with `python -m benchmarks.context [--steps N]`. Each step has a call and 2,000 characters of output. It is run
with a window that holds everything, where nothing is compacted, and with one of 64,000 tokens. The floor is a copy of
the list of messages, which no way of making a request can do without.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from studio.adapters.clock import SystemClock
from studio.adapters.providers.anthropic_words import messages_to_send
from studio.agents.compaction import Compactor
from studio.agents.context import Context, StepLimits
from studio.agents.guidance import Guidance
from studio.agents.history import History
from studio.agents.journal import Journal
from studio.base.redact import Redactor
from studio.domain.events import ContextCompacted, Event, MessagePosted, Recorded, StepStarted, ToolAnswered, ToolCalled
from studio.domain.ids import ProjectId, RunId
from studio.domain.messages import Speaker
from studio.domain.roles import Limits, Role
from studio.events.hub import Hub
from studio.events.recorder import Recorder
from studio.router.registry import Registry
from studio.router.windows import Windows
from studio.store import event_log
from studio.store.database import Database
from studio.tools.table import TOOLS
from studio.workspace.files import Folder
from tests.fixtures.memory import a_project, a_run

OUTPUT = "A line of the output, as long as lines are.\n" * 45
ROLE = Role("engineer", "Engineer", "Changes code.", "You change code. " * 200, (), Limits())


async def main() -> None:
    """Prints the table."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--steps", type=int, default=1000)
    steps = arguments.parse_args().steps
    columns = ("steps", "next, median", "next, worst", "wire words", "floor", "rebuilt")
    print(f"{'window':>10}", *(f"{column:>22}" for column in columns))
    for window in (10_000_000, 64_000):
        with tempfile.TemporaryDirectory(prefix="studio-bench-") as folder:
            await _turn(Path(folder), window, steps)


async def _turn(folder: Path, window: int, steps: int) -> None:
    database = await Database.open(folder / "studio.db")
    recorder = Recorder(database, Hub(), SystemClock(), Redactor(()))
    run = a_run(a_project())
    specs = tuple(tool.spec for tool in TOOLS.values())
    guidance = Guidance(recorder, run, Folder(folder))
    context = Context(
        Compactor(recorder, run), Windows(Registry(), window), run, ROLE, guidance, specs, StepLimits(8192, 60.0)
    )
    history = History()
    await _take(recorder, history, run.project, run.id, MessagePosted(Speaker.HUMAN, "Mend the till.", "t1"))
    taken, sending, copying = [], [], []
    for number in range(1, steps + 1):
        started = time.perf_counter()
        shown = await context.next(history, (run.model,))
        taken.append(time.perf_counter() - started)
        started = time.perf_counter()
        list(shown.request.messages)
        copying.append(time.perf_counter() - started)
        if number % 50 == 0:
            started = time.perf_counter()
            messages_to_send(shown.request.messages)
            sending.append(time.perf_counter() - started)
        step, call = (
            StepStarted("t1", number, "m", {tier.value: n for tier, n in shown.filled.items()}),
            f"c{number:08x}",
        )
        said = MessagePosted(Speaker.AGENT, "I look on.", "t1", number)
        called = ToolCalled("t1", number, call, "shell", {"command": f"make part-{number}"})
        answered = ToolAnswered(call, "shell", True, f"{number} {OUTPUT}", "done")
        await _take(recorder, history, run.project, run.id, step, said, called, answered)
    started = time.perf_counter()
    again = await Journal(database, recorder).history(run)
    again.messages()
    rebuilt = time.perf_counter() - started
    async with database.reading() as connection:
        compacted = len(await event_log.since(connection, 0, run=run.id, kinds=(ContextCompacted.kind,)))
    await database.close()
    newest = steps // 10
    figures = (median(taken[-newest:]), max(taken), median(sending[-5:]), median(copying[-newest:]), rebuilt)
    cells = (f"{steps} ({compacted} compactions)", *(f"{seconds * 1000:.2f} ms" for seconds in figures))
    print(f"{window:10}", *(f"{cell:>22}" for cell in cells))


async def _take(recorder: Recorder, history: History, project: ProjectId, run: RunId, *events: Event) -> None:
    for recorded in await recorder.record(project, run, *events):
        history.apply(Recorded(recorded.seq, datetime.now(UTC), project, run, recorded.event))


if __name__ == "__main__":
    asyncio.run(main())
