"""Commits: files of a project's commits, read from its private repository."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from studio.domain.ids import ProjectId
from studio.workspace import base_files, tree_files
from studio.workspace.git import Git
from studio.workspace.project_repository import ProjectRepository
from studio.workspace.tree_files import TreeFile


class Commits:
    """What commits hold that the private repositories have. Each method raises GitError."""

    def __init__(self, repository: Callable[[ProjectId], ProjectRepository]) -> None:
        self._repository = repository

    async def read_folder(
        self, project: ProjectId, commit: str, folder: str, endings: tuple[str, ...]
    ) -> tuple[TreeFile, ...]:
        """The files of one folder; see `tree_files.read_tree_folder`."""
        return await tree_files.read_tree_folder(self._git(project), commit, folder, endings)

    async def read_named(self, project: ProjectId, commit: str, folder: str, file: str) -> tuple[TreeFile, ...]:
        """The file of this name in each folder directly in `folder`; see `tree_files.read_named_files`."""
        return await tree_files.read_named_files(self._git(project), commit, folder, file)

    async def read_files(self, project: ProjectId, commit: str, paths: tuple[str, ...]) -> tuple[TreeFile, ...]:
        """Those of these files that the commit has; see `tree_files.read_files`."""
        return await tree_files.read_files(self._git(project), commit, paths)

    async def paths_named(self, project: ProjectId, commit: str, file: str) -> frozenset[str]:
        """The paths of all files of this name; see `tree_files.paths_named`."""
        return await tree_files.paths_named(self._git(project), commit, file)

    async def tree(self, project: ProjectId, commit: str) -> dict[str, str]:
        """All files by path, each with what names its content and kind; see `tree_files.tree_of`."""
        return await tree_files.tree_of(self._git(project), commit)

    async def export(self, project: ProjectId, commit: str, scratch: Path) -> Path:
        """Writes the files below the empty folder `scratch` and returns where; see `base_files.export`."""
        return await base_files.export(self._git(project), commit, scratch)

    def _git(self, project: ProjectId) -> Git:
        repository = self._repository(project)
        repository.require()
        return repository.git
