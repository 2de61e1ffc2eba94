"""What runs and projects have in volumes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Mapping

from studio.contracts.sandbox_engine import SandboxEngine
from studio.sandbox import labels


class VolumeUse:
    """Counts the volumes of one data folder, as their labels say whose they are."""

    def __init__(self, engine: SandboxEngine, ours: Callable[[], Awaitable[Mapping[str, str]]]) -> None:
        """`ours` says the labels of all that is of the data folder."""
        self._engine = engine
        self._ours = ours

    async def of(self, wanted: Collection[str]) -> Mapping[str, int]:
        """The bytes that each of these runs, and each of these projects, has in volumes of its own.

        The engine counts only where there are some, for that may take it seconds. Raises EngineError.
        """
        whose: dict[str, str] = {}
        for volume in await self._engine.volumes(await self._ours()):
            key = volume.labels.get(labels.RUN) or volume.labels.get(labels.PROJECT, "")
            if key in wanted:
                whose[volume.name] = key
        found: Counter[str] = Counter()
        if whose:
            for name, size in (await self._engine.disk_use()).volumes.items():
                if name in whose:
                    found[whose[name]] += size
        return found
