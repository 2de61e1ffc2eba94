"""The policies door: what agents may do without a question, what asks, and what is forbidden."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from studio.app.decisions import OPERATOR
from studio.app.rule_drafts import kinds_to_allow
from studio.checkpoints.rules import Rules
from studio.contracts.clock import Clock
from studio.domain.events import CallDenied, CheckpointOpened, Recorded, ToolStarted
from studio.domain.ids import ProjectId, RuleId, RunId
from studio.domain.roles import Role
from studio.domain.rules import Effect, Rule, ban
from studio.domain.tools import ApprovalMode, CommandClass, Risk, Verdict
from studio.events.recorder import Recorder
from studio.store import event_log, projects, runs
from studio.store.database import Database
from studio.tools.gate import judge
from studio.workflow.acts import Acts, act

HOURS = 24


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """What becomes of commands of one class in each mode; `denied_by` is `role` or `project` where it is forbidden."""

    command_class: CommandClass
    ask: Verdict
    auto: Verdict
    deny: Verdict
    denied_by: str = ""


@dataclass(frozen=True, slots=True)
class AskedView:
    """How often people were asked in one hour, which begins at `hour`, about one run."""

    hour: datetime
    project: ProjectId
    run: RunId
    questions: int


@dataclass(frozen=True, slots=True)
class Use:
    """How often a rule decided, and when it did last."""

    times: int
    last: datetime


class Policies:
    """Rules of projects and runs, and the table that they and the roles change."""

    def __init__(self, acts: Acts, database: Database, recorder: Recorder, rules: Rules, clock: Clock) -> None:
        self.acts = acts
        self._database = database
        self._recorder = recorder
        self._rules = rules
        self._clock = clock

    async def list(self, project: ProjectId | None = None) -> tuple[Rule, ...]:
        """All rules, or those of one project and of the runs in it, oldest first."""
        return await self._rules.list(project)

    async def table(self, project: ProjectId | None = None, role: Role | None = None) -> tuple[PolicyRow, ...]:
        """Every class of commands, the least risky first, with what becomes of it for this role in this project."""
        banned = {kind.command_class: "role" for kind in role.deny if not kind.words} if role else {}
        denied = [rule for rule in await self._rules.list(project) if rule.effect is Effect.DENY] if project else []
        for rule in denied:
            if not rule.kind.words:
                banned.setdefault(rule.kind.command_class, "project")
        has_bans = bool(denied) or bool(role and role.deny)
        return tuple(_row(kind, banned.get(kind, ""), has_bans) for kind in CommandClass)

    @act
    async def deny(self, project: ProjectId, what: str) -> Rule:
        """Forbids a class, or what begins with these words, in a project; raises UserError for what is neither."""
        kind = ban(what)
        async with self._recorder.unit(project, None) as unit:
            await projects.get(unit.connection, project)
            return await self._rules.deny(unit, project, kind, OPERATOR)

    @act
    async def allow(self, project: ProjectId, command: str) -> tuple[Rule, ...]:
        """Lets commands like this one run without a question in a project; raises UserError where that is too wide."""
        kinds = await kinds_to_allow(command)
        async with self._recorder.unit(project, None) as unit:
            await projects.get(unit.connection, project)
            return await self._rules.permit(unit, project, kinds, OPERATOR)

    @act
    async def put_back(self, rule: Rule) -> Rule:
        """Undoes `remove`; raises NotFound when its project or run is gone."""
        async with self._recorder.unit(rule.project, rule.run) as unit:
            await projects.get(unit.connection, rule.project)
            if rule.run is not None:
                await runs.get(unit.connection, rule.run)
            return await self._rules.put_back(unit, rule, OPERATOR)

    @act
    async def remove(self, name: str) -> Rule:
        """Takes a rule back; raises NotFound."""
        rule = await self._rules.get(name)
        async with self._recorder.unit(rule.project, rule.run) as unit:
            await self._rules.remove(unit, rule, OPERATOR)
        return rule

    async def uses(self, project: ProjectId | None = None) -> dict[RuleId, Use]:
        """How often each rule decided in place of a person, and when last; a rule that never did is not there."""
        async with self._database.reading() as connection:
            passed = await event_log.mentions(connection, ToolStarted.kind, "rules", project)
            denied = await event_log.since(connection, 0, project=project, kinds=(CallDenied.kind,))
        uses = {RuleId(rule): Use(times, last) for rule, (times, last) in passed.items()}
        for rule in await self._rules.list(project):
            times = [each.time for each in denied if _denied_by(each, rule)]
            if times:
                uses[rule.id] = Use(len(times), times[-1])
        return uses

    async def asked(self, hours: int = HOURS) -> tuple[AskedView, ...]:
        """How often people were asked, by hour and run, the newest hour first; none where nothing was asked."""
        counts: Counter[tuple[datetime, ProjectId, RunId]] = Counter()
        for time, project, run in await self._opened(timedelta(hours=hours)):
            if project is not None and run is not None:
                counts[time.replace(minute=0, second=0, microsecond=0), project, run] += 1
        rows = [AskedView(*key, questions) for key, questions in counts.items()]
        return tuple(sorted(rows, key=lambda row: (row.hour, row.questions), reverse=True))

    async def asked_lately(self) -> int:
        """How often people were asked in the last sixty minutes, over all projects."""
        return len(await self._opened(timedelta(hours=1)))

    async def _opened(self, past: timedelta) -> tuple[tuple[datetime, ProjectId | None, RunId | None], ...]:
        async with self._database.reading() as connection:
            return await event_log.moments(connection, CheckpointOpened.kind, self._clock.now() - past)


def _denied_by(denied: Recorded, rule: Rule) -> bool:
    """Whether a project's rule denied a call. The event tells what forbade it, and not by which rule."""
    event = denied.event
    return (
        isinstance(event, CallDenied)
        and rule.effect is Effect.DENY
        and (event.whose, event.covers, denied.project) == ("project", rule.kind.text, rule.project)
        and denied.time >= rule.created
    )


def _row(kind: CommandClass, denied_by: str, has_bans: bool) -> PolicyRow:
    if denied_by:
        return PolicyRow(kind, Verdict.DENY, Verdict.DENY, Verdict.DENY, denied_by)
    ask, auto, deny = (judge(Risk.EXECUTE, mode, kind) for mode in ApprovalMode)
    if has_bans and kind in (CommandClass.SERVER, CommandClass.UNKNOWN):
        auto = Verdict.ASK  # it may be what is forbidden
    return PolicyRow(kind, ask, auto, deny)
