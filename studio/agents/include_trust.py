"""What people agreed to of .worktreeinclude: a merged branch can name more of their files, and they have a say."""

from __future__ import annotations

from dataclasses import dataclass

from studio.agents.include_changes import changes_between, lines_of
from studio.base.aio import in_thread
from studio.checkpoints.checkpoints import hash_act
from studio.domain.errors import UserError
from studio.domain.events import IncludesAllowed
from studio.domain.ids import ProjectId
from studio.domain.projects import Project
from studio.events.recorder import Recorder
from studio.store import event_log, runs
from studio.store.database import Database
from studio.workspace.including import FILE
from studio.workspace.tree_files import TreeFile
from studio.workspace.workspaces import Workspaces

_KEPT = 200


@dataclass(frozen=True, slots=True)
class Includes:
    """What a commit's file asks for: its lines, what of that nobody agreed to, and what names this exact text.

    `changes` are all lines of the agreed text and of this one, as `changes_between` tells them; none where nobody is
    asked.
    """

    commit: str
    lines: tuple[str, ...]
    changes: tuple[str, ...]
    digest: str

    @property
    def changed(self) -> tuple[str, ...]:
        """The lines that came and went alone."""
        return tuple(line for line in self.changes if not line.startswith("  "))


class IncludeTrust:
    """The text that counts is that of the commit of the project's first run, until a person agrees to another one.

    That run started before any agent's branch could be merged; each text that came later may be an agent's.
    """

    def __init__(self, workspaces: Workspaces, database: Database, recorder: Recorder) -> None:
        self._workspaces = workspaces
        self._database = database
        self._recorder = recorder
        self._read: dict[tuple[ProjectId, str], tuple[TreeFile, ...]] = {}

    async def at(self, project: ProjectId, commit: str) -> tuple[TreeFile, ...]:
        """The file as a commit has it, if it does; each commit is asked once. Raises GitError."""
        key = (project, commit)
        if key not in self._read:
            while len(self._read) >= _KEPT:
                self._read.pop(next(iter(self._read)))
            self._read[key] = await self._workspaces.commits.read_files(*key, (FILE,))
        return self._read[key]

    async def agreed(self, project: ProjectId, commit: str) -> bytes | None:
        """The text that counts in place of that at `commit`; None where nobody need be asked. Raises GitError."""
        asked = _text(await self.at(project, commit))
        agreed = await self._agreed(project, commit)
        return None if asked == agreed else agreed

    async def show(self, project: Project) -> Includes:
        """What new runs of the project would start with. Raises UserError, GitError."""
        base = await self._workspaces.base(project)
        asked = _text(await self.at(project.id, base.commit))
        lines, known = lines_of(asked), lines_of(await self._agreed(project.id, base.commit))
        changes = await in_thread(changes_between, known, lines)
        return Includes(base.commit, lines, changes, hash_act(asked.decode("utf-8", "surrogateescape")))

    async def allow(self, project: Project, digest: str) -> Includes:
        """Agrees to the text so named, for runs from now on. Raises UserError where it is another one by now."""
        found = await self.show(project)
        if found.digest != digest:
            raise UserError(
                f"That is not the word for what {FILE} says now. Nothing was agreed to.",
                f"Look again: studio sandbox include {project.name}",
            )
        await self._recorder.record(project.id, None, IncludesAllowed(found.commit, found.digest))
        return found

    async def _agreed(self, project: ProjectId, commit: str) -> bytes:
        async with self._database.reading() as connection:
            said = await event_log.newest_of(connection, IncludesAllowed.kind, project, 1)
            first = await runs.all_runs(connection, project)
        trusted = first[-1].base_commit if first else commit
        for item in said:
            if isinstance(item.event, IncludesAllowed):
                trusted = item.event.commit
        return _text(await self.at(project, trusted))


def _text(found: tuple[TreeFile, ...]) -> bytes:
    return found[0].data if found and not found[0].unread else b""
