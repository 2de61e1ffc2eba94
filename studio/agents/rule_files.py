"""Rule files: where the AGENTS.md files and notes that count for a run are read from."""

from __future__ import annotations

from typing import Protocol

from studio.agents.notes import NoteFile, notes_in, notes_told
from studio.agents.telling import RULES_FILE
from studio.base.aio import in_thread
from studio.base.text import plain
from studio.domain.errors import StudioError
from studio.domain.runs import Run
from studio.tools.notes import NOTES_FOLDER
from studio.workspace.files import Folder
from studio.workspace.workspaces import Workspaces


class RuleFiles(Protocol):
    """The rules of a project as one run is to follow them."""

    async def text(self, path: str, limit: int) -> str:
        """What an AGENTS.md says, no more than `limit` bytes of it; empty when there is none that can be read."""
        ...

    async def notes(self) -> str:
        """All notes, each under its file's name; empty when there is none that can be read."""
        ...


class WorkspaceRules:
    """Those that lie in the run's workspace now: what its agent writes there counts for it from then on."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder

    async def text(self, path: str, limit: int) -> str:
        """See RuleFiles."""
        try:
            return _clean((await in_thread(self._folder.read, path, 0, limit)).data)
        except (StudioError, OSError, ValueError):
            return ""

    async def notes(self) -> str:
        """See RuleFiles."""
        return await in_thread(lambda: notes_told(notes_in(self._folder)))


class BaseRules:
    """Those of the run's base commit, which is a person's, whatever lies in the workspace.

    For a run that begins with the files of another one: what an agent wrote is work to review, and rules nobody.
    """

    def __init__(self, workspaces: Workspaces, run: Run) -> None:
        self._workspaces = workspaces
        self._run = run
        self._there: frozenset[str] | None = None

    async def text(self, path: str, limit: int) -> str:
        """See RuleFiles."""
        project, commit = self._run.project, self._run.base_commit
        try:
            if self._there is None:
                self._there = await self._workspaces.commits.paths_named(project, commit, RULES_FILE)
            # A path that an agent made up never comes near git.
            found = await self._workspaces.commits.read_files(project, commit, (path,)) if path in self._there else ()
        except StudioError:
            return ""
        return _clean(found[0].data[:limit]) if found else ""

    async def notes(self) -> str:
        """See RuleFiles."""
        project, commit = self._run.project, self._run.base_commit
        try:
            found = await self._workspaces.commits.read_folder(project, commit, NOTES_FOLDER, (".md",))
        except StudioError:
            return ""
        return notes_told(NoteFile(f"{NOTES_FOLDER}/{file.name}", file.data) for file in found)


def _clean(data: bytes) -> str:
    return plain(data.decode(errors="replace")).strip()
