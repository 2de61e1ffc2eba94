"""What the app of a run says is heard from its page and its processes, neither waiting for the other."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import cast

from studio.adapters.clock import SystemClock
from studio.agents.failures import Failures
from studio.agents.hearing import Ear, Hearing
from studio.base.aio import Threads
from studio.contracts.container_log import LoggedLine
from studio.domain.console import ConsoleEntry, ConsoleKind, ConsoleLevel
from studio.domain.events import Delta
from studio.domain.ids import ProjectId, RunId
from studio.domain.runs import Run
from studio.domain.stacks import frames_of
from studio.sandbox.box import Sandbox
from studio.sandbox.console import Console
from studio.sandbox.logs import Logs
from studio.sandbox.own_requests import OwnRequests
from studio.workspace.files import Folder
from tests.fixtures.set_clock import SetClock
from tests.fixtures.told_engine import ToldEngine, ToldLog

PORT = 5173


class SilentApp:
    """A sandbox whose app takes connections and answers none."""

    host = "127.0.0.1"

    def __init__(self) -> None:
        self.console = Console()
        self.port = 0
        self.own_requests = OwnRequests(SystemClock())
        self.asked, self.ended = asyncio.Event(), asyncio.Event()

    async def tunnel(self, port: int) -> SilentApp:
        return self

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.asked.set()
        await self.ended.wait()
        writer.close()


async def test_what_a_process_says_does_not_wait_for_the_places_of_a_page(tmp_path: Path) -> None:
    app = SilentApp()
    server = await asyncio.start_server(app.answer, app.host, 0)
    app.port = server.sockets[0].getsockname()[1]
    clock, threads = SystemClock(), Threads(1, "source-maps")
    ear = Ear(cast(Run, None), cast(Sandbox, app), Folder(tmp_path), cast(Failures, None), clock, threads)
    stack = frames_of("    at cart (http://localhost:4000/cart.js:1:1)")
    said = ConsoleEntry(ConsoleLevel.WARNING, "slow", stack=stack)
    page = asyncio.create_task(ear.hear([said], 0, PORT))
    await app.asked.wait()

    await ear.hear([ConsoleEntry(ConsoleLevel.INFO, "listening", kind=ConsoleKind.LOG)], 0, 0)

    assert [entry.text for entry in app.console.since(0).entries] == ["listening"]
    app.ended.set()
    await page
    assert [entry.text for entry in app.console.since(0).entries] == ["listening", "slow"]
    server.close()
    await server.wait_closed()
    threads.close()


async def test_what_a_service_beside_the_sandbox_writes_is_heard_until_that_is_closed(tmp_path: Path) -> None:
    engine, clock, news = ToldEngine(), SystemClock(), asyncio.Event()
    engine.said["c1"] = log = ToldLog()
    logs = Logs(engine.engine, clock, lambda: {"": "c0", "db": "c1"})
    sandbox = SimpleNamespace(console=Console(), processes=SimpleNamespace(on_start=None), logs=logs)

    def tell(_delta: Delta) -> None:
        news.set()

    hearing = Hearing(cast(Failures, None), clock, tell)
    run = cast(Run, SimpleNamespace(id=RunId("r1"), project=ProjectId("p1")))
    hearing.attend(run, cast(Sandbox, sandbox), Folder(tmp_path))
    log.say(LoggedLine(datetime(2026, 3, 4, 12, tzinfo=UTC), "ERROR:  no relation carts", is_error=True))
    await news.wait()

    [entry] = sandbox.console.since(0).entries
    assert (entry.kind, entry.method, entry.level) == (ConsoleKind.SERVICE, "db", ConsoleLevel.ERROR)
    await logs.close()
    await hearing.close()


async def test_what_a_service_writes_is_heard_while_a_process_writes_without_end(tmp_path: Path) -> None:
    engine, clock, news = ToldEngine(), SetClock(), asyncio.Event()
    engine.said["c1"] = log = ToldLog()
    logs = Logs(engine.engine, clock, lambda: {"": "c0", "db": "c1"})
    sandbox = SimpleNamespace(console=Console(), processes=SimpleNamespace(on_start=None), logs=logs)

    async def poll() -> None:
        while True:
            await logs.hear_process("p1-a", '"GET /poll HTTP/1.1" 200\n', clock.now())

    def tell(_delta: Delta) -> None:
        news.set()

    hearing = Hearing(cast(Failures, None), clock, tell)
    run = cast(Run, SimpleNamespace(id=RunId("r1"), project=ProjectId("p1")))
    polling = asyncio.create_task(poll())
    hearing.attend(run, cast(Sandbox, sandbox), Folder(tmp_path))
    log.say(LoggedLine(datetime(2026, 3, 4, 12, tzinfo=UTC), 'ERROR:  relation "carts" does not exist', is_error=True))
    await news.wait()

    assert [entry.method for entry in sandbox.console.since(0).entries] == ["db"]
    polling.cancel()
    await logs.close()
    await hearing.close()


async def test_lines_of_a_service_that_are_passed_over_are_counted_in_the_console(tmp_path: Path) -> None:
    engine, clock, news = ToldEngine(), SetClock(), asyncio.Event()
    engine.said["c1"] = log = ToldLog()
    logs = Logs(engine.engine, clock, lambda: {"db": "c1"})
    sandbox = SimpleNamespace(console=Console(), processes=SimpleNamespace(on_start=None), logs=logs)

    def tell(_delta: Delta) -> None:
        news.set()

    hearing = Hearing(cast(Failures, None), clock, tell)
    run = cast(Run, SimpleNamespace(id=RunId("r1"), project=ProjectId("p1")))
    log.say(*(LoggedLine(datetime(2026, 3, 4, 12, tzinfo=UTC), f"line {number}") for number in range(1500)))
    await logs.news()
    await logs.hear_process("p1-a", "of a process\n", clock.now())
    hearing.attend(run, cast(Sandbox, sandbox), Folder(tmp_path))
    while "line 1499" not in (texts := [entry.text for entry in sandbox.console.since(0).entries]):
        await news.wait()
        news.clear()

    assert len(texts) + sandbox.console.statistics().dropped == 1500
    await logs.close()
    await hearing.close()


async def test_of_what_a_process_writes_only_what_studio_asked_itself_is_left_out(tmp_path: Path) -> None:
    clock, threads = SetClock(), Threads(1, "source-maps")
    sandbox = SimpleNamespace(console=Console(), own_requests=OwnRequests(clock))
    sandbox.own_requests.note("/")
    ear = Ear(cast(Run, None), cast(Sandbox, sandbox), Folder(tmp_path), cast(Failures, None), clock, threads)

    def line(path: str, version: str) -> ConsoleEntry:
        return ConsoleEntry(ConsoleLevel.INFO, f'"GET {path} HTTP/{version}" 200', kind=ConsoleKind.LOG)

    own, browsers, others = line("/", "1.0"), line("/", "1.1"), line("/cart", "1.0")
    failing = ConsoleEntry(ConsoleLevel.ERROR, f"{own.text}\nKeyError: cart", kind=ConsoleKind.LOG)

    assert ear.of_app([own, browsers, others, failing]) == (browsers, others, failing)
    assert ear.of_app([own]) == (own,)  # a proxy beside the app asked for the same
    threads.close()
