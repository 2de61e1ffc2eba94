"""Waking: the durable engine is loaded when the first turn or act needs it; a Studio that idles carries none of it."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

from studio.base.aio import Tasks, in_thread
from studio.base.log import logger
from studio.contracts.clock import Clock
from studio.domain.errors import StoreError

if TYPE_CHECKING:
    from studio.workflow.engine import DurableEngine, EngineClient, Perform, RunTurn

log = logger("workflow")

ENGINE = "studio.workflow.engine"

LOOK_SECONDS = 0.2
"""How often the holder of the seat looks whether another process wants the engine: one look is one `stat`."""

CALL_SECONDS = 1.0
"""How often a process that waits for an answer says again that it wants the engine: the holder may have changed."""


class WakingEngine:
    """The engine of the process that has the seat: asleep until a turn is begun or another process calls for it."""

    def __init__(self, database: Path, run_turn: RunTurn, perform: Perform, clock: Clock) -> None:
        self._database = database
        self._run_turn = run_turn
        self._perform = perform
        self._clock = clock
        self._waking = asyncio.Lock()
        self._engine: DurableEngine | None = None
        self._tasks = Tasks()

    def listen(self) -> None:
        """Wakes from now on when another process calls."""
        self._tasks.spawn(self._listen(), "ear of the engine")

    async def wake(self) -> DurableEngine:
        """The engine, launched when it is not yet; what a dead engine left in its file is taken up then.

        Raises StoreError when its file cannot be used.
        """
        async with self._waking:
            if self._engine is None:
                module = await in_thread(importlib.import_module, ENGINE)
                engine: DurableEngine = module.DurableEngine(self._database, self._run_turn, self._perform)
                try:
                    await engine.launch()
                except Exception as error:
                    raise StoreError(
                        f"The workflow engine's file {self._database} cannot be used: {str(error).splitlines()[0]}.",
                        "Move it away, then start Studio again: turns under way are in the event log, not there.",
                    ) from error
                self._engine = engine
            return self._engine

    async def start_turn(self, run: str, turn: str) -> None:
        """Begins a turn durably, once: a turn that is under way already goes on undisturbed. Raises StoreError."""
        await (await self.wake()).start_turn(run, turn)

    async def stop(self) -> None:
        """Stops the engine; unfinished turns stay to be taken up by the next one."""
        await self._tasks.close()
        async with self._waking:
            engine = self._engine
        if engine is not None:
            # It is there until it has stopped: an act under way, which it waits for, may begin a turn on it.
            await engine.stop()
        self._engine = None

    async def _listen(self) -> None:
        bell = _bell(self._database)
        while True:
            if bell.exists():
                try:
                    await self.wake()
                except StoreError as error:
                    log.error("engine_not_woken", error=str(error))
                # Only now: whoever called waits until the engine stands.
                bell.unlink(missing_ok=True)
            await self._clock.sleep(LOOK_SECONDS)


class WakingClient:
    """Asks the engine that another process runs on the same data folder, and wakes it for that."""

    def __init__(self, database: Path, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._connecting = asyncio.Lock()
        self._client: EngineClient | None = None

    async def perform(self, name: str, arguments: str) -> str:
        """Enqueues an act and waits for the engine's answer (JSON both ways)."""
        async with self._calling():
            return await (await self._connected()).perform(name, arguments)

    async def close(self) -> None:
        """Frees connections."""
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    async def _connected(self) -> EngineClient:
        async with self._connecting:
            if self._client is None:
                module = await in_thread(importlib.import_module, ENGINE)
                # Nobody but the engine makes its file.
                await self._heard()
                client: EngineClient = await in_thread(module.EngineClient, self._database)
                self._client = client
            return self._client

    async def _heard(self) -> None:
        while _bell(self._database).exists():
            await self._clock.sleep(LOOK_SECONDS / 4)

    @contextlib.asynccontextmanager
    async def _calling(self) -> AsyncIterator[None]:
        """Calls for the engine as long as the block runs, once before it."""
        _bell(self._database).touch(mode=0o600)
        calling = asyncio.create_task(self._call_again(), name="call for the engine")
        try:
            yield
        finally:
            calling.cancel()
            await asyncio.wait({calling})

    async def _call_again(self) -> None:
        while True:
            await self._clock.sleep(CALL_SECONDS)
            _bell(self._database).touch(mode=0o600)


def _bell(database: Path) -> Path:
    """A file that stands while another process wants the engine and it has not heard of it."""
    return database.with_name(f"{database.name}.wanted")
