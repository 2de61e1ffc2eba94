"""The roles door: which roles a chat can be had with."""

from __future__ import annotations

from studio.agents.roles import PROJECT_FOLDER, Roles
from studio.domain.errors import StudioError
from studio.domain.ids import ProjectId
from studio.domain.roles import RoleList, RoleProblem, title_of
from studio.domain.runs import Run
from studio.store import projects
from studio.store.database import Database
from studio.workspace.workspaces import Workspaces


class OfferedRoles:
    """The roles that Studio brings and, in a project, those that its repository adds or rewords."""

    def __init__(self, database: Database, workspaces: Workspaces, roles: Roles) -> None:
        self._database = database
        self._workspaces = workspaces
        self._roles = roles

    async def list(self, project: ProjectId | None = None) -> RoleList:
        """The roles of a chat that starts now, from what is committed on the branch that is checked out.

        Where that cannot be read, those that Studio brings, and why there are no others.
        """
        if project is None:
            return await self._roles.brought()
        async with self._database.reading() as connection:
            found = await projects.get(connection, project)
        try:
            base = await self._workspaces.base(found)
            return await self._roles.at(project, base.commit)
        except StudioError as error:
            brought = await self._roles.brought()
            problem = RoleProblem(PROJECT_FOLDER, "", error.sentence, error.action)
            return RoleList(brought.roles, (*brought.problems, problem))

    async def title(self, run: Run) -> str:
        """What people call the run's role; made of its name when its file is not to be had any more."""
        try:
            return (await self._roles.at(run.project, run.base_commit)).get(run.role).title
        except StudioError:
            return title_of(run.role)
