"""All sandboxes of one data folder: one container for each run that works."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, nullcontext, suppress
from dataclasses import replace
from functools import partial
from math import inf
from pathlib import Path

from studio.base.aio import in_thread
from studio.base.paths import Paths
from studio.contracts.clock import Clock
from studio.contracts.containers import ContainerSpec, ContainerState, Mount
from studio.contracts.sandbox_engine import SandboxEngine
from studio.domain.errors import EngineError, EngineGone, UserError
from studio.domain.ids import ProjectId, RunId
from studio.domain.sandboxes import SandboxState
from studio.sandbox import labels
from studio.sandbox.box import Sandbox
from studio.sandbox.carrying.far import Far
from studio.sandbox.egress.egress import PORT, Egress
from studio.sandbox.facts import Unheard
from studio.sandbox.images import Images
from studio.sandbox.kept_data import KeptData
from studio.sandbox.owner import owned_elsewhere, this_process
from studio.sandbox.plan import STANDARD_PLAN, SandboxPlan
from studio.sandbox.pod_maker import Pods
from studio.sandbox.pods import LAST_SECONDS
from studio.sandbox.pool import Pool, Slot
from studio.sandbox.service_spec import ServiceSize
from studio.sandbox.shape import WORKDIR, Size, certificates, checked, environment, inside_user, is_carried
from studio.sandbox.starting import start_up


class Sandboxes:
    """Opens, finds, closes and clears away containers; everything it makes carries this data folder's label.

    `admit` keeps room for one with so many services while it is started, and raises EngineError when there is none;
    `has_room` only says whether there is. `pool` holds those that wait for a run. `require_sight` raises EngineError
    unless what is there is this data folder's: before that, nothing is cleared away. `far` is for an engine elsewhere.
    """

    def __init__(
        self,
        engine: SandboxEngine,
        images: Images,
        paths: Paths,
        clock: Clock,
        size: Size = Size(),  # noqa: B008  a frozen value
        env: Mapping[str, str] = os.environ,
        service_size: ServiceSize = ServiceSize(),  # noqa: B008  a frozen value
        told: Unheard | None = None,
        egress: Egress | None = None,
    ) -> None:
        self._engine = engine
        self._images = images
        self._paths = paths
        self._clock = clock
        self._size = size
        self._env = env
        self.kept_data = kept = KeptData(engine, images, clock, paths.home)
        self._pods = Pods(engine, clock, paths.home, service_size, kept, egress.registries if egress else None)
        self.told = told or Unheard()
        self.admit: Callable[[int], AbstractAsyncContextManager[None]] = lambda _services: nullcontext()
        self.has_room: Callable[[], Awaitable[bool]] = _has_room
        self.require_sight: Callable[[], Awaitable[None]] = _sees
        self.far: Far | None = None
        self.pool = Pool(engine, clock)
        self._egress = egress
        self._open: dict[RunId, Sandbox] = {}
        self._locks: dict[RunId, asyncio.Lock] = {}

    @property
    def owner(self) -> tuple[int, int] | None:
        """Whom files must belong to for a sandbox to write them; None when that is the person anyway."""
        return inside_user() if os.geteuid() == 0 else None

    def get(self, run: RunId) -> Sandbox | None:
        """The run's open sandbox, if there is a usable one."""
        sandbox = self._open.get(run)
        return None if sandbox is None or sandbox.broken is not None else sandbox

    async def ours(self) -> dict[str, str]:
        """The labels of all that belongs to this data folder. Raises EngineError."""
        return await in_thread(labels.ours, self._paths.home)

    def state(self, run: RunId) -> SandboxState:
        """Where the run's sandbox stands."""
        sandbox = self._open.get(run)
        if sandbox is None:
            return SandboxState.STARTING if self._under_way(run) else SandboxState.NONE
        if sandbox.broken is not None:
            return SandboxState.LOST
        return SandboxState.ASLEEP if sandbox.sleep.asleep else SandboxState.RUNNING

    def held(self, run: RunId) -> Sandbox | None:
        """The run's open sandbox, also one that broke."""
        return self._open.get(run)

    def opened(self) -> tuple[Sandbox, ...]:
        """All open sandboxes, those that broke too."""
        return tuple(self._open.values())

    async def containers(self) -> tuple[ContainerState, ...]:
        """This data folder's containers as the engine reports them. Raises EngineError."""
        return await self._engine.containers(await self.ours())

    async def open(
        self,
        project: ProjectId,
        run: RunId,
        folder: Path,
        mounts: tuple[Mount, ...] = (),
        plan: SandboxPlan = STANDARD_PLAN,
        base: Path | None = None,
        slot: Slot | None = None,
    ) -> Sandbox:
        """The run's sandbox with `folder` at /workspace: the open one, or a new container when there is none.

        A `slot` of the pool, whose home the run has now, is used where it fits, and ended where not.
        `plan` says what a new one is made of; its image is there, its volumes are made when they are not.
        Its services are started with it, and have the time that they are given to come up: `pod` says how they stand.
        `base` is where the files of the run's base commit lie, for services that read some.

        Raises EngineError, and PolicyRefused for mounts outside Studio's own folders or a volume that is not ours.
        """
        async with self._lock(run):
            usable = self.get(run)
            if usable is not None:
                return usable
            await self._remove(run)
            async with self.admit(len(plan.services.started)):
                sandbox = await self._start(project, run, (Mount(folder, WORKDIR), *mounts), plan, base, slot)
                self._open[run] = sandbox
            return sandbox

    async def warm(
        self, project: ProjectId, name: str, home: Path, folder: Path, mounts: tuple[Mount, ...], plan: SandboxPlan
    ) -> None:
        """Starts a container for the pool, with `folder` at /workspace. Raises EngineError, PolicyRefused."""
        spec = await self._wanted(project, RunId(name), (Mount(folder, WORKDIR), *mounts), plan)
        worn = {**self._labels(project), labels.SLOT: name, labels.OWNER: this_process()}
        await self.pool.fill(name, project, home, replace(spec, labels=worn))

    async def close(self, run: RunId, reason: str, only: Sandbox | None = None, within: float = inf) -> str | None:
        """Ends the run's sandbox (with `only`, none in its place), services by force after `within`; its container."""
        async with self._lock(run):
            return await self._remove(run, within) if only is None or self._open.get(run) is only else None

    @asynccontextmanager
    async def at_rest(self, run: RunId) -> AsyncIterator[None]:
        """While it is held, no sandbox of the run is started. Raises UserError where one is up."""
        async with self._lock(run):
            if self._open.get(run) is not None:
                raise UserError(f"The sandbox of run {run} was started again meanwhile.", "Try again.")
            yield

    async def forget(self, run: RunId) -> None:
        """Deletes what services kept for a run that goes, once its sandbox is closed. Raises EngineError."""
        if self._egress is not None:
            self._egress.forget(run)
        async with self._lock(run):
            if run in (await self._pods.volumes()).values():
                await self.require_sight()
            await self._pods.forget(run)

    def lose_all(self, gone: EngineGone) -> None:
        """Gives up every sandbox of this process: the engine is gone, or hangs, and with it the way into them."""
        for sandbox in self._open.values():
            sandbox.lose(gone)
        self.pool.lose(gone)

    async def close_all(self) -> None:
        """Ends every sandbox of this process, side by side; the first failure is raised once all have been tried."""
        closing = (self.close(run, "shut down", within=LAST_SECONDS) for run in tuple(self._open))
        ends = await asyncio.gather(*closing, self.pool.drop_all(), return_exceptions=True)
        for end in ends:
            if isinstance(end, BaseException):
                raise end

    async def left_over(self) -> tuple[tuple[ContainerState, str], ...]:
        """This data folder's containers that no living process owns, and why each is not needed. Raises EngineError."""
        here = {container for sandbox in self._open.values() for container in sandbox.containers}
        return tuple(
            (state, "the Studio that started it has ended")
            for state in await self.containers()
            if state.id not in here
            and not self.pool.holds(state)
            and not self._under_way(state.labels.get(labels.RUN, ""))
            and not owned_elsewhere(state.labels.get(labels.OWNER, ""))
        )

    async def reap(self) -> tuple[str, ...]:
        """Removes what is left over, side by side; returns the containers' ids. Raises EngineError."""
        left = tuple(state.id for state, _ in await self.left_over())
        volumes = await self._pods.left_over(self._paths.workspaces)
        if left or volumes:
            await self.require_sight()
        await asyncio.gather(*map(self._engine.remove, left))
        await in_thread(self.pool.sweep, self._paths.workspaces)
        await asyncio.gather(*map(self._engine.remove_volume, volumes))
        return left

    def _under_way(self, run: str) -> bool:
        """Whether the run's container is being started or ended here."""
        lock = self._locks.get(RunId(run)) if run else None
        return lock is not None and lock.locked()

    async def _wanted(
        self, project: ProjectId, run: RunId, mounts: tuple[Mount, ...], plan: SandboxPlan
    ) -> ContainerSpec:
        """What the run's container is to be, the volumes for it made."""
        spec = await in_thread(self._spec, project, run, mounts, plan)
        way_out = await self._egress.environment(project) if self._egress is not None else {}
        for volume in spec.volumes:
            await self._engine.create_volume(volume.name, self._labels(project))
        spec = replace(spec, env={**spec.env, **way_out})
        return await self.far.fitted(spec, project, run) if self.far else spec

    async def _start(
        self,
        project: ProjectId,
        run: RunId,
        mounts: tuple[Mount, ...],
        plan: SandboxPlan,
        base: Path | None,
        slot: Slot | None,
    ) -> Sandbox:
        spec = await self._wanted(project, run, mounts, plan)
        up = await self.pool.assigned(slot, spec, mounts[0].source.parent) if slot is not None else None
        if up is None:
            up = await start_up(self._engine, self._clock, spec)
        sandbox = Sandbox(project, run, mounts[0].source, self._engine, up, self._clock)
        try:
            kept = partial(self.told.kept, sandbox)
            sandbox.carrier = await self.far.carrier(up, sandbox.folder, self.owner, kept) if self.far else None
            if self._egress is not None and await self._egress.environment(project):
                await sandbox.let_out(PORT, self._egress.serve(project, run))
            files, ports = None if is_carried(spec) else base, sandbox.listening_ports
            sandbox.pod = await self._pods.open(up.container, spec.labels, plan.services, files, ports, plan.data)
        except BaseException:
            await self._end(sandbox)
            raise
        up.sleep.woke = partial(self.told.woke, sandbox)
        up.sleep.containers = lambda: sandbox.containers
        return sandbox

    def _spec(self, project: ProjectId, run: RunId, mounts: tuple[Mount, ...], plan: SandboxPlan) -> ContainerSpec:
        uid, gid = inside_user()
        trusted = certificates(self._paths.cache / "sandbox", self._env)
        readable = (self._paths.projects, self._paths.cache)
        wanted = (*mounts, trusted) if trusted else mounts
        return ContainerSpec(
            name=f"studio-{run}-{labels.mark_of(self._paths.home)}",
            image=plan.image or self._images.tag,
            user=f"{uid}:{gid}",
            mounts=tuple(checked(mount, (self._paths.workspaces,), readable) for mount in wanted),
            labels={**self._labels(project), labels.RUN: run, labels.OWNER: this_process()},
            env={**plan.env, **environment()},
            workdir=WORKDIR,
            memory_bytes=self._size.memory_bytes,
            cpus=self._size.cpus,
            pids=self._size.pids,
            volumes=plan.volumes,
            hosts=plan.services.hosts,
        )

    def _labels(self, project: ProjectId) -> dict[str, str]:
        return {**labels.ours(self._paths.home), labels.PROJECT: project}

    async def _remove(self, run: RunId, within: float = inf) -> str | None:
        if (sandbox := self._open.pop(run, None)) is None:
            return None
        await self._end(sandbox, within)
        return sandbox.container

    async def _end(self, sandbox: Sandbox, within: float = inf) -> None:
        async with AsyncExitStack() as ends:
            ends.push_async_callback(self._engine.remove, sandbox.container)
            # Also when the engine does not remove it: from then on it is left over.
            ends.callback(self.pool.ended, sandbox.container)
            if (pod := sandbox.pod) is not None:
                ends.push_async_exit(lambda failed, *_: pod.end(within if failed is None else 0.0))
            with suppress(EngineError):  # a supervisor that is gone already does not keep its container alive
                await sandbox.hang_up()

    def _lock(self, run: RunId) -> asyncio.Lock:
        return self._locks.setdefault(run, asyncio.Lock())


async def _has_room() -> bool:
    return True


async def _sees() -> None:
    """Takes what is there for the data folder's."""
