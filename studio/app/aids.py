"""The aids door: what a project offers its agents besides the tools of their roles."""

from __future__ import annotations

from studio.agents.servers import Servers
from studio.agents.skills import Skills
from studio.domain.events import AidSkipped, Recorded, ServerStarted
from studio.domain.ids import ProjectId
from studio.domain.servers import ServerList
from studio.domain.skills import SkillList
from studio.store import event_log, projects
from studio.store.database import Database
from studio.workspace.workspaces import Workspaces


class OfferedAids:
    """What a chat that starts now is offered, from what is committed on the branch that is checked out."""

    def __init__(self, database: Database, workspaces: Workspaces, skills: Skills, servers: Servers) -> None:
        self._database = database
        self._workspaces = workspaces
        self._skills = skills
        self._servers = servers

    async def skills(self, project: ProjectId) -> SkillList:
        """The project's skills, and what is wrong with others. Raises UserError or GitError."""
        return await self._skills.at(project, await self._base(project))

    async def servers(self, project: ProjectId) -> tuple[ServerList, dict[str, Recorded]]:
        """The MCP servers that count for the project, and by their names what last came of starting each in a run.

        Raises UserError or GitError.
        """
        declared = await self._servers.at(project, await self._base(project))
        last: dict[str, Recorded] = {}
        async with self._database.reading() as connection:
            kinds = (AidSkipped.kind, ServerStarted.kind)
            for recorded in await event_log.since(connection, 0, project=project, kinds=kinds):
                match recorded.event:
                    case ServerStarted(name=name) | AidSkipped(aid="server", name=name):
                        last[name] = recorded
        return declared, last

    async def _base(self, project: ProjectId) -> str:
        async with self._database.reading() as connection:
            found = await projects.get(connection, project)
        return (await self._workspaces.base(found)).commit
