"""Kept data: copies of one run's volumes, with which the services of a project's new runs begin."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from studio.base.aio import in_thread
from studio.base.log import logger
from studio.base.text import sized
from studio.contracts.clock import Clock
from studio.contracts.sandbox_engine import SandboxEngine
from studio.domain.errors import EngineError, UserError
from studio.domain.ids import DataId, ProjectId
from studio.domain.service_data import ServiceData
from studio.sandbox import labels
from studio.sandbox.images import Images
from studio.sandbox.volume_copy import copier_of, copy_volume

log = logger("sandbox")

_FORGET = "Keep another run's: studio sandbox data {0} keep RUN; or none: studio sandbox data {0} forget"
_UNSAYABLE = re.compile(r"[^A-Za-z0-9_.-]")


@dataclass(frozen=True, slots=True)
class Held:
    """A volume of a run: what the engine and the compose file call it, and whose the files in it are (`uid:gid`)."""

    volume: str
    name: str
    user: str


@dataclass(frozen=True, slots=True)
class Room:
    """What a copy may take in bytes, and how much of the disk is free beside what is to stay so."""

    most: int
    free: int


class KeptData:
    """Makes, gives and deletes them. A copy is part of a project's data once its id is recorded, and never before.

    `room` tells what a copy may take; without it any size is right. `require_sight` raises EngineError unless the
    engine sees this data folder: before that, nothing is deleted. `making` are those not recorded yet.
    """

    def __init__(self, engine: SandboxEngine, images: Images, clock: Clock, home: Path) -> None:
        self._engine = engine
        self._images = images
        self._clock = clock
        self._home = home
        self.room: Callable[[], Awaitable[Room]] | None = None
        self.require_sight: Callable[[], Awaitable[None]] | None = None
        self.making: set[DataId] = set()
        # While a volume is copied from, none of its project is deleted: an engine makes a missing one anew, empty.
        self._locks: dict[ProjectId, asyncio.Lock] = {}

    async def keep(self, data: DataId, project: ProjectId, held: Collection[Held], worn: Mapping[str, str]) -> int:
        """Copies the volumes of a run whose services have ended, and returns how many bytes they take.

        `worn` are the labels of the run's containers. When it fails, nothing of the copies stays; `clear` is
        called once it is recorded.
        Raises EngineError, and UserError where there is no room.
        """
        sizes = (await self._engine.disk_use()).volumes
        size = sum(sizes.get(one.volume, 0) for one in held)
        await self._require_room(size)
        async with self._lock(project):
            image = await self._images.ensure(_unheard)
            self.making.add(data)
            try:
                for one in held:
                    await self._keep_one(data, project, one, worn, image)
            except BaseException:
                await asyncio.shield(self._delete(project, data))
                self.making.discard(data)
                raise
        return size

    async def lay_in(self, data: ServiceData, held: Held, worn: Mapping[str, str], labelled: Mapping[str, str]) -> None:
        """Makes a volume of a run that begins as what is kept under its name, with the labels `labelled`.

        A mark stands beside it until it is whole: whoever finds that makes it anew. Raises EngineError, and UserError
        where there is no room.
        """
        await self._require_room(data.bytes)
        async with self._lock(data.project):
            source = await self._source(data, held)
            image = await self._images.ensure(_unheard)
            await self._engine.create_volume(mark_of(held.volume), labelled)
            try:
                await self._engine.create_volume(held.volume, labelled)
                await self._engine.give_volume(held.volume, image, held.user, worn)
                await copy_volume(
                    self._engine, self._clock, source, held.volume, image=image, user=held.user, worn=worn
                )
            except BaseException:
                await asyncio.shield(self._engine.remove_volume(held.volume))
                raise
            await self._engine.remove_volume(mark_of(held.volume))

    async def clear(self, project: ProjectId, but: DataId | None = None) -> None:
        """Deletes what is kept for a project, but what is recorded as `but`; what cannot go now is left over."""
        async with self._lock(project):
            self.making -= {but}
            try:
                old = [name for name, data in (await self._volumes(project)).items() if data != but]
                if old and self.require_sight is not None:
                    await self.require_sight()
                for name in old:
                    await self._engine.remove(copier_of(name))  # where a Studio was killed while it copied
                    await self._engine.remove_volume(name)
            except EngineError as error:
                log.warning("kept_data_left", project=project, error=str(error))

    async def _require_room(self, size: int) -> None:
        if self.room is None:
            return
        room = await self.room()
        if size > room.most:
            raise UserError(
                f"The data take {sized(size)}, and a run may have {sized(room.most)}.",
                "Delete what is not needed in them, or raise sandbox_disk_mb.",
            )
        if size > room.free:
            raise UserError(
                f"A copy of the data takes {sized(size)}, and {sized(max(0, room.free))} of disk may be used.",
                "Make room: studio sandbox disk",
            )

    async def _keep_one(
        self, data: DataId, project: ProjectId, held: Held, worn: Mapping[str, str], image: str
    ) -> None:
        mark = await in_thread(labels.mark_of, self._home)
        name = f"studio-data-{project}-{mark}-{data}-{_UNSAYABLE.sub('_', held.name)}"
        of = {labels.DATA: data, labels.DATA_NAME: held.name, labels.DATA_USER: held.user}
        await self._engine.create_volume(name, {**await self._ours(project), **of})
        await self._engine.give_volume(name, image, held.user, worn)
        await copy_volume(self._engine, self._clock, held.volume, name, image=image, user=held.user, worn=worn)

    async def _source(self, data: ServiceData, held: Held) -> str:
        """The volume to copy from, found to be ours. Raises EngineError."""
        wanted = {**await self._ours(data.project), labels.DATA: data.id, labels.DATA_NAME: held.name}
        found = await self._engine.volumes(wanted)
        if not found:
            raise EngineError(
                "The data that new runs begin with are not at this container engine.", _FORGET.format(data.project)
            )
        if (owner := found[0].labels.get(labels.DATA_USER)) != held.user:
            raise EngineError(
                f"The data that new runs begin with belong to {owner}, and the service runs as {held.user}.",
                _FORGET.format(data.project),
            )
        await self._engine.create_volume(found[0].name, wanted)
        return found[0].name

    async def _delete(self, project: ProjectId, data: DataId) -> None:
        for name, found in (await self._volumes(project)).items():
            if found == data:
                await self._engine.remove_volume(name)

    async def _volumes(self, project: ProjectId) -> dict[str, str]:
        found = await self._engine.volumes(await self._ours(project))
        return {one.name: one.labels[labels.DATA] for one in found if labels.DATA in one.labels}

    async def _ours(self, project: ProjectId) -> dict[str, str]:
        return {**await in_thread(labels.ours, self._home), labels.PROJECT: project}

    def _lock(self, project: ProjectId) -> asyncio.Lock:
        return self._locks.setdefault(project, asyncio.Lock())


def mark_of(volume: str) -> str:
    """The volume that stands beside one which is not whole yet."""
    return f"{volume}.begins"


def _unheard(_line: str) -> None:
    """Its image is there already, as a sandbox of it runs."""
