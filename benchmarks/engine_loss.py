"""How soon Studio says that its container engine was killed, hangs, or is back; needs root and a dockerd of its own."""

from __future__ import annotations

import asyncio
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from studio.adapters.clock import SystemClock
from studio.adapters.docker.engine import DockerEngine
from studio.adapters.docker.find import Endpoint
from studio.base.redact import Redactor
from studio.domain.engines import EngineState
from studio.domain.events import EngineBack, EngineLost, Event, Recorded
from studio.events.hub import Hub, Subscription
from studio.events.recorder import Recorder
from studio.sandbox.engine_watch import EngineWatch
from studio.store.database import Database
from tests.fixtures.private_engine import PrivateEngine, let_go_of

ROUNDS = 3
PINGS = 200


async def main() -> None:
    """Prints one line for each way in which an engine goes, and what looking after it costs."""
    folder = Path(tempfile.mkdtemp(prefix="pe-"))
    private = PrivateEngine(folder)
    await asyncio.to_thread(private.start)
    engine, hub, clock = DockerEngine(Endpoint(private.url)), Hub(), SystemClock()
    database = await Database.open(folder / "studio.db")
    watch = EngineWatch(engine, database, Recorder(database, hub, clock, Redactor()), clock)
    try:
        await _pings(engine)
        with hub.subscribe() as happening:
            watch.listen()
            while await watch.look() is not EngineState.UP:
                pass
            await asyncio.sleep(1.0)  # the held connection stands by then
            print(f"{'the engine':24}  told after, median  worst   back told after, median  worst")
            await _measure("is killed", happening, private.kill, private.start)
            await _measure("hangs", happening, private.hang, private.wake)
    finally:
        await watch.close()
        await database.close()
        await engine.close()
        await asyncio.to_thread(private.stop)
        let_go_of(folder)
        shutil.rmtree(folder, ignore_errors=True)


async def _pings(engine: DockerEngine) -> None:
    took = []
    used = time.process_time()
    for _ in range(PINGS):
        began = time.perf_counter()
        await engine.ping(10)
        took.append((time.perf_counter() - began) * 1000)
    used = (time.process_time() - used) * 1000 / PINGS
    print(f"a ping: {statistics.median(took):.2f} ms median, {used:.2f} ms of processor time, one in 2 s")


async def _measure(name: str, happening: Subscription, away: Callable[[], None], back: Callable[[], None]) -> None:
    lost, found = [], []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        await asyncio.to_thread(away)
        await _told(happening, EngineLost)
        lost.append(time.perf_counter() - began)
        # An engine that is started answers nothing for a while: what counts is from its first answer on.
        await asyncio.to_thread(back)
        began = time.perf_counter()
        await _told(happening, EngineBack)
        found.append(time.perf_counter() - began)
        await asyncio.sleep(3.0)
    print(
        f"{name:24}  {statistics.median(lost):15.2f} s  {max(lost):4.2f} s"
        f"  {statistics.median(found):20.2f} s  {max(found):4.2f} s"
    )


async def _told(happening: Subscription, kind: type[Event]) -> None:
    async for item in happening:
        if isinstance(item, Recorded) and isinstance(item.event, kind):
            return


if __name__ == "__main__":
    asyncio.run(main())
