"""Starting a container with its supervisor: in whole, or nothing of it stays."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass

from studio.contracts.clock import Clock
from studio.contracts.containers import ContainerSpec
from studio.contracts.sandbox_engine import SandboxEngine
from studio.domain.errors import StudioError
from studio.sandbox.link import Link
from studio.sandbox.sleep import Sleep


@dataclass(frozen=True, slots=True)
class Up:
    """A container that runs, with its supervisor answering; `milliseconds` is how long that took."""

    container: str
    spec: ContainerSpec
    link: Link
    sleep: Sleep
    milliseconds: float


async def start_up(engine: SandboxEngine, clock: Clock, spec: ContainerSpec) -> Up:
    """Starts a container of that name, in place of one that may be there. Raises EngineError, PolicyRefused."""
    began = clock.monotonic()
    await engine.remove(spec.name)
    container = await started(engine, spec)
    try:
        sleep = Sleep(engine, container, clock)
        link = await Link.start(engine, container, shell=True, sleep=sleep)
    except BaseException:
        await engine.remove(container)
        raise
    return Up(container, spec, link, sleep, (clock.monotonic() - began) * 1000)


async def take_down(engine: SandboxEngine, up: Up) -> None:
    """Ends a container that nobody has been given. Raises EngineError."""
    with suppress(StudioError):
        await up.link.close()
    await engine.remove(up.container)


async def started(engine: SandboxEngine, spec: ContainerSpec) -> str:
    """Starts a container; one that comes up after the caller was cancelled is removed before that goes on."""
    starting = asyncio.create_task(engine.start(spec), name=f"starting {spec.name}")
    try:
        return await asyncio.shield(starting)
    except asyncio.CancelledError:
        with suppress(StudioError):
            await engine.remove(await starting)
        raise
