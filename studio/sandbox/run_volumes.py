"""Volumes of a run's services: empty at first, or a copy of what is kept for new runs."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from studio.contracts.containers import ServiceImage
from studio.contracts.sandbox_engine import SandboxEngine
from studio.domain.service_data import ServiceData
from studio.sandbox import labels
from studio.sandbox.kept_data import Held, KeptData, mark_of
from studio.sandbox.service_spec import RunVolume


class RunVolumes:
    """Makes the volumes of one run, whose containers carry the labels `worn`."""

    def __init__(
        self, engine: SandboxEngine, kept: KeptData, worn: Mapping[str, str], data: ServiceData | None
    ) -> None:
        """`data` is what those begin with that are made."""
        self._engine = engine
        self._kept = kept
        self._worn = worn
        self._data = data
        # Two services may share a volume, and come up side by side.
        self._making = asyncio.Lock()
        self._there: set[str] | None = None
        self.held: dict[str, Held] = {}

    async def make(self, volumes: tuple[RunVolume, ...], image: ServiceImage, user: str) -> bool:
        """Sees to it that they are there; whether one was made now that begins with kept data.

        Raises EngineError, PolicyRefused, and UserError where a copy has no room.
        """
        async with self._making:
            begun = [await self._make_one(one, image, user) for one in volumes]
        return any(begun)

    async def _make_one(self, one: RunVolume, image: ServiceImage, user: str) -> bool:
        name = one.volume.name
        labelled = {key: value for key, value in self._worn.items() if key != labels.OWNER}
        labelled[labels.VOLUME] = one.name
        held = Held(name, one.name, user)
        there = await self._those_there()
        if mark_of(name) in there:
            # Whoever copied into it did not live to say that it is whole.
            await self._engine.remove_volume(name)
            there -= {name}
        begins = name not in there and self._data is not None and one.name in self._data.names
        if begins and self._data is not None:
            await self._kept.lay_in(self._data, held, self._worn, labelled)
        else:
            await self._engine.create_volume(name, labelled)
            if not one.volume.filled:
                await self._engine.give_volume(name, image.id, user, self._worn)
            if mark_of(name) in there:
                await self._engine.remove_volume(mark_of(name))
        there.add(name)
        there.discard(mark_of(name))
        self.held.setdefault(name, held)
        return begins

    async def _those_there(self) -> set[str]:
        if self._there is None:
            wanted = {key: value for key, value in self._worn.items() if key != labels.OWNER}
            self._there = {volume.name for volume in await self._engine.volumes(wanted)}
        return self._there
