"""The handovers door: which work waits for somebody to go on with it."""

from __future__ import annotations

from studio.board.handovers import waiting_handovers
from studio.domain.changes import Base
from studio.domain.ids import ProjectId
from studio.domain.runs import Run
from studio.domain.takeovers import WaitingWork
from studio.store import projects
from studio.store.database import Database
from studio.workspace.workspaces import Workspaces


class Handovers:
    """What agents handed over to roles; a person decides whether a new run goes on with it."""

    def __init__(self, database: Database, workspaces: Workspaces) -> None:
        self._database = database
        self._workspaces = workspaces

    async def waiting(self, project: ProjectId, role: str | None = None) -> tuple[WaitingWork, ...]:
        """What waits for a run of this role, or of any, newest first. Raises UserError for an unusable checkout."""
        async with self._database.reading() as connection:
            known = await projects.get(connection, project)
            found = [each for each in await waiting_handovers(connection, project) if role in (None, each.role)]
        if not found:
            return ()
        base = await self._workspaces.base(known)
        waiting = []
        for each in found:
            diff = await self._workspaces.diff(each.giver, patches=False, head=each.head)
            files = len(diff.files) + diff.left_out
            here = not each.has_files or _is_of(each.giver, base)
            waiting.append(WaitingWork(each.giver, each.role, each.head, files, here))
        return tuple(waiting)


def _is_of(giver: Run, base: Base) -> bool:
    """Whether the run started from what is checked out: the branch, or the very commit where there is none."""
    return giver.base_branch == base.branch if base.branch else giver.base_commit == base.commit
