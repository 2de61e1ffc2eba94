"""The reaper: what Studio left at a container engine and nobody needs any more, with the reason, and its removal."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass

from studio.contracts.clock import Clock
from studio.contracts.containers import ImageState
from studio.contracts.sandbox_engine import SandboxEngine
from studio.domain.errors import EngineError
from studio.domain.ids import DataId, ProjectId, RunId
from studio.domain.sandboxes import Cleared, Litter, LitterKind
from studio.sandbox import labels
from studio.sandbox.images import Images
from studio.sandbox.sandboxes import Sandboxes

STALE_DAYS = 7.0
"""So long an image that no container uses is kept: another Studio of this machine may be about to use it."""

_STANDARD = ("studio-sandbox:", "studio-tools:")
"""How images are named that no project asked for: the one sandboxes start from, and what is put into others."""


@dataclass(frozen=True, slots=True)
class Known:
    """The projects that there are, the runs whose files are kept, and the data that new runs begin with."""

    projects: Collection[ProjectId]
    runs: Collection[RunId]
    data: Collection[DataId] = ()


class Reaper:
    """Finds what is left over, and clears it away; everything else is left alone."""

    def __init__(
        self,
        engine: SandboxEngine,
        sandboxes: Sandboxes,
        images: Images,
        clock: Clock,
        known: Callable[[], Awaitable[Known]],
    ) -> None:
        self._engine = engine
        self._sandboxes = sandboxes
        self._images = images
        self._clock = clock
        self._known = known

    async def find(self) -> tuple[Litter, ...]:
        """What is left over. Raises EngineError."""
        known, ours = await self._known(), await self._sandboxes.ours()
        use = await self._engine.disk_use()
        found = [
            Litter(LitterKind.CONTAINER, state.id, state.name, use.containers.get(state.id, 0), reason)
            for state, reason in await self._sandboxes.left_over()
        ]
        for volume in await self._engine.volumes(ours):
            is_made = volume.labels.get(labels.DATA) in self._sandboxes.kept_data.making
            if not is_made and (reason := _why_volume(volume.labels, known)):
                size = use.volumes.get(volume.name, 0)
                found.append(Litter(LitterKind.VOLUME, volume.name, volume.name, size, reason))
        used = {state.image for state in await self._engine.containers({})}
        for image in await self._engine.images({}):
            if image.id not in used and (reason := self._why_image(image, known, ours)):
                name = image.tags[0] if image.tags else image.id
                found.append(Litter(LitterKind.IMAGE, image.id, name, image.bytes, reason))
        return tuple(found)

    async def clear(self) -> Cleared:
        """Clears all of that away. Raises EngineError, also where the engine does not see this data folder."""
        await self._sandboxes.require_sight()
        found = await self.find()
        gone: list[Litter] = []
        kept: list[str] = []
        # Containers first: they hold on to volumes and images.
        for kind in LitterKind:
            of_kind = [litter for litter in found if litter.kind is kind]
            ends = await asyncio.gather(*map(self._remove, of_kind), return_exceptions=True)
            for litter, end in zip(of_kind, ends, strict=True):
                if isinstance(end, EngineError):
                    kept.append(f"{litter.name}: {end.sentence}")
                elif isinstance(end, BaseException):
                    raise end
                else:
                    gone.append(litter)
        return Cleared(tuple(gone), tuple(kept))

    async def _remove(self, litter: Litter) -> None:
        match litter.kind:
            case LitterKind.CONTAINER:
                await self._engine.remove(litter.id)
            case LitterKind.VOLUME:
                await self._engine.remove_volume(litter.id)
            case LitterKind.IMAGE:
                await self._engine.remove_image(litter.id)

    def _why_image(self, image: ImageState, known: Known, ours: Mapping[str, str]) -> str:
        if not is_ours(image, ours) or any(map(self._is_current, image.tags)):
            return ""
        project = image.labels.get(labels.PROJECT)
        if project is not None and project not in known.projects:
            return f"its project {project} was removed"
        days = (self._clock.now().timestamp() - image.created) / 86_400
        return f"no sandbox uses it, and it was made {days:.0f} days ago" if days >= STALE_DAYS else ""

    def _is_current(self, tag: str) -> bool:
        """Whether it is Studio's own image, or holds what was gathered from that."""
        return tag == self._images.tag or tag.endswith(f"-{self._images.tag.partition(':')[2]}")


def is_ours(image: ImageState, ours: Mapping[str, str]) -> bool:
    """Whether sandboxes of the data folder whose labels `ours` are may start from it."""
    standard = bool(image.tags) and all(tag.startswith(_STANDARD) for tag in image.tags)
    return standard or ours.items() <= image.labels.items()


def _why_volume(worn: Mapping[str, str], known: Known) -> str:
    run, project = worn.get(labels.RUN), worn.get(labels.PROJECT)
    if (data := worn.get(labels.DATA)) is not None and data not in known.data:
        return "no new run begins with it"
    if run is not None and run not in known.runs:
        files = ", and it may hold files that were not brought home" if labels.is_workspace(worn) else ""
        return f"its run {run} was discarded{files}"
    return f"its project {project} was removed" if project is not None and project not in known.projects else ""
