"""A watch over the steps of a build: the engine takes no bound of processes for one, so they are counted meanwhile."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any

from studio.domain.errors import EngineError

_RUNS_IN = re.compile(r" ---> Running in ([0-9a-f]{12,64})")
_LOOK_SECONDS = 1.0
_MOST_NAMED = 200


class StepWatch:
    """Ends a build in which a step has more processes than it may; what the builder says tells where it runs."""

    def __init__(self, most: int, count: Callable[[str], Awaitable[int]], look_seconds: float = _LOOK_SECONDS) -> None:
        """`count` tells how many processes a container has; `most` of 0 bounds nothing."""
        self._most = most
        self._count = count
        self._look_seconds = look_seconds
        self._named: dict[str, None] = {}

    def hear(self, line: str) -> None:
        """Takes a line of the builder, or of a step that says what the builder would: no name takes another's place."""
        if (found := _RUNS_IN.fullmatch(line)) and len(self._named) <= _MOST_NAMED:
            self._named[found[1]] = None

    async def over(self, build: Coroutine[Any, Any, None]) -> None:
        """Waits for a build. Raises EngineError; the build has ended then."""
        building = asyncio.create_task(build, name="build of an image")
        try:
            while not building.done():
                await asyncio.wait({building}, timeout=self._look_seconds if self._most else None)
                if not building.done():
                    await self._require_few()
            building.result()
        finally:
            building.cancel()
            await asyncio.wait({building})

    async def _require_few(self) -> None:
        if len(self._named) > _MOST_NAMED:
            raise EngineError(f"The build was stopped, as it named more than {_MOST_NAMED} containers.")
        for container in tuple(self._named):
            count = 0
            with suppress(EngineError):  # the step has ended, or there never was one
                count = await self._count(container)
            if count > self._most:
                raise EngineError(f"A step of the build was stopped, as it had more than {self._most} processes.")
