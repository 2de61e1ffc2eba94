"""The projects door: add, make, find, put away."""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

from rapidfuzz import process

from studio.agents.live import LiveRuns
from studio.base.aio import in_thread
from studio.base.resources import resource
from studio.contracts.clock import Clock
from studio.domain.errors import NotFound, UserError
from studio.domain.events import ProjectAdded, ProjectArchived, ProjectRemoved
from studio.domain.ids import ProjectId
from studio.domain.projects import Project
from studio.domain.runs import Run, RunState
from studio.events.recorder import Recorder
from studio.store import projects, runs
from studio.store.database import Database
from studio.workflow.acts import Acts, act
from studio.workspace.person import PersonGit
from studio.workspace.workspaces import Workspaces

NEAR = 75
"""How alike two names must be, of 100, for one to be offered for the other."""

DEMO_TEMPLATE = "demo"
DEMO_IDENTITY = ("Studio Demo", "demo@studio.invalid")
"""Signs the commits of the sample project on a machine whose git knows nobody yet."""


@dataclass(frozen=True, slots=True)
class ProjectView:
    """A project with its runs, newest first."""

    project: Project
    runs: tuple[Run, ...]


class Projects:
    """Projects as people name them: by name or by the path of their checkout."""

    def __init__(
        self,
        acts: Acts,
        database: Database,
        recorder: Recorder,
        workspaces: Workspaces,
        person: PersonGit,
        live_runs: LiveRuns,
        clock: Clock,
    ) -> None:
        self.acts = acts
        self._database = database
        self._recorder = recorder
        self._workspaces = workspaces
        self._person = person
        self._live_runs = live_runs
        self._clock = clock
        self._adding = asyncio.Lock()

    async def list(self) -> tuple[Project, ...]:
        """All projects by name, those put away too."""
        async with self._database.reading() as connection:
            return await projects.all_projects(connection)

    async def show(self, name_or_path: str) -> ProjectView:
        """One project and its runs; raises NotFound with the nearest name."""
        project = await self.find(name_or_path)
        async with self._database.reading() as connection:
            return ProjectView(project, await runs.all_runs(connection, project.id))

    async def find(self, name_or_path: str) -> Project:
        """The project of this name, or id, else the one whose checkout is at this path; raises NotFound."""
        async with self._database.reading() as connection:
            known = await projects.all_projects(connection)
            by_id = next((project for project in known if project.id == name_or_path), None)
            found = await projects.by_name(connection, name_or_path) or by_id
            if found is None:
                found = await projects.by_path(connection, _absolute(name_or_path))
        if found is None:
            raise _not_found(name_or_path, [project.name for project in known])
        return found

    async def by_id(self, project: ProjectId) -> Project:
        """The project with this id; raises NotFound."""
        async with self._database.reading() as connection:
            return await projects.get(connection, project)

    async def find_or_add(self, name_or_path: str) -> Project:
        """As `find`, but a path to a repository that is not a project yet is added."""
        try:
            return await self.find(name_or_path)
        except NotFound:
            if not await in_thread(_absolute(name_or_path).exists):
                raise
        return await self.add(_absolute(name_or_path))

    @act
    async def add(self, path: Path, name: str | None = None) -> Project:
        """Adds the repository at `path`; one that is a project already is given back as it is.

        Raises UserError when there is no Git repository or the name is taken.
        """
        root = await in_thread(path.resolve)
        # Two commands that are started side by side on a new repository add it once.
        async with self._adding:
            return await self._add(root, name)

    async def _add(self, root: Path, name: str | None) -> Project:
        async with self._database.reading() as connection:
            known = await projects.by_path(connection, root)
            taken = {project.name for project in await projects.all_projects(connection)}
        if known is not None:
            return await self._brought_back(known)
        if name is not None and name in taken:
            raise UserError(f"There is a project “{name}” already.", "Choose another with --name.")
        project = Project(ProjectId.new(), name or _free_name(root.name, taken), root, self._clock.now())
        await self._workspaces.register(project)
        async with self._recorder.unit(project.id, None) as unit:
            await projects.add(unit.connection, project)
            unit.record(ProjectAdded(project.name, str(project.path)))
        return project

    @act
    async def new(self, path: Path, template: str) -> Project:
        """Makes a new repository at `path` from a template and adds it.

        Raises UserError when the folder holds something already or there is no such template.
        """
        if template not in self.templates():
            raise NotFound(f"There is no template “{template}”.", f"There are: {', '.join(self.templates())}.")
        if await in_thread(_has_content, path):
            raise UserError(f"{path} is not empty.", "Name a folder that does not exist yet.")
        try:
            await in_thread(shutil.copytree, resource("templates", template), path, dirs_exist_ok=True)
        except OSError as error:
            raise UserError(f"{path} cannot be made: {error.strerror or error}.", "Name another folder.") from error
        identity = DEMO_IDENTITY if template == DEMO_TEMPLATE else None
        await self._person.make_repository(path, f"Start from the template “{template}”", identity)
        return await self.add(path)

    async def clone(self, url: str, parent: Path) -> Path:
        """Clones a repository with the person's own git into a new folder below `parent`. Raises UserError."""
        return await self._person.clone(url, parent)

    def templates(self) -> tuple[str, ...]:
        """The templates there are."""
        return tuple(sorted(folder.name for folder in resource("templates").iterdir() if folder.is_dir()))

    @act
    async def archive(self, name: str) -> Project:
        """Puts a project away; nothing is deleted, and adding it again brings it back."""
        project = replace(await self.find(name), archived=True)
        async with self._recorder.unit(project.id, None) as unit:
            await projects.update(unit.connection, project)
            unit.record(ProjectArchived(project.name))
        return project

    @act
    async def remove(self, name: str) -> Project:
        """Forgets a project and deletes Studio's own copies of it; the checkout stays as it is.

        Raises UserError while one of its runs is working.
        """
        view = await self.show(name)
        working = [run.id for run in view.runs if run.state is RunState.WORKING]
        if working:
            raise UserError(f"Run {working[0]} is working on it.", f"Stop it first: studio runs cancel {working[0]}")
        for run in view.runs:
            await self._live_runs.put_away(run, "the project was removed")
            await self._workspaces.remove(run.id)
        async with self._recorder.unit(view.project.id, None) as unit:
            await projects.remove(unit.connection, view.project.id)
            unit.record(ProjectRemoved(view.project.name))
        await self._live_runs.forget(view.project.id)
        await self._workspaces.forget(view.project.id)
        return view.project

    async def _brought_back(self, project: Project) -> Project:
        if not project.archived:
            return project
        back = replace(project, archived=False)
        async with self._recorder.unit(project.id, None) as unit:
            await projects.update(unit.connection, back)
            unit.record(ProjectAdded(back.name, str(back.path)))
        return back


def _not_found(wanted: str, names: list[str]) -> NotFound:
    if "/" in wanted or wanted.startswith(("~", ".")):
        return NotFound(
            f"There is no project at {_absolute(wanted)}.", "Check the path, or add it: studio project add PATH"
        )
    near = process.extractOne(wanted, names, score_cutoff=NEAR)
    hint = (
        f"Did you mean {near[0]}?"
        if near
        else "See which there are: studio project list · add one: studio project add PATH"
    )
    return NotFound(f"There is no project “{wanted}”.", hint)


def _absolute(path: str) -> Path:
    return Path(path).expanduser().absolute()


def _free_name(wanted: str, taken: set[str]) -> str:
    name, number = wanted, 1
    while name in taken:
        number += 1
        name = f"{wanted}-{number}"
    return name


def _has_content(path: Path) -> bool:
    return path.exists() and (not path.is_dir() or any(path.iterdir()))
