"""The record of a run: all that a replay of it reads, and why there may be none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from studio.domain.errors import UserError
from studio.domain.events import Recorded, RuleAdded, RuleRemoved, RunForked, RunStarted
from studio.domain.ids import RuleId
from studio.domain.rules import Effect, Rule, Scope, ban, kind_of
from studio.domain.runs import Run, RunState
from studio.events.whole import whole_log
from studio.store import event_log
from studio.store.connection import Connection


@dataclass(frozen=True, slots=True)
class Record:
    """What was recorded of a run.

    `before` is what its log begins with when it was forked: what its source had recorded up to there. `log` is its own.
    `rules` is what people made and took back of rules in its project, `changed` the numbers of those events which are
    not as they were recorded.
    """

    run: Run
    log: tuple[Recorded, ...]
    before: tuple[Recorded, ...] = ()
    rules: tuple[Recorded, ...] = ()
    changed: tuple[int, ...] = ()

    @property
    def whole(self) -> tuple[Recorded, ...]:
        """Everything that belongs to the run, in order."""
        return (*self.before, *self.log)


async def read_record(connection: Connection, run: Run) -> Record:
    """Reads what is recorded of a run. Raises UserError, in one sentence, for one that cannot be replayed."""
    if run.state is RunState.WORKING:
        raise UserError(f"Run {run.id} is working right now.", "Replay it once it has stopped.")
    try:
        whole = await whole_log(connection, run.id)
    except (ValueError, TypeError) as error:
        changed = (*await event_log.changed(connection, run.id), "?")[0]
        raise UserError(
            f"The log of run {run.id} cannot be read: event {changed} was changed after it was recorded.",
            "Older copies of the data folder's database are in its folder backups.",
        ) from error
    own = tuple(recorded for recorded in whole if recorded.run == run.id)
    if not own or not isinstance(own[0].event, RunStarted):
        raise UserError(f"The log of run {run.id} does not begin with its start.", "It cannot be replayed.")
    before = whole[: len(whole) - len(own)]
    forked = next((event for recorded in own[:2] if isinstance(event := recorded.event, RunForked)), None)
    if forked is not None and (not before or not isinstance(before[0].event, RunStarted)):
        raise UserError(
            f"Run {run.id} was forked from run {forked.source}, whose log is not there.", "It cannot be replayed."
        )
    kinds = (RuleAdded.kind, RuleRemoved.kind)
    rules = await event_log.since(connection, 0, project=run.project, kinds=kinds)
    numbers = {recorded.seq for recorded in whole}
    sources = dict.fromkeys(recorded.run for recorded in whole if recorded.run is not None)
    others = [seq for each in sources for seq in await event_log.changed(connection, each) if seq in numbers]
    return Record(run, own, before, rules, tuple(sorted(others)))


def rules_at(record: Record, seq: int) -> tuple[Rule, ...]:
    """The rules that counted for the run right before the event with this number, oldest first."""
    standing: dict[str, Rule] = {}
    first: dict[str, datetime] = {}
    for recorded in record.rules:
        match recorded.event:
            case _ if recorded.seq >= seq:
                break
            case RuleAdded() as event if event.scope == Scope.PROJECT.value or recorded.run == record.run.id:
                # One that was taken back and is put back is as old as it was.
                created = first.setdefault(event.rule, recorded.time)
                standing[event.rule] = _rule(event, record.run, created)
            case RuleRemoved() as event:
                standing.pop(event.rule, None)
            case _:
                pass
    return tuple(sorted(standing.values(), key=lambda rule: (rule.created, rule.id)))


def _rule(event: RuleAdded, run: Run, created: datetime) -> Rule:
    effect = Effect(event.effect)
    kind = kind_of(event.covers) if effect is Effect.ALLOW else ban(event.covers.removesuffix(" …"))
    of_run = run.id if event.scope == Scope.RUN.value else None
    return Rule(RuleId(event.rule), run.project, of_run, effect, kind, created, event.by)
