"""Far: how sandboxes come by their files where the container engine does not see this machine's folders."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from studio.base.aio import in_thread
from studio.base.paths import Paths
from studio.base.text import shown
from studio.contracts.clock import Clock
from studio.contracts.containers import ContainerSpec, Mount, Volume
from studio.contracts.sandbox_engine import SandboxEngine
from studio.domain.errors import EngineError
from studio.domain.events import FilesKept
from studio.sandbox import labels
from studio.sandbox.carrying.agreement import NAME as AGREEMENT
from studio.sandbox.carrying.agreement import Agreement
from studio.sandbox.carrying.carrier import Carrier
from studio.sandbox.carrying.far_tree import ENTRIES_MAX, FarTree
from studio.sandbox.carrying.news import News
from studio.sandbox.carrying.plan import alike
from studio.sandbox.carrying.sending import send
from studio.sandbox.carrying.tree import Tree
from studio.sandbox.folders import Folders
from studio.sandbox.inside.signs import Sign
from studio.sandbox.owner import this_process
from studio.sandbox.shape import WORKDIR, is_carried
from studio.sandbox.starting import Up, start_up, take_down

MOST_BYTES = 8 << 30
"""So much of a sandbox's files is brought home where nobody says how much it may have."""

_Laid = tuple[str, Path, str]
"""A volume, the folder that is laid into it, and the one file of that, if it is only one."""

_PLACE = "/studio/laid"
"""Below it a container sees single files, which no volume can be laid over."""


