"""Rules: what a person decided for more than one act; the only writer of them."""

from __future__ import annotations

from studio.contracts.clock import Clock
from studio.domain.checkpoints import Checkpoint
from studio.domain.errors import NotFound, UserError
from studio.domain.events import RuleAdded, RuleRemoved
from studio.domain.ids import CheckpointId, ProjectId, RuleId, RunId
from studio.domain.rules import CommandKind, Effect, Rule, Scope
from studio.events.recorder import Recorder, Unit
from studio.store import rules as table
from studio.store.database import Database

_NO_KIND = "Nothing like this may be let through by a rule: what is asked here is asked each time."
_SEE = "See which there are: studio rules"


class Rules:
    """Saved rules; each is written together with its event."""

    def __init__(self, database: Database, recorder: Recorder, clock: Clock) -> None:
        self._database = database
        self._recorder = recorder
        self._clock = clock

    async def allow(self, unit: Unit, asked: Checkpoint, scope: Scope, by: str) -> None:
        """Lets through what a question showed as its kinds, within the unit that approves it.

        Raises UserError when it showed none.
        """
        if scope is Scope.ONCE:
            return
        if not asked.kinds:
            raise UserError(_NO_KIND, f"Approve it once: studio checkpoints approve {asked.id}")
        run = asked.run if scope is Scope.RUN else None
        known = await table.for_run(unit.connection, asked.project, run)
        for kind in asked.kinds:
            if not any(rule.kind == kind and rule.run == run and rule.effect is Effect.ALLOW for rule in known):
                await self._add(unit, asked.project, run, Effect.ALLOW, kind, by, asked.id)

    async def deny(self, unit: Unit, project: ProjectId, kind: CommandKind, by: str) -> Rule:
        """Forbids a kind in a whole project; gives back the rule that is there already."""
        for rule in await table.for_run(unit.connection, project, None):
            if rule.kind == kind and rule.effect is Effect.DENY:
                return rule
        return await self._add(unit, project, None, Effect.DENY, kind, by)

    async def permit(self, unit: Unit, project: ProjectId, kinds: tuple[CommandKind, ...], by: str) -> tuple[Rule, ...]:
        """Lets kinds through in a whole project; gives back the rules for them, also those that are there already."""
        known = {rule.kind: rule for rule in await table.for_run(unit.connection, project, None) if _allows(rule)}
        added = [await self._add(unit, project, None, Effect.ALLOW, kind, by) for kind in kinds if kind not in known]
        return (*(known[kind] for kind in kinds if kind in known), *added)

    async def put_back(self, unit: Unit, rule: Rule, by: str) -> Rule:
        """Saves a rule again that was taken back, as old as it was; gives back one like it that is there by now."""
        for known in await table.for_run(unit.connection, rule.project, rule.run):
            if (known.run, known.effect, known.kind) == (rule.run, rule.effect, rule.kind):
                return known
        await self._save(unit, rule, by)
        return rule

    async def remove(self, unit: Unit, rule: Rule, by: str) -> None:
        """Takes a rule back; one that is gone already is no error."""
        if await table.by_id(unit.connection, rule.id) is not None:
            await table.remove(unit.connection, rule.id)
            unit.record(RuleRemoved(rule.id, rule.effect.value, rule.kind.text, by))

    async def get(self, name: str) -> Rule:
        """The rule with this id; raises NotFound."""
        async with self._database.reading() as connection:
            found = await table.by_id(connection, RuleId(name))
        if found is None:
            raise NotFound(f"There is no rule {name}.", _SEE)
        return found

    async def list(self, project: ProjectId | None = None) -> tuple[Rule, ...]:
        """All rules, or those of one project and of the runs in it, oldest first."""
        async with self._database.reading() as connection:
            return await table.all_rules(connection, project)

    async def for_run(self, project: ProjectId, run: RunId) -> tuple[Rule, ...]:
        """The rules that count for a run: its own and those of its whole project, oldest first."""
        return await self._database.look(table.those_for_run, project, run)

    async def _add(
        self,
        unit: Unit,
        project: ProjectId,
        run: RunId | None,
        effect: Effect,
        kind: CommandKind,
        by: str,
        checkpoint: CheckpointId | None = None,
    ) -> Rule:
        rule = Rule(RuleId.new(), project, run, effect, kind, self._clock.now(), by, checkpoint)
        await self._save(unit, rule, by)
        return rule

    async def _save(self, unit: Unit, rule: Rule, by: str) -> None:
        await table.add(unit.connection, rule)
        scope = Scope.RUN if rule.run else Scope.PROJECT
        unit.record(RuleAdded(rule.id, scope.value, rule.effect.value, rule.kind.text, rule.checkpoint or "", by))


def _allows(rule: Rule) -> bool:
    return rule.effect is Effect.ALLOW
