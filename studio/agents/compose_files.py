"""Compose files: the services that the commit asks for which a run starts from."""

from __future__ import annotations

from collections import OrderedDict

from studio.base.aio import in_thread
from studio.domain.ids import ProjectId
from studio.sandbox.spec.compose import COMPOSE_FILES, WrongCompose, env_files_of, read_compose
from studio.sandbox.spec.names import LONGEST_PATH
from studio.sandbox.spec.service import NO_SERVICES, Left, Services
from studio.sandbox.spec.wanted import UNFORESEEN
from studio.workspace.workspaces import Workspaces

_KEPT = 32


class ComposeFiles:
    """What an agent writes into a compose file counts once it is merged: only then a person has looked at it."""

    def __init__(self, workspaces: Workspaces, *, wanted: bool = True) -> None:
        self._workspaces = workspaces
        self._wanted = wanted
        self._known: OrderedDict[tuple[ProjectId, str], Services] = OrderedDict()

    async def at(self, project: ProjectId, commit: str) -> Services:
        """The services at this commit of the project's private repository. Raises UserError or GitError.

        None where the person wants no services at all.
        """
        if not self._wanted:
            return NO_SERVICES
        if (found := self._known.get((project, commit))) is not None:
            return found
        found = self._known[project, commit] = await self._read(project, commit)
        if len(self._known) > _KEPT:
            self._known.popitem(last=False)
        return found

    async def _read(self, project: ProjectId, commit: str) -> Services:
        there = {file.name: file for file in await self._workspaces.commits.read_files(project, commit, COMPOSE_FILES)}
        name = next((name for name in COMPOSE_FILES if name in there), None)
        if name is None:
            return NO_SERVICES
        if there[name].unread:
            return _none(name, f"It was not read: {there[name].unread}.")
        text = there[name].data.decode("utf-8", "replace")
        paths = tuple(path for path in await in_thread(env_files_of, text) if _is_of_a_repository(path))
        files = await self._workspaces.commits.read_files(project, commit, paths)
        envs = {file.name: file.data.decode("utf-8", "replace") for file in files if not file.unread}
        try:
            return await in_thread(read_compose, name, text, envs)
        except WrongCompose as wrong:
            return _none(name, f"it{str(wrong).removeprefix(name)}")
        except UNFORESEEN:
            return _none(name, "it holds a value that is none that Studio knows.")


def _is_of_a_repository(path: str) -> bool:
    return len(path) <= LONGEST_PATH and path.isprintable() and not path.startswith(("/", ".."))


def _none(file: str, sentence: str) -> Services:
    left = Left(file, sentence, "No service of it is started; mend it and merge it, and the next sandbox has them.")
    return Services((), (left,), file)
