"""Build rooms: what the steps of a build see of the network, which is no more than a sandbox of the project does."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from studio.base.aio import in_thread
from studio.base.paths import Paths
from studio.domain.errors import StudioError
from studio.domain.ids import ProjectId, RunId
from studio.sandbox.egress.egress import Egress
from studio.sandbox.images import Images
from studio.sandbox.sandboxes import Sandboxes

_LONGEST = 4 * 3600.0


@dataclass(frozen=True, slots=True)
class Room:
    """The network for the steps of a build, and the build arguments that tell them of the way out."""

    network: str = "none"
    args: Mapping[str, str] = field(default_factory=dict)


class BuildRooms:
    """Lends a build the loopback of a sandbox of the project, where the way out stands if the project has one.

    Nobody is asked about a host on behalf of a build: what is not listed is refused.
    """

    def __init__(self, sandboxes: Sandboxes, images: Images, egress: Egress, paths: Paths) -> None:
        self._sandboxes = sandboxes
        self._images = images
        self._egress = egress
        self._paths = paths
        self._runs: dict[ProjectId, RunId] = {}

    async def has_way_out(self, project: ProjectId) -> bool:
        """Whether the project's sandboxes may reach anything."""
        return bool(await self._egress.environment(project))

    @asynccontextmanager
    async def lend(self, project: ProjectId) -> AsyncIterator[Room]:
        """A room for the time of the block. Raises EngineError."""
        way_out = await self._egress.environment(project)
        if not way_out:
            yield Room()
            return
        await self._images.ensure(_unheard)
        # One for all builds of the project, which are made one after the other: they share the ceiling of one run.
        run = self._runs.setdefault(project, RunId.new())
        home = self._paths.workspaces / run
        await in_thread(_make, home / "files", self._sandboxes.owner)
        try:
            sandbox = await self._sandboxes.open(project, run, home / "files")
            # A sandbox in which something runs is not put to sleep.
            holding = asyncio.create_task(sandbox.run(("sleep", "infinity"), timeout=_LONGEST), name="build room")
            try:
                yield Room(f"container:{sandbox.container}", _proxies(way_out))
            finally:
                holding.cancel()
                with suppress(asyncio.CancelledError, StudioError):
                    await holding
                await self._sandboxes.close(run, "the build has ended")
        finally:
            await in_thread(shutil.rmtree, home)


def _proxies(way_out: Mapping[str, str]) -> dict[str, str]:
    """Those that a builder knows without a line of the Dockerfile, and does not keep in the image."""
    return {name: value for name, value in way_out.items() if name.upper().endswith("_PROXY")}


def _make(folder: Path, owner: tuple[int, int] | None) -> None:
    shutil.rmtree(folder, ignore_errors=True)  # of an earlier build, which could not be deleted then
    folder.mkdir(parents=True, exist_ok=True)
    if owner is not None:
        os.chown(folder, *owner)


def _unheard(line: str) -> None:
    """Takes what nobody needs to read."""
