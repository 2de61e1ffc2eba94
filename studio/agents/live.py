"""Live runs: the sandbox and workspace of each run that is being worked on or looked at."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial

from studio.agents.beside import Beside
from studio.agents.hearing import Hearing
from studio.agents.journal import Journal
from studio.agents.openings import Openings
from studio.agents.plans import Plans
from studio.agents.preparing import Preparing
from studio.agents.shown import Shown
from studio.agents.warming import Warming
from studio.base.log import logger
from studio.domain.changes import PutBack, Snapshot
from studio.domain.errors import EngineError, FilesElsewhere, OutsideError, StudioError
from studio.domain.events import SANDBOX, Delta
from studio.domain.ids import ProjectId, RunId
from studio.domain.runs import Run
from studio.sandbox.box import Sandbox
from studio.sandbox.engine_watch import EngineWatch
from studio.sandbox.images import Images
from studio.sandbox.plan import SandboxPlan
from studio.sandbox.pool import Slot
from studio.sandbox.sandboxes import Sandboxes
from studio.tools.hands import Hands
from studio.workspace.files import Folder
from studio.workspace.workspaces import Workspaces

log = logger("agents")


@dataclass(frozen=True, slots=True)
class LiveRun:
    """One run with its sandbox up and its workspace filled."""

    run: Run
    folder: Folder
    sandbox: Sandbox
    workspaces: Workspaces
    command_seconds: float

    def hands(self, on_output: Callable[[str], None]) -> Hands:
        """What a tool call of this run may touch."""
        pictures = self.workspaces.pictures(self.run.project)
        return Hands(self.folder, self.sandbox, on_output, self.command_seconds, pictures=pictures)

    async def changed(self, head: str) -> bool:
        """Whether the workspace differs from `head`, the newest snapshot that the log knows."""
        async with self._saying_when_full():
            return await self.workspaces.changed(replace(self.run, head=head), self.sandbox)

    async def snapshot(self, head: str, message: str) -> Snapshot | None:
        """Commits what changed since `head` and brings it home; None when nothing did. Raises OutsideError."""
        async with self._saying_when_full():
            return await self.workspaces.snapshot(replace(self.run, head=head), self.sandbox, message)

    async def put_back(self, head: str, target: str, again: str = "") -> PutBack:
        """Makes the files those of the commit `target`, as a new one on `head`; see `Workspaces.put_back`."""
        async with self._saying_when_full():
            # The new commit is made here, and git reads it inside.
            return await self.workspaces.put_back(replace(self.run, head=head), Shown(self.sandbox), target, again)

    async def touched(self) -> bool:
        """Whether a file that the newest snapshot holds is not as it was."""
        async with self._saying_when_full():
            return await self.workspaces.is_touched(self.sandbox)

    @asynccontextmanager
    async def _saying_when_full(self) -> AsyncIterator[None]:
        try:
            yield
        except OutsideError as error:
            await self.sandbox.give_up_if_full()
            if self.sandbox.broken is not None:
                raise self.sandbox.broken from error
            raise


class LiveRuns:
    """Opens and closes runs; a run stays open between turns so that the next one starts at once."""

    def __init__(
        self,
        sandboxes: Sandboxes,
        images: Images,
        plans: Plans,
        engine: EngineWatch,
        workspaces: Workspaces,
        beside: Beside,
        journal: Journal,
        on_delta: Callable[[Delta], None],
        command_seconds: float,
        hearing: Hearing | None = None,
        preparing: Preparing | None = None,
        warming: Warming | None = None,
    ) -> None:
        self._sandboxes = sandboxes
        self._warming = warming
        self._images = images
        self._plans = plans
        self._engine = engine
        self._on_delta = on_delta
        self._workspaces = workspaces
        self._beside = beside
        self._journal = journal
        self._command_seconds = command_seconds
        self._hearing = hearing
        self._preparing = preparing
        self._openings = Openings()
        self._clones: dict[RunId, asyncio.Lock] = {}
        self._filled: dict[RunId, Sandbox] = {}
        self._made_of: dict[RunId, SandboxPlan] = {}

    @property
    def workspaces(self) -> Workspaces:
        """Where the files of runs come from."""
        return self._workspaces

    async def open(self, run: Run) -> LiveRun:
        """The run with its container up, started when needed, and its clone in order; for the holder of `clone_lock`.

        Raises EngineError, GitError or PolicyRefused.
        """
        async with self._openings.opening(run.id):
            sandbox, started = await self._up(run)
            try:
                await self._workspaces.populate(run, sandbox)
            except OutsideError:
                await sandbox.give_up_if_full()
                if started or sandbox.broken is None:
                    raise
                sandbox, _ = await self._up(run)
                await self._workspaces.populate(run, sandbox)
            if self._filled.get(run.id) is not sandbox:
                await self._prepare(run, sandbox)
            self._filled[run.id] = sandbox
        return self._live(run, sandbox)

    async def visit(self, run: Run) -> LiveRun:
        """As `open`, for whoever looks in while others may work: a clone in order, or in use, is left alone."""
        lock = self.clone_lock(run.id)
        if not self._is_filled(run.id) and not lock.locked():
            async with lock:
                return await self.open(run)
        async with self._openings.opening(run.id):
            sandbox, _ = await self._up(run)
        return self._live(run, sandbox)

    def _is_filled(self, run: RunId) -> bool:
        sandbox = self._sandboxes.get(run)
        return sandbox is not None and self._filled.get(run) is sandbox

    async def _up(self, run: Run) -> tuple[Sandbox, bool]:
        """The run's sandbox, and whether it was started just now."""
        sandbox = self._sandboxes.get(run.id)
        if sandbox is not None:
            await self._workspaces.prepare(run)
            return sandbox, False
        slot = await self._warming.take(run) if self._warming is not None else None
        self._on_delta(Delta(run.project, run.id, SANDBOX, ""))
        try:
            return await self._started(run, slot), True
        except BaseException:
            self._on_delta(Delta(run.project, run.id, SANDBOX, ""))
            if slot is not None and self._sandboxes.get(run.id) is None:
                with suppress(StudioError):
                    await self._sandboxes.pool.drop(slot)
            raise

    async def _started(self, run: Run, slot: Slot | None) -> Sandbox:
        folder, mounts = await self._workspaces.prepare(run)
        self._engine.require()
        # One wait for a person, whatever is missing.
        async with self._plans.asking(run, await self._beside.images(run), partial(self._tell_line, run)):
            plan = await self._planned(run)
            await self._plans.note(run, plan)
            await self._engine.require_usable(plan.image or self._images.tag)
            plan, base = await self._beside.plan(run, plan)
            if self._preparing is not None:
                plan = await self._preparing.with_cache(run, plan, plan.image or self._images.tag)
            self._made_of[run.id] = plan
            sandbox = await self._sandboxes.open(run.project, run.id, folder, mounts, plan, base, slot)
        await self._journal.sandbox_started(run, sandbox.container, sandbox.image, sandbox.milliseconds, sandbox.weaker)
        await self._beside.came_up(run, plan, sandbox)
        if self._hearing is not None:
            self._hearing.attend(run, sandbox, self._workspaces.files(run.id))
        if self._warming is not None:
            self._warming.came_up(run.project, plan)
        return sandbox

    async def _planned(self, run: Run) -> SandboxPlan:
        """What the run's sandbox is made of, its image ready."""
        tell = partial(self._tell_line, run)
        plan = await self._plans.of(run, tell)
        if not plan.image:
            await self._images.ensure(tell)
        return plan

    async def _prepare(self, run: Run, sandbox: Sandbox) -> None:
        """Makes the workspace ready in a sandbox that is new."""
        if self._preparing is not None:
            plan = self._made_of.get(run.id) or await self._planned(run)
            await self._preparing.prepare(run, sandbox, plan, lambda text: self._tell(run, text))

    def _tell(self, run: Run, text: str) -> None:
        self._on_delta(Delta(run.project, run.id, "setup", text))

    def _tell_line(self, run: Run, line: str) -> None:
        self._tell(run, f"{line}\n")

    def _live(self, run: Run, sandbox: Sandbox) -> LiveRun:
        return LiveRun(run, self._workspaces.files(run.id), sandbox, self._workspaces, self._command_seconds)

    def clone_lock(self, run: RunId) -> asyncio.Lock:
        """Held by whoever takes snapshots of the run's clone: a turn, or a person's change between two turns."""
        return self._clones.setdefault(run, asyncio.Lock())

    async def can_open_at_once(self) -> bool:
        """Whether a container engine answers and has the image, so that opening takes less than a second."""
        try:
            self._engine.require()
            return await self._images.ready()
        except EngineError:
            return False

    def is_opening(self, run: RunId) -> bool:
        """Whether somebody brings its container up now."""
        return self._openings.is_opening(run)

    def is_open(self, run: RunId) -> bool:
        """Whether the run's container is up."""
        return self._sandboxes.get(run) is not None

    async def forget(self, project: ProjectId) -> None:
        """Removes what the container engine keeps of a project, all of whose runs are closed."""
        await self._plans.forget(project)

    def held(self, run: RunId) -> Sandbox | None:
        """The run's sandbox, also one that broke."""
        return self._sandboxes.held(run)

    async def close(self, run: Run, reason: str, only: Sandbox | None = None) -> None:
        """Removes the run's container; its files stay.

        With `only` it is that sandbox, also one that broke, and none that came up in its place meanwhile.
        """
        if only is not None and self._sandboxes.held(run.id) is not only:
            return
        sandbox = only or self._sandboxes.get(run.id)
        self._filled.pop(run.id, None)
        self._made_of.pop(run.id, None)
        if self._hearing is not None:
            self._hearing.let_go(run.id)
        if sandbox is None:
            return
        if await self._sandboxes.close(run.id, reason, only) is not None or only is None:
            await self._journal.sandbox_stopped(run, sandbox.container, reason)

    async def put_away(self, run: Run, reason: str) -> str:
        """Closes the run for good: what its services kept goes as well. Its files are the caller's to remove.

        A sandbox that is just coming up for it does not come up. Says what was kept elsewhere; nothing of nothing.
        """
        async with self._openings.going(run.id):
            await self.close(run, reason)
            try:
                await self._sandboxes.forget(run.id)
            except FilesElsewhere as kept:
                log.warning("files_kept_elsewhere", run=run.id, error=str(kept))
                return kept.sentence
            except EngineError as error:
                # Without an engine there is nothing to delete from; what is left is found once there is one again.
                log.warning("volumes_left", run=run.id, error=str(error))
        return ""
