"""Starting a container so that none is left when the caller goes."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from studio.contracts.sandbox_engine import ContainerSpec, SandboxEngine
from studio.domain.errors import StudioError


async def started(engine: SandboxEngine, spec: ContainerSpec) -> str:
    """Starts a container; one that comes up after the caller was cancelled is removed before that goes on."""
    starting = asyncio.create_task(engine.start(spec), name=f"starting {spec.name}")
    try:
        return await asyncio.shield(starting)
    except asyncio.CancelledError:
        with suppress(StudioError):
            await engine.remove(await starting)
        raise
