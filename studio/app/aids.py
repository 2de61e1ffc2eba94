"""The aids door: what a project offers its agents besides the tools of their roles."""

from __future__ import annotations

from studio.agents.skills import Skills
from studio.domain.ids import ProjectId
from studio.domain.skills import SkillList
from studio.store import projects
from studio.store.database import Database
from studio.workspace.workspaces import Workspaces


class OfferedAids:
    """What a chat that starts now is offered, from what is committed on the branch that is checked out."""

    def __init__(self, database: Database, workspaces: Workspaces, skills: Skills) -> None:
        self._database = database
        self._workspaces = workspaces
        self._skills = skills

    async def skills(self, project: ProjectId) -> SkillList:
        """The project's skills, and what is wrong with others. Raises UserError or GitError."""
        return await self._skills.at(project, await self._base(project))

    async def _base(self, project: ProjectId) -> str:
        async with self._database.reading() as connection:
            found = await projects.get(connection, project)
        return (await self._workspaces.base(found)).commit
