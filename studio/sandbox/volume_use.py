"""What runs and projects have in volumes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping

from studio.base.log import logger
from studio.contracts.clock import Clock
from studio.contracts.sandbox_engine import SandboxEngine
from studio.domain.errors import EngineError
from studio.sandbox import labels

log = logger("sandbox")

EVERY_SECONDS = 60.0
"""So old may a count be that nothing speaks against."""

_REST = 20
"""And so many times what it took: the engine counts all that it has, whoever asks."""


class VolumeUse:
    """Counts the volumes of one data folder, as their labels say whose they are."""

    def __init__(self, engine: SandboxEngine, ours: Callable[[], Awaitable[Mapping[str, str]]], clock: Clock) -> None:
        """`ours` says the labels of all that is of the data folder."""
        self._engine = engine
        self._ours = ours
        self._clock = clock
        self._known: Mapping[str, int] = {}
        self._good_until = 0.0

    async def by_owner(self, *, fresh: bool) -> Mapping[str, int]:
        """The bytes that each run, and each project, has in volumes of its own, counted now or, unless `fresh`, lately.

        Where the engine cannot count, what it counted last.
        """
        began = self._clock.monotonic()
        if fresh or began >= self._good_until:
            try:
                self._known = await self._counted()
            except EngineError as error:
                log.warning("volumes_not_counted", error=str(error))
            now = self._clock.monotonic()
            self._good_until = began + max(EVERY_SECONDS, _REST * (now - began))
        return self._known

    async def _counted(self) -> Mapping[str, int]:
        # What is kept for new runs was bounded when it was copied, and nothing writes it; neither does anything write
        # what is laid in for a whole project, its objects say.
        whose = {
            volume.name: volume.labels.get(labels.RUN) or volume.labels.get(labels.PROJECT, "")
            for volume in await self._engine.volumes(await self._ours())
            if labels.DATA not in volume.labels and (labels.LAID not in volume.labels or labels.RUN in volume.labels)
        }
        found: Counter[str] = Counter()
        if whose:
            for name, size in (await self._engine.disk_use()).volumes.items():
                if name in whose:
                    found[whose[name]] += size
        return found
