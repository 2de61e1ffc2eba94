"""The meter: what sandboxes take on disk, at the container engine and in the data folder."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

from studio.base.aio import in_thread
from studio.base.paths import Paths, shared_cache
from studio.contracts.sandbox_engine import SandboxEngine
from studio.domain.sandboxes import DiskMeter, DiskPart
from studio.sandbox import labels
from studio.sandbox.measure import folder_bytes
from studio.sandbox.reaper import Reaper, is_ours
from studio.sandbox.sandboxes import Sandboxes

_ENGINE = "at the container engine"


class Meter:
    """Counts when it is asked to: nothing keeps a sum that may be wrong by then."""

    def __init__(self, engine: SandboxEngine, sandboxes: Sandboxes, reaper: Reaper, paths: Paths) -> None:
        self._engine = engine
        self._sandboxes = sandboxes
        self._reaper = reaper
        self._paths = paths

    async def read(self) -> DiskMeter:
        """Counts now. Raises EngineError, OutsideError."""
        litter = await self._reaper.find()
        held, folders = await asyncio.gather(self._at_engine(), self._folders())
        free = (await in_thread(shutil.disk_usage, self._paths.home)).free
        return DiskMeter((*held, *folders), litter, free)

    async def _at_engine(self) -> tuple[DiskPart, ...]:
        use = await self._engine.disk_use()
        ours = await self._sandboxes.ours()
        images = [image.id for image in await self._engine.images({}) if is_ours(image, ours)]
        containers = [state.id for state in await self._sandboxes.containers()]
        found = await self._engine.volumes(ours)
        kept = [volume.name for volume in found if labels.DATA in volume.labels]
        volumes = [volume.name for volume in found if labels.DATA not in volume.labels]
        return (
            DiskPart("images", sum(use.images.get(id, 0) for id in images), _ENGINE),
            DiskPart("containers", sum(use.containers.get(id, 0) for id in containers), _ENGINE),
            DiskPart("volumes", sum(use.volumes.get(name, 0) for name in volumes), _ENGINE),
            DiskPart("data for new runs", sum(use.volumes.get(name, 0) for name in kept), _ENGINE),
        )

    async def _folders(self) -> tuple[DiskPart, ...]:
        places = {
            "workspaces": self._paths.workspaces,
            "repositories": self._paths.projects,
            "kept images": shared_cache(),
        }
        return tuple([DiskPart(name, await _bytes(place), str(place)) for name, place in places.items()])


async def _bytes(folder: Path) -> int:
    return await folder_bytes(folder) if await in_thread(folder.is_dir) else 0
