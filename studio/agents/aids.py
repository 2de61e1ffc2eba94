"""Aids: what a project offers its agents besides the tools of their roles."""

from __future__ import annotations

from studio.agents.live import LiveRun
from studio.agents.reading import problem_of
from studio.agents.servers import Offer, Servers
from studio.agents.skills import Skills
from studio.domain.events import AidSkipped, Event, ServerStarted
from studio.domain.roles import Role
from studio.domain.runs import Run
from studio.domain.skills import AidProblem
from studio.domain.tools import ApprovalMode
from studio.events.recorder import Recorder
from studio.store import event_log
from studio.store.database import Database
from studio.tools.mcp import allows, names_server
from studio.tools.skills import skill_tool
from studio.tools.tool import Tool


class Aids:
    """Gives a turn the tools for what its project offers; what cannot be used is told once, and stops nothing."""

    def __init__(self, skills: Skills, servers: Servers, database: Database, recorder: Recorder) -> None:
        self._skills = skills
        self._servers = servers
        self._database = database
        self._recorder = recorder

    async def tools(self, run: Run, role: Role, live: LiveRun) -> dict[str, Tool]:
        """The tools, by the names that a model calls them by. Raises GitError, and EngineError for a broken sandbox."""
        found = await self._skills.at(run.project, run.base_commit)
        offer = await self._offer(run, role, live)
        problems = [("skill", problem) for problem in found.problems]
        if (missing := problem_of(live)) is not None:
            problems.append(("sandbox", missing))
        problems += [("server", problem) for problem in offer.problems]
        turn = run.turn or ""
        came = [
            ServerStarted(turn, one.name, one.tools, one.left_out, one.milliseconds, one.identities)
            for one in offer.came
        ]
        await self._tell(run, [*came, *await self._untold(run, problems)])
        return offer.tools | ({"skill": skill_tool(found.skills)} if found.skills else {})

    async def _offer(self, run: Run, role: Role, live: LiveRun) -> Offer:
        # Where no command may run and nobody is asked, no call of a server is let through: its program does not run.
        if problem_of(live) is not None or run.approval is ApprovalMode.DENY or not any(map(names_server, role.tools)):
            return Offer()
        declared = await self._servers.at(run.project, run.base_commit)
        wanted = [spec for spec in declared.servers if allows(role.tools, spec.name)]
        offer = await self._servers.offer(run, live.sandbox, wanted) if wanted else Offer()
        offer.problems += declared.problems
        return offer

    async def _untold(self, run: Run, problems: list[tuple[str, AidProblem]]) -> list[AidSkipped]:
        """What is left out, but for what the run's log says already."""
        if not problems:
            return []
        async with self._database.reading() as connection:
            told = await event_log.since(connection, 0, run=run.id, kinds=(AidSkipped.kind,))
        known = {(e.aid, e.name, e.reason) for item in told if isinstance(e := item.event, AidSkipped)}
        new = [
            AidSkipped(run.turn or "", aid, problem.name, f"{problem.file}: {problem.sentence}", problem.action)
            for aid, problem in problems
        ]
        return [event for event in new if (event.aid, event.name, event.reason) not in known]

    async def _tell(self, run: Run, events: list[Event]) -> None:
        if events:
            await self._recorder.record(run.project, run.id, *events)
