"""The turn loop on a stage: what it records is admitted, what reaches it from others comes from the record."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from studio.agents.aids import Aids
from studio.agents.approving import Approver, Judgement
from studio.agents.compaction import Compactor
from studio.agents.guidance import Guidance
from studio.agents.history import History
from studio.agents.live import LiveRun
from studio.agents.replay.fed import FedClock, fed_tools
from studio.agents.replay.stage import Stage
from studio.agents.skills import Skills
from studio.agents.turns import TurnRunner
from studio.base.redact import Redactor
from studio.board.mail import Mail
from studio.checkpoints.rules import Rules
from studio.domain.events import (
    AgentHeard,
    CallDenied,
    ContextCompacted,
    GuidanceRead,
    Recorded,
    ToolStarted,
)
from studio.domain.ids import ProjectId, RuleId, RunId
from studio.domain.messages import ToolCall
from studio.domain.roles import Role, RoleList
from studio.domain.rules import CommandKind, Effect, Rule
from studio.domain.runs import Run
from studio.domain.tools import Verdict
from studio.events.hub import Hub
from studio.events.recorder import Recorder, Unit
from studio.store.database import Database
from studio.tools.skills import skill_tool
from studio.tools.tool import Tool


class StageRecorder(Recorder):
    """Records what a replayed turn does, if the stage admits it, after what others had recorded before that."""

    def __init__(self, stage: Stage, database: Database, clock: FedClock) -> None:
        redactor = Redactor(())
        super().__init__(database, Hub(redactor), clock, redactor)
        self._stage = stage
        self._in = database
        self._by = clock
        self._redacts = redactor

    @asynccontextmanager
    async def unit(self, project: ProjectId | None, run: RunId | None) -> AsyncIterator[Unit]:
        """See Recorder."""
        async with self._in.transaction() as connection:
            before = Unit(connection, project, run, self._by, self._redacts)
            unit = Unit(connection, project, run, self._by, self._redacts)
            connection.at_commit(before.write)
            connection.at_commit(unit.write)
            yield unit
            for event in self._stage.admit(unit.kinds):
                before.record(event)

    @asynccontextmanager
    async def outer(self, run: Run) -> AsyncIterator[Unit]:
        """A unit for the one event that comes next, which no turn made."""
        async with super().unit(run.project, run.id) as unit:
            yield unit
        self._stage.at += 1


class FedRunner(TurnRunner):
    """The turn loop, with tools that run nothing and rules as they were."""

    stage: Stage

    def tools(self, role: Role, roles: RoleList, aids: dict[str, Tool]) -> dict[str, Tool]:
        """See TurnRunner."""
        return fed_tools(super().tools(role, roles, aids), self.stage)

    def guidance(self, run: Run, live: LiveRun) -> Guidance:
        """See TurnRunner."""
        return FedGuidance(self._recorder, run, live, self.stage)

    def compactor(self, run: Run) -> Compactor:
        """See TurnRunner."""
        return FedCompactor(self._recorder, run, self.stage)

    def approver(self, run: Run, role: Role, tools: dict[str, Tool], rules: Rules) -> Approver:
        """See TurnRunner."""
        return FedApprover(run, role, tools, rules, self.stage)


class FedCompactor(Compactor):
    """Shortens where that was done then: when it is due hangs on settings, and on every word about a tool."""

    def __init__(self, recorder: Recorder, run: Run, stage: Stage) -> None:
        super().__init__(recorder, run)
        self._stage = stage

    async def fit(self, history: History, fixed: int, limit: int) -> None:
        """See Compactor."""
        match self._stage.due():
            case ContextCompacted(messages=first):
                await self.compact(history, first, fixed)
            case _:
                return


class FedApprover(Approver):
    """Judges anew; only what a person's rules said is taken from the record, for those may be others by now."""

    def __init__(self, run: Run, role: Role, tools: dict[str, Tool], rules: Rules, stage: Stage) -> None:
        super().__init__(run, tools, role.deny, rules)
        self._stage = stage
        self._project = run.project

    async def judge(self, history: History, call: ToolCall, tool: Tool) -> Judgement:
        """See Approver."""
        judged = await super().judge(history, call, tool)
        match self._stage.due():
            case ToolStarted(call=call.id, rules=rules) if rules:
                kind = CommandKind(judged.line.kind)
                saved = (
                    Rule(RuleId(name), self._project, None, Effect.ALLOW, kind, self._stage.now.time, "")
                    for name in rules
                )
                return replace(judged, verdict=Verdict.ALLOW, rules=tuple(saved), forbidden=None)
            case CallDenied(call=call.id, whose=whose, covers=covers) if judged.forbidden is None:
                return replace(judged, verdict=Verdict.DENY, forbidden=CommandKind(None, (covers,)), whose=whose)
            case _:
                return judged


class FedGuidance(Guidance):
    """Tells the guidance that was read when the run was recorded."""

    def __init__(self, recorder: Recorder, run: Run, live: LiveRun, stage: Stage) -> None:
        super().__init__(recorder, run, live.folder)
        self._stage = stage
        self._records = recorder
        self._of = run

    async def begin(self, history: History) -> None:
        """See Guidance."""
        await self.follow(history)

    async def follow(self, history: History) -> None:
        """See Guidance."""
        for event in self._stage.next_of(GuidanceRead):
            for recorded in await self._records.record(self._of.project, self._of.id, event):
                history.apply(recorded)


class FedAids(Aids):
    """The skills of the project; no server is started. What was said of both when the run was recorded is fed."""

    def __init__(self, skills: Skills) -> None:
        self._of_project = skills

    async def tools(self, run: Run, role: Role, live: LiveRun) -> dict[str, Tool]:
        """See Aids."""
        found = await self._of_project.at(run.project, run.base_commit)
        return {"skill": skill_tool(found.skills)} if found.skills else {}


class FedMail(Mail):
    """Brings the messages of other agents that were read when the run was recorded."""

    def __init__(self, stage: Stage, database: Database, recorder: Recorder, clock: FedClock) -> None:
        super().__init__(database, recorder, clock)
        self._stage = stage
        self._records = recorder

    async def hear(self, run: Run) -> tuple[Recorded, ...]:
        """See Mail."""
        heard = self._stage.next_of(AgentHeard)
        return await self._records.record(run.project, run.id, *heard) if heard else ()
