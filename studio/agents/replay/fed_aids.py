"""Aids on a stage: what a project offers its agents, as far as the record says that it was there."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from studio.agents.aids import Aids
from studio.agents.live import LiveRun
from studio.agents.replay.stage import Stage
from studio.agents.skills import Skills
from studio.domain.errors import OutsideError
from studio.domain.events import AidSkipped, SandboxStarted, ServerStarted
from studio.domain.roles import Role
from studio.domain.runs import Run
from studio.domain.servers import ForeignAnswer, ForeignTool
from studio.domain.tools import ApprovalMode
from studio.tools.mcp import MCP, allows, server_tools
from studio.tools.skills import skill_tool
from studio.tools.tool import Tool


class FedAids(Aids):
    """The skills of the project, and the servers that were up when the run was recorded; none is started."""

    def __init__(self, skills: Skills, stage: Stage) -> None:
        self._of_project = skills
        self._stage = stage

    async def tools(self, run: Run, role: Role, live: LiveRun) -> dict[str, Tool]:
        """See Aids."""
        found = await self._of_project.at(run.project, run.base_commit)
        offered = {} if run.approval is ApprovalMode.DENY else self._of_servers(role)
        return offered | ({"skill": skill_tool(found.skills)} if found.skills else {})

    def _of_servers(self, role: Role) -> dict[str, Tool]:
        """What the servers of the run's container offered then, under the names and in the order of then."""
        up: dict[str, ServerStarted] = {}
        for event in self._stage.until_due():
            match event:
                case SandboxStarted():
                    up.clear()
                case ServerStarted():
                    up[event.name] = event
                case AidSkipped(aid="server"):
                    up.pop(event.name, None)
                case _:
                    pass
        offered: dict[str, Tool] = {}
        for server in sorted(name for name in up if allows(role.tools, name)):
            came = up[server]
            named = [ForeignTool(tool.removeprefix(f"{MCP}_{server}_"), "") for tool in came.tools]
            # What a rule knows a tool by hangs on all that was declared and said of it, which is not in the record.
            known = dict(zip(came.tools, came.identities, strict=False))
            for name, tool in server_tools(server, _NoPeer(), named)[0].items():
                offered[name] = replace(tool, identity=known.get(name, ""))
        return offered


class _NoPeer:
    """A server that does not run: what it answered is in the record."""

    async def call(self, tool: str, arguments: dict[str, Any], seconds: float) -> ForeignAnswer:
        """See Peer."""
        raise OutsideError("A replay reached for an MCP server.")
