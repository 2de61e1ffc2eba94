"""Warming: keeps a sandbox ready for the next new run of a project that is worked on."""

from __future__ import annotations

from studio.base.aio import Tasks
from studio.base.log import logger
from studio.contracts.clock import Clock
from studio.domain.errors import StudioError
from studio.domain.ids import ProjectId, RunId
from studio.domain.runs import Run
from studio.sandbox.plan import SandboxPlan
from studio.sandbox.pool import Slot
from studio.sandbox.sandboxes import Sandboxes
from studio.workspace.workspaces import Workspaces

log = logger("agents")

SETTLE_SECONDS = 3.0
"""After a sandbox came up: what the person waits for comes first."""


class Warming:
    """Fills the pool beside the work, and gives its slots to new runs; `count` is how many wait for each project."""

    def __init__(self, sandboxes: Sandboxes, workspaces: Workspaces, clock: Clock, count: int) -> None:
        self._sandboxes = sandboxes
        self._workspaces = workspaces
        self._clock = clock
        self._count = count
        self._tasks = Tasks()
        self._filling: set[ProjectId] = set()

    async def take(self, run: Run) -> Slot | None:
        """A slot whose home is the run's now; None where none waits, or the run has files already."""
        if not self._count or self._sandboxes.held(run.id) is not None:
            return None
        if await self._workspaces.has_home(run.id) or (slot := self._sandboxes.pool.take(run.project)) is None:
            return None
        if await self._workspaces.adopt(run.id, slot.home):
            return slot
        self._sandboxes.pool.give_back(slot)
        return None

    def came_up(self, project: ProjectId, plan: SandboxPlan) -> None:
        """Sees to it that a slot waits for the project's next run."""
        if self._count and project not in self._filling:
            self._filling.add(project)
            self._tasks.spawn(self._fill(project, plan), f"pool of {project}")

    async def close(self) -> None:
        """Fills no more."""
        await self._tasks.close()

    async def _fill(self, project: ProjectId, plan: SandboxPlan) -> None:
        try:
            await self._clock.sleep(SETTLE_SECONDS)
            while self._sandboxes.pool.count(project) < self._count and await self._sandboxes.has_room():
                name = f"slot-{RunId.new()}"
                async with self._sandboxes.pool.making(name, self._workspaces.paths.workspaces):
                    home, folder, mounts = await self._workspaces.prepare_slot(project, name)
                    await self._sandboxes.warm(project, name, home, folder, mounts, plan)
        except (StudioError, OSError) as error:
            # Whoever needs a sandbox starts one, and is told then what is wrong.
            log.info("pool_not_filled", project=project, error=str(error))
        finally:
            self._filling.discard(project)
