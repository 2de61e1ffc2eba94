"""The maker of pods: services beside sandboxes, and what their runs keep in volumes."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from studio.base.aio import in_thread
from studio.base.paths import Paths
from studio.contracts.clock import Clock
from studio.contracts.sandbox_engine import SandboxEngine
from studio.domain.errors import FilesElsewhere
from studio.domain.ids import ProjectId, RunId
from studio.domain.service_data import ServiceData
from studio.sandbox import labels
from studio.sandbox.carrying.agreement import NAME as AGREEMENT
from studio.sandbox.carrying.agreement import is_home
from studio.sandbox.egress.registries import Fetch, Registries
from studio.sandbox.kept_data import KeptData
from studio.sandbox.pods import Pod
from studio.sandbox.run_volumes import RunVolumes
from studio.sandbox.service_images import Known, ServiceImages
from studio.sandbox.service_spec import ServiceSize
from studio.sandbox.spec.service import Services


class Pods:
    """Makes the pod of each sandbox; one engine, one size for every service."""

    def __init__(
        self,
        engine: SandboxEngine,
        clock: Clock,
        home: Path,
        size: ServiceSize,
        kept_data: KeptData,
        registries: Registries | None = None,
    ) -> None:
        """Without `registries` no image is fetched."""
        self._registries = registries
        self._engine = engine
        self._clock = clock
        self._home = home
        self._size = size
        self._known = Known()
        self._kept_data = kept_data

    async def open(
        self,
        sandbox: str,
        worn: Mapping[str, str],
        services: Services,
        base: Path | None,
        listening: Callable[[], Awaitable[tuple[int, ...]]],
        data: ServiceData | None = None,
    ) -> Pod:
        """Starts the services beside the container `sandbox`, whose labels `worn` are, and waits until each stands.

        `base` is where the files of the base commit lie, `data` what new volumes begin with. A service that does not
        come up is no error: its view says why. When the caller is cancelled, none is left.
        """
        volumes = RunVolumes(self._engine, self._kept_data, worn, data)
        whose = Fetch(ProjectId(worn[labels.PROJECT]), RunId(worn[labels.RUN]))
        images = ServiceImages(self._engine, self._clock, self._registries, self._known, whose)
        pod = Pod(*(self._engine, self._clock, self._home, self._size, sandbox, worn, base, listening), images, volumes)
        try:
            await pod.bring_up(services)
        except BaseException:
            await pod.end(within=0)
            raise
        return pod

    async def volumes(self) -> dict[str, str]:
        """The volumes that runs of this data folder keep, by name, with the run of each. Raises EngineError."""
        found = await self._engine.volumes(await in_thread(labels.ours, self._home))
        return {one.name: one.labels.get(labels.RUN, "") for one in found if labels.is_of_a_run(one.labels)}

    async def left_over(self, workspaces: Path) -> tuple[str, ...]:
        """The volumes of runs that have no home in that folder, but for their files. Raises EngineError."""
        found = await self._engine.volumes(await in_thread(labels.ours, self._home))
        there = await in_thread(os.listdir, workspaces)
        # One with files of a run may be all there is of them: it goes when somebody says so.
        gone = [one for one in found if labels.is_of_a_run(one.labels) and not labels.is_workspace(one.labels)]
        return tuple(one.name for one in gone if one.labels.get(labels.RUN, "") not in there)

    async def forget(self, run: str) -> None:
        """Deletes the run's volumes, once nothing uses them.

        Raises FilesElsewhere where one holds files that are not here: that one is kept.
        """
        agreed, kept = Paths(self._home).workspaces / run / AGREEMENT, ""
        wanted = {**await in_thread(labels.ours, self._home), labels.RUN: run}
        for volume in await self._engine.volumes(wanted):
            made = volume.labels.get(labels.MADE, "")
            if labels.is_workspace(volume.labels) and not await in_thread(is_home, agreed, made):
                kept = volume.name
            else:
                await self._engine.remove_volume(volume.name)
        if kept:
            raise FilesElsewhere(
                f"Files of run {run} that were not brought home were kept at the container engine, in its volume "
                f"{kept}; the data of its services are gone.",
                f"Bring them home: studio sandbox start {run}. Or delete them for good: docker volume rm {kept}",
            )
