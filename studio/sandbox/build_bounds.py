"""Bounds of builds: what the steps that a project's files name may take of the machine, which runs them as root."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from typing import Any

from studio.base.aio import in_thread
from studio.base.text import sized
from studio.contracts.containers import BuildOptions
from studio.domain.errors import EngineError
from studio.sandbox.shape import Size

_LOOK_SECONDS = 1.0
_MORE_PROCESSES = 8
"""They are counted only now and then, so that a compiler's many short ones must not end a build."""

_KILLED = "non-zero code: 137"


@dataclass(frozen=True, slots=True)
class Disk:
    """How much of it is free now, in bytes, and how much stays so. Asking blocks."""

    free: Callable[[], int]
    kept_free: int


class BuildBounds:
    """The same ceilings of memory and processors as a sandbox has, an end, and a disk that no build fills."""

    def __init__(self, size: Size, disk: Disk | None = None, look_seconds: float = _LOOK_SECONDS) -> None:
        """Without `disk` nobody looks at it."""
        self._size = size
        self._disk = disk
        self._look_seconds = look_seconds

    def of(self, options: BuildOptions) -> BuildOptions:
        """The options with these bounds."""
        size = self._size
        return replace(options, memory_bytes=size.memory_bytes, cpus=size.cpus, pids=size.pids * _MORE_PROCESSES)

    async def keep(self, build: Coroutine[Any, Any, None]) -> None:
        """Waits for a build, or a pull, which is cancelled when the disk gets full. Raises EngineError."""
        building = asyncio.create_task(build, name="build of a project's image")
        try:
            while not building.done():
                await self._require_disk()
                await asyncio.wait({building}, timeout=self._look_seconds)
            building.result()
        except EngineError as error:
            if _KILLED not in error.sentence:
                raise
            raise EngineError(
                f"{error.sentence} So ends a step that takes more memory than a sandbox may have "
                f"({sized(self._size.memory_bytes)}).",
                "Let it take less, or raise sandbox_memory_mb.",
            ) from error
        finally:
            building.cancel()
            await asyncio.wait({building})

    async def _require_disk(self) -> None:
        if self._disk is None:
            return
        free = await in_thread(self._disk.free)
        if free < self._disk.kept_free:
            raise EngineError(
                f"There is no room for the project's image: {sized(free)} of disk are free, and "
                f"{sized(self._disk.kept_free)} are kept free.",
                "Delete what you can spare (studio sandbox prune), and see whether a step of its Dockerfile fills it.",
                retryable=True,
            )
