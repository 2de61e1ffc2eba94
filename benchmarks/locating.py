"""How late Studio's loop and another thread are while the errors of a previewed page are led back to their source.

python -m benchmarks.locating

An honest app's maps beside those of one that makes them as costly as the bounds allow, under ever new addresses.
Each entry has twelve calls, and a hundred entries come as soon as the hundred before them are located.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from time import perf_counter, sleep
from typing import Any, cast

from studio.adapters.clock import SystemClock
from studio.agents.locating import Locator
from studio.agents.maps import Maps
from studio.agents.workspace_paths import WorkspacePaths
from studio.base.aio import Threads
from studio.domain.console import ConsoleEntry, ConsoleLevel, StackFrame
from studio.domain.source_maps import MAP_BYTES
from studio.sandbox.box import Sandbox
from studio.sandbox.own_requests import OwnRequests
from studio.workspace.files import Folder

SECONDS, EVERY, ENTRIES, CALLS = 8.0, 0.005, 100, 12
HONEST = json.dumps({"version": 3, "sources": ["App.jsx"], "names": [], "mappings": ";".join(["AAAA,IACA"] * 2000)})
COSTLY = '{"sources":["App.jsx"],"mappings":"' + "AAAA," * (MAP_BYTES // 5 - 20) + 'AAAA"}'


class _App:
    """Serves one map beside every script, in place of an app in a container."""

    host, port = "127.0.0.1", 0

    def __init__(self, source_map: str) -> None:
        self._map = source_map.encode()
        self.own_requests = OwnRequests(SystemClock())

    async def tunnel(self, port: int) -> _App:
        return self

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        path = (await reader.readuntil(b"\r\n\r\n")).split(b" ")[1].partition(b"?")[0]
        body = self._map if path.endswith(b".map") else b"x()\n//# sourceMappingURL=" + path[1:] + b".map"
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n" + body)
        writer.close()


def _entries(fresh: Callable[[], int]) -> list[ConsoleEntry]:
    return [
        ConsoleEntry(
            ConsoleLevel.ERROR,
            "TypeError: no total",
            stack=tuple(StackFrame("f", f"/s{fresh()}.js", 3, 2) for _ in range(CALLS)),
        )
        for _ in range(ENTRIES)
    ]


async def _ticks(late: list[float]) -> None:
    while True:
        begun = perf_counter()
        await asyncio.sleep(EVERY)
        late.append(perf_counter() - begun - EVERY)


def _thread_ticks(late: list[float], ended: threading.Event) -> None:
    while not ended.is_set():
        begun = perf_counter()
        sleep(EVERY)
        late.append(perf_counter() - begun - EVERY)


async def measure(source_map: str, *, scripts: int) -> tuple[list[float], list[float], int]:
    """How late the loop and a thread beside it were, and how many entries were located."""
    app, threads, ended = _App(source_map), Threads(1, "source-maps"), threading.Event()
    server = await asyncio.start_server(app.answer, app.host, 0)
    app.port = server.sockets[0].getsockname()[1]
    loop_late, thread_late, number, located = list[float](), list[float](), 0, 0

    def fresh() -> int:
        nonlocal number
        number += 1
        return number % scripts

    with tempfile.TemporaryDirectory() as folder:
        clock = SystemClock()
        paths = WorkspacePaths(Folder(Path(folder)), cast(Any, app), clock)
        locator = Locator(Maps(cast(Sandbox, app), threads, clock), paths)
        beside = threading.Thread(target=_thread_ticks, args=(thread_late, ended))
        ticking = asyncio.create_task(_ticks(loop_late))
        beside.start()
        begun = perf_counter()
        while perf_counter() - begun < SECONDS:
            found = await locator.locate(_entries(fresh), 1)
            located += sum(bool(entry.source) for entry in found)
        ended.set()
        ticking.cancel()
        beside.join()
    server.close()
    threads.close()
    return sorted(loop_late), sorted(thread_late), located


def main() -> None:
    """Prints the table."""
    print(f"{'':44}{'loop p50':>10}{'p99':>9}{'most':>9}{'thread p99':>12}{'most':>9}{'located':>9}")
    for name, source_map, scripts in (
        ("an honest app of 40 scripts", HONEST, 40),
        ("ever new scripts with the costliest maps", COSTLY, 1 << 40),
    ):
        loop, thread, located = asyncio.run(measure(source_map, scripts=scripts))
        middle, tail, most = (1000 * loop[int(len(loop) * part)] for part in (0.5, 0.99, 0.9999))
        print(
            f"{name:44}{middle:7.1f} ms{tail:6.0f} ms{most:6.0f} ms"
            f"{1000 * thread[int(len(thread) * 0.99)]:9.0f} ms{1000 * thread[-1]:6.0f} ms{located:>9,}",
            flush=True,
        )


if __name__ == "__main__":
    main()