class Far:
    """Puts volumes in the place of mounts, and keeps the files in them those of this machine.

    What a container only reads is laid in by one of our own, in which nothing else runs, before that container starts.
    What it writes is carried in and out while it runs.
    """

    def __init__(self, engine: SandboxEngine, clock: Clock, paths: Paths, folders: Folders) -> None:
        self._engine = engine
        self._folders = folders
        self._clock = clock
        self._home = paths.home
        self._workspaces = paths.workspaces
        self._scratch = paths.cache
        self.most = MOST_BYTES
        self._laid: dict[str, dict[str, Sign]] = {}
        self._made: dict[str, str] = {}
        self._given: set[str] = set()
        self._laying: dict[str, asyncio.Lock] = {}
        self._read: dict[str, Callable[[], Awaitable[None]]] = {}

    async def fitted(self, spec: ContainerSpec, project: str, run: str) -> ContainerSpec:
        """`spec` with a volume for each of its mounts; what is only read lies in them. Raises EngineError.

        As it is where the engine sees them.
        """
        if await self._folders.are_mounted(spec.image):
            return spec
        # Else what one has just made or laid in is gone for another run of the project, who looked before.
        laying = self._laying.setdefault(project, asyncio.Lock())
        async with laying:
            fitted, laid = await self._with_volumes(spec, project, run)
        self._read[run] = partial(self._lay, spec, run, laid, laying)
        await self._read[run]()
        return fitted

    async def _with_volumes(self, spec: ContainerSpec, project: str, run: str) -> tuple[ContainerSpec, list[_Laid]]:
        ours = await in_thread(labels.ours, self._home)
        there = {volume.name: volume.labels for volume in await self._engine.volumes(ours)}
        env, volumes, laid = dict(spec.env), list(spec.volumes), []
        for mount in spec.mounts:
            folder, target = await in_thread(_folder_of, mount)
            if target != mount.target:
                file = f"{target}/{mount.source.name}"
                env = {name: file if value == mount.target else value for name, value in env.items()}
            whose = {labels.RUN: run} if self._is_of_run(mount.source) else {}
            name = f"studio-at-{_slug(mount.target)}-{run if whose else project}-{labels.mark_of(self._home)}"
            worn = {**ours, labels.PROJECT: project, **whose, labels.LAID: mount.target}
            await self._have(name, there.get(name), worn, spec, run)
            volumes.append(Volume(name, target, mount.read_only, filled=False))
            if mount.read_only:
                laid.append((name, folder, mount.source.name if target != mount.target else ""))
        return replace(spec, mounts=(), volumes=tuple(volumes), env=env), laid

    async def _have(
        self, name: str, there: Mapping[str, str] | None, worn: Mapping[str, str], spec: ContainerSpec, run: str
    ) -> None:
        """Makes sure that there is this volume, and that it is the sandbox's user's."""
        made = (there or {}).get(labels.MADE, "")
        if there is None:
            made = secrets.token_hex(16)
        # One that is there is looked at: a volume that leads elsewhere is refused.
        await self._engine.create_volume(name, {**worn, labels.MADE: made} if made else worn)
        if there is None or name not in self._given:
            # Once in each process: who made it may have ended before it was given away.
            helper = {labels.RUN: run, labels.OWNER: this_process()}
            self._given.discard(name)
            await self._engine.give_volume(name, spec.image, spec.user, {**worn, **helper})
            self._given.add(name)
        if self._made.get(name) != made:
            self._laid.pop(name, None)
            self._made[name] = made

    async def carrier(
        self, up: Up, folder: Path, owner: tuple[int, int] | None, tell: Callable[[FilesKept], None]
    ) -> Carrier | None:
        """Carries the files of a container that has come up, from now on; None where they are mounted.

        `tell` hears of what was changed on both sides. Raises EngineError.
        """
        if not is_carried(up.spec):
            return None
        (name,) = (volume.name for volume in up.spec.volumes if volume.target == WORKDIR)
        agreement = Agreement(folder.parent / AGREEMENT, self._made.get(name, ""))
        tree, start = Tree(folder, owner, ENTRIES_MAX), partial(FarTree.start, up.link, WORKDIR)
        carrier = Carrier(up.link, up.sleep, tree, start, agreement, self.most, News(tell))
        carrier.lay_in_read_only = self._read.pop(up.spec.labels[labels.RUN])
        try:
            await carrier.start()
        except BaseException:
            await carrier.close()
            raise
        return carrier

    def _is_of_run(self, source: Path) -> bool:
        return self._workspaces.resolve() in source.parents

    async def _lay(self, spec: ContainerSpec, run: str, laid: list[_Laid], laying: asyncio.Lock) -> None:
        """Makes what lies in these volumes what lies in these folders."""
        async with laying:
            await self._lay_due(spec, run, laid)

    async def _lay_due(self, spec: ContainerSpec, run: str, laid: list[_Laid]) -> None:
        due = []
        for name, folder, only in laid:
            tree = Tree(folder, None, ENTRIES_MAX)
            found = await in_thread(tree.scan)
            here = {path: sign for path, sign in found.signs.items() if not only or path == only}
            if self._laid.get(name) != here:
                due.append((name, tree, here))
        if not due:
            return
        places = {name: f"{_PLACE}/{number}" for number, (name, _, _) in enumerate(due)}
        porter = replace(
            spec,
            name=f"studio-porter-{run}-{labels.mark_of(self._home)}",
            mounts=(),
            volumes=tuple(Volume(name, place, filled=False) for name, place in places.items()),
            labels={**await in_thread(labels.ours, self._home), labels.RUN: run, labels.OWNER: this_process()},
            workdir="/",
            hosts={},
        )
        up = await start_up(self._engine, self._clock, porter)
        try:
            for name, tree, here in due:
                await self._send(up, places[name], tree, here)
                self._laid[name] = here
        except TimeoutError as error:
            raise EngineError("What a sandbox reads could not be laid in in time.", retryable=True) from error
        finally:
            await take_down(self._engine, up)

    async def _send(self, up: Up, place: str, tree: Tree, here: Mapping[str, Sign]) -> None:
        far = await FarTree.start(up.link, place)
        changes = await in_thread(_differing, here, (await far.look()).changed)
        if changes:
            came = {path: signs async for path, signs in send(far, tree, self._scratch, changes)}
            if missing := [path for path in changes if path not in came]:
                raise EngineError(
                    f"What a sandbox reads could not be laid in whole: {shown(missing[0])} is missing.", retryable=True
                )


def _folder_of(mount: Mount) -> tuple[Path, str]:
    """The folder that is laid in for a mount, and where a container sees it. Blocks."""
    if mount.source.is_dir():
        return mount.source, mount.target
    return mount.source.parent, f"{_PLACE}/{_slug(mount.target)}"


def _differing(here: Mapping[str, Sign], there: Mapping[str, Sign]) -> dict[str, Sign | None]:
    changes: dict[str, Sign | None] = {path: None for path in there if path not in here}
    return changes | {path: sign for path, sign in here.items() if path not in there or not alike(sign, there[path])}


def _slug(target: str) -> str:
    return target.strip("/").replace("/", "-")
