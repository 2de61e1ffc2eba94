"""What the app of a run says is heard from its page and its processes, neither waiting for the other."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import cast

from studio.adapters.clock import SystemClock
from studio.agents.failures import Failures
from studio.agents.hearing import Ear
from studio.base.aio import Threads
from studio.domain.console import ConsoleEntry, ConsoleKind, ConsoleLevel
from studio.domain.runs import Run
from studio.domain.stacks import frames_of
from studio.sandbox.box import Sandbox
from studio.sandbox.console import Console
from studio.workspace.files import Folder

PORT = 5173


class SilentApp:
    """A sandbox whose app takes connections and answers none."""

    host = "127.0.0.1"

    def __init__(self) -> None:
        self.console = Console()
        self.port = 0
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
