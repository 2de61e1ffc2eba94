"""Aids: what a project offers its agents besides the tools of their roles."""

from __future__ import annotations

from studio.agents.live import LiveRun
from studio.agents.skills import Skills
from studio.domain.events import AidSkipped
from studio.domain.runs import Run
from studio.domain.skills import AidProblem
from studio.events.recorder import Recorder
from studio.store import event_log
from studio.store.database import Database
from studio.tools.skills import skill_tool
from studio.tools.tool import Tool


class Aids:
    """Gives a turn the tools for what its project offers; what cannot be used is told once, and stops nothing."""

    def __init__(self, skills: Skills, database: Database, recorder: Recorder) -> None:
        self._skills = skills
        self._database = database
        self._recorder = recorder

    async def tools(self, run: Run, live: LiveRun) -> dict[str, Tool]:
        """The tools, by the names that a model calls them by. Raises GitError."""
        found = await self._skills.at(run.project, run.base_commit)
        await self._tell(run, [("skill", problem) for problem in found.problems])
        return {"skill": skill_tool(found.skills)} if found.skills else {}

    async def _tell(self, run: Run, problems: list[tuple[str, AidProblem]]) -> None:
        """Notes what is left out, unless the run's log says just that already."""
        if not problems:
            return
        async with self._database.reading() as connection:
            told = await event_log.since(connection, 0, run=run.id, kinds=(AidSkipped.kind,))
        known = {(e.aid, e.name, e.reason) for item in told if isinstance(e := item.event, AidSkipped)}
        new = [
            AidSkipped(run.turn or "", aid, problem.name, f"{problem.file}: {problem.sentence}", problem.action)
            for aid, problem in problems
        ]
        wanted = [event for event in new if (event.aid, event.name, event.reason) not in known]
        if wanted:
            await self._recorder.record(run.project, run.id, *wanted)
