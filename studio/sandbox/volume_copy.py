"""Copying one volume into another, inside the container engine: nothing of it comes to this machine's own folders."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress

from studio.base.text import plain, shorten
from studio.contracts.clock import Clock
from studio.contracts.containers import ContainerSpec, Volume
from studio.contracts.sandbox_engine import SandboxEngine
from studio.domain.errors import EngineError
from studio.sandbox.starting import started

COPY_SECONDS = 600.0
_LOOK_SECONDS = 0.1
_FROM, _TO = "/from", "/to"
# What a database is told that it has must be on the disk before it is told so.
_COPY = f"cp -a {_FROM}/. {_TO}/ && sync -f {_TO}"
_MEMORY_BYTES = 512 << 20
_PIDS = 16
_SAID_CHARACTERS = 300


def copier_of(target: str) -> str:
    """The name of the container that copies into a volume."""
    return f"{target}.copy"


async def copy_volume(
    engine: SandboxEngine, clock: Clock, source: str, target: str, *, image: str, user: str, worn: Mapping[str, str]
) -> None:
    """Copies all that `user` can read of one volume into another, in a container as hard as a sandbox.

    It is of `image`, carries the labels `worn`, and can only read `source`. Raises EngineError, PolicyRefused.
    """
    spec = ContainerSpec(
        name=copier_of(target),
        image=image,
        user=user,
        mounts=(),
        labels=worn,
        workdir="/",
        memory_bytes=_MEMORY_BYTES,
        cpus=1.0,
        pids=_PIDS,
        argv=("sh", "-c", _COPY),
        volumes=(Volume(source, _FROM, read_only=True, filled=False), Volume(target, _TO, filled=False)),
    )
    await engine.remove(spec.name)
    container = await started(engine, spec)
    try:
        await _ended_well(engine, clock, container)
    finally:
        # Also when the caller was cancelled: what writes into a volume must be gone before that goes on.
        await asyncio.shield(engine.remove(container))


async def _ended_well(engine: SandboxEngine, clock: Clock, container: str) -> None:
    began = clock.monotonic()
    while (code := await engine.exit_code(container)) is None:
        if clock.monotonic() - began >= COPY_SECONDS:
            raise EngineError(f"Copying took longer than {COPY_SECONDS / 60:.0f} minutes and was ended.")
        await clock.sleep(_LOOK_SECONDS)
    if code != 0:
        said = ""
        with suppress(EngineError):
            said = plain((await engine.logs(container, 3)).decode("utf-8", "replace")).strip()
        raise EngineError(
            f"Copying ended with exit code {code}: {shorten(said, _SAID_CHARACTERS) or 'it said nothing'}"
        )
