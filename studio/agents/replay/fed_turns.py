"""The turn loop on a stage: what it records is admitted, what reaches it from others comes from the record."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from studio.agents.approving import Approver
from studio.agents.compaction import Compactor
from studio.agents.failures import Failures
from studio.agents.guidance import Guidance
from studio.agents.history import History
from studio.agents.live import LiveRun
from studio.agents.parking import Parker
from studio.agents.recalling import Recaller
from studio.agents.replay.fed import FedClock, FedParker, FedRecaller, fed_tools
from studio.agents.replay.stage import Stage
from studio.agents.rule_files import RuleFiles, WorkspaceRules
from studio.agents.services import ServiceNotes
from studio.agents.telling import MACHINE
from studio.agents.turns import TurnRunner
from studio.base.redact import Redactor
from studio.board.mail import Mail
from studio.checkpoints.rules import Rules
from studio.contracts.clock import Clock
from studio.domain.events import (
    AgentHeard,
    ContextCompacted,
    FailuresTold,
    GuidanceRead,
    Recorded,
    ServicesTold,
)
from studio.domain.ids import ProjectId, RunId
from studio.domain.roles import Role, RoleList
from studio.domain.rules import Rule
from studio.domain.runs import Run
from studio.events.hub import Hub
from studio.events.recorder import Recorder, Unit
from studio.store.database import Database
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

    def only_reads(self, live: LiveRun, history: History) -> bool:
        """See TurnRunner."""
        read = [event for event in self.stage.next_of(GuidanceRead) if isinstance(event, GuidanceRead)]
        told = [event.text for event in read if event.path == MACHINE]
        return bool(told[-1] if told else history.guidance.get(MACHINE, ""))

    def guidance(self, run: Run, live: LiveRun, history: History) -> Guidance:
        """See TurnRunner."""
        return FedGuidance(self._recorder, run, WorkspaceRules(live.folder), self.stage)

    def compactor(self, run: Run) -> Compactor:
        """See TurnRunner."""
        return FedCompactor(self._recorder, run, self.stage)

    def failures(self) -> Failures:
        """See TurnRunner."""
        return FedFailures(self._database, self._recorder, self.stage)

    def services(self) -> ServiceNotes:
        """See TurnRunner."""
        return FedServiceNotes(self._database, self._recorder, self.stage)

    def parker(self) -> Parker:
        """See TurnRunner."""
        return FedParker(self.stage, FedClock(self.stage))

    def recaller(self, run: Run, role: Role) -> Recaller:
        """See TurnRunner."""
        return FedRecaller(self.stage)

    def approver(self, run: Run, role: Role, tools: dict[str, Tool], rules: Rules) -> Approver:
        """See TurnRunner."""
        return super().approver(run, role, tools, FedRules(self._database, self._recorder, self._clock, self.stage))


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


class FedRules(Rules):
    """The rules of people as they stood then; those that stand now may be others."""

    def __init__(self, database: Database, recorder: Recorder, clock: Clock, stage: Stage) -> None:
        super().__init__(database, recorder, clock)
        self._stage = stage

    async def for_run(self, project: ProjectId, run: RunId) -> tuple[Rule, ...]:
        """See Rules."""
        return self._stage.rules()


class FedGuidance(Guidance):
    """Tells the guidance that was read when the run was recorded."""

    def __init__(self, recorder: Recorder, run: Run, files: RuleFiles, stage: Stage) -> None:
        super().__init__(recorder, run, files)
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


class FedFailures(Failures):
    """Tells the failures of the preview that were told when the run was recorded."""

    def __init__(self, database: Database, recorder: Recorder, stage: Stage) -> None:
        super().__init__(database, recorder)
        self._stage = stage
        self._records = recorder

    async def tell(self, run: Run) -> tuple[Recorded, ...]:
        """See Failures."""
        told = self._stage.next_of(FailuresTold)
        return await self._records.record(run.project, run.id, *told) if told else ()


class FedServiceNotes(ServiceNotes):
    """Tells of the services what was told when the run was recorded."""

    def __init__(self, database: Database, recorder: Recorder, stage: Stage) -> None:
        super().__init__(database, recorder)
        self._stage = stage
        self._records = recorder

    async def tell(self, run: Run) -> tuple[Recorded, ...]:
        """See ServiceNotes."""
        told = self._stage.next_of(ServicesTold)
        return await self._records.record(run.project, run.id, *told) if told else ()
