"""Rules as saved."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy import Column, ForeignKey, Row, Table

from studio.domain.ids import CheckpointId, ProjectId, RuleId, RunId
from studio.domain.rules import CommandKind, Effect, Rule
from studio.domain.tools import CommandClass
from studio.store.connection import Connection, InThread, is_there
from studio.store.tables import Moment, Words, Written, metadata
from studio.store.text import Text

_rules = Table(
    "rules",
    metadata,
    Column("id", Text, primary_key=True),
    Column("project", Text, ForeignKey("projects.id", ondelete="CASCADE"), nullable=False),
    Column("run", Text, ForeignKey("runs.id", ondelete="CASCADE")),
    Column("effect", Text, nullable=False),
    Column("command_class", Text, nullable=False),
    Column("words", Words, nullable=False),
    Column("created", Moment, nullable=False),
    Column("by", Written, nullable=False),
    Column("checkpoint", Text),
)

_OLDEST_FIRST = (_rules.c.created, _rules.c.id)

_ANY = "SELECT 1 FROM rules WHERE project = ? LIMIT 1"
"""Most projects have none, and each step asks."""

_FOR_RUN = (
    sa.select(_rules)
    .where(_rules.c.project == sa.bindparam("within"))
    .where(_rules.c.run.is_(None) | (_rules.c.run == sa.bindparam("of")))
    .order_by(*_OLDEST_FIRST)
)


async def add(connection: Connection, rule: Rule) -> None:
    """Saves a new rule."""
    await connection.change(sa.insert(_rules).values(**_values(rule)))


async def remove(connection: Connection, rule: RuleId) -> None:
    """Forgets a rule; one that is gone already is no error."""
    await connection.change(sa.delete(_rules).where(_rules.c.id == rule))


async def by_id(connection: Connection, rule: RuleId) -> Rule | None:
    """The rule with this id, if any."""
    rows = await connection.rows(sa.select(_rules).where(_rules.c.id == rule))
    return _rule(rows[0]) if rows else None


async def all_rules(connection: Connection, project: ProjectId | None = None) -> tuple[Rule, ...]:
    """All rules, or those of one project and of the runs in it, oldest first."""
    query = sa.select(_rules).order_by(*_OLDEST_FIRST)
    if project is not None:
        query = query.where(_rules.c.project == project)
    return tuple(_rule(row) for row in await connection.rows(query))


async def for_run(connection: Connection, project: ProjectId, run: RunId | None) -> tuple[Rule, ...]:
    """The rules that count for a run: its own and those of its whole project, oldest first; without one, the latter."""
    return await connection.run(those_for_run, project, run)


def those_for_run(connection: InThread, project: ProjectId, run: RunId | None) -> tuple[Rule, ...]:
    """As `for_run`, on the connection's own thread."""
    if not is_there(connection, _ANY, (project,)):
        return ()
    return tuple(_rule(row) for row in connection.execute(_FOR_RUN, {"within": project, "of": run}))


def _values(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "project": rule.project,
        "run": rule.run,
        "effect": rule.effect.value,
        "command_class": rule.kind.command_class.value if rule.kind.command_class else "",
        "words": rule.kind.words,
        "created": rule.created,
        "by": rule.by,
        "checkpoint": rule.checkpoint,
    }


def _rule(row: Row[Any]) -> Rule:
    return Rule(
        id=RuleId(row.id),
        project=ProjectId(row.project),
        run=RunId(row.run) if row.run else None,
        effect=Effect(row.effect),
        kind=CommandKind(CommandClass(row.command_class) if row.command_class else None, row.words),
        created=row.created,
        by=row.by,
        checkpoint=CheckpointId(row.checkpoint) if row.checkpoint else None,
    )
