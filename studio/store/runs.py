"""Runs as saved."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy import BigInteger, Column, Float, ForeignKey, Integer, Row, Table

from studio.domain.briefs import Purpose
from studio.domain.errors import NotFound
from studio.domain.ids import ProjectId, RunId, TurnId
from studio.domain.models import ModelRef
from studio.domain.roles import Limits
from studio.domain.runs import Outcome, Run, RunState
from studio.domain.tools import ApprovalMode
from studio.store.connection import Connection
from studio.store.prefixes import row_by_prefix
from studio.store.tables import Moment, Words, Written, metadata
from studio.store.text import Text

_runs = Table(
    "runs",
    metadata,
    Column("id", Text, primary_key=True),
    Column("project", Text, ForeignKey("projects.id", ondelete="CASCADE"), nullable=False),
    Column("role", Text, nullable=False),
    Column("title", Written, nullable=False),
    Column("model", Text, nullable=False),
    Column("fallbacks", Words, nullable=False),
    Column("base_branch", Written, nullable=False),
    Column("base_commit", Text, nullable=False),
    Column("branch", Text, nullable=False),
    Column("head", Text, nullable=False),
    Column("created", Moment, nullable=False),
    Column("approval", Text, nullable=False),
    Column("limit_steps", Integer),
    Column("limit_seconds", Float),
    Column("limit_cost_nusd", BigInteger),
    Column("state", Text, nullable=False),
    Column("turn", Text),
    Column("outcome", Text),
    Column("task", Text, nullable=False),
    Column("brief", Text, nullable=False),
    Column("parked_until", Moment),
)

# Made once: building a statement takes longer than running it.
_ADD = sa.insert(_runs)
_SAVE = sa.update(_runs).where(_runs.c.id == sa.bindparam("known"))
_GET = sa.select(_runs).where(_runs.c.id == sa.bindparam("known"))

_ACTION = "See which there are: studio runs"


async def add(connection: Connection, run: Run) -> None:
    """Saves a new run."""
    await connection.change(_ADD, _values(run))


async def save(connection: Connection, run: Run) -> None:
    """Saves a run that is there already; raises NotFound."""
    if not await connection.change(_SAVE, {**_values(run), "known": run.id}):
        raise NotFound(f"There is no run {run.id}.", _ACTION)


async def get(connection: Connection, run: RunId) -> Run:
    """The run with exactly this id; raises NotFound."""
    rows = await connection.rows(_GET, {"known": run})
    if not rows:
        raise NotFound(f"There is no run {run}.", _ACTION)
    return _run(rows[0])


async def by_prefix(connection: Connection, start: str) -> Run:
    """The one run whose id begins with `start`; raises NotFound, or UserError when there are several."""
    return _run(await row_by_prefix(connection, _runs, "run", start, _ACTION))


async def all_runs(connection: Connection, project: ProjectId | None = None) -> tuple[Run, ...]:
    """All runs, or those of one project, newest first."""
    query = sa.select(_runs).order_by(_runs.c.created.desc(), _runs.c.id)
    if project is not None:
        query = query.where(_runs.c.project == project)
    return tuple(_run(row) for row in await connection.rows(query))


async def in_state(connection: Connection, state: RunState) -> tuple[Run, ...]:
    """The runs that stand at `state`, oldest first."""
    query = sa.select(_runs).where(_runs.c.state == state.value).order_by(_runs.c.created, _runs.c.id)
    return tuple(_run(row) for row in await connection.rows(query))


def with_model(project: ProjectId, model: ModelRef) -> sa.Select[tuple[str]]:
    """The ids of a project's runs that are set to this model, for a condition on another table."""
    return sa.select(_runs.c.id).where(_runs.c.project == project, _runs.c.model == str(model))


def _values(run: Run) -> dict[str, Any]:
    return {
        "id": run.id,
        "project": run.project,
        "role": run.role,
        "title": run.title,
        "model": str(run.model),
        "fallbacks": tuple(str(model) for model in run.fallbacks),
        "base_branch": run.base_branch,
        "base_commit": run.base_commit,
        "branch": run.branch,
        "head": run.head,
        "created": run.created,
        "approval": run.approval.value,
        "limit_steps": run.limits.steps,
        "limit_seconds": run.limits.seconds,
        "limit_cost_nusd": run.limits.cost_nusd,
        "state": run.state.value,
        "turn": run.turn,
        "outcome": run.outcome.value if run.outcome else None,
        "task": run.purpose.task,
        "brief": run.purpose.brief,
        "parked_until": run.parked_until,
    }


def _run(row: Row[Any]) -> Run:
    return Run(
        id=RunId(row.id),
        project=ProjectId(row.project),
        role=row.role,
        title=row.title,
        model=ModelRef.parse(row.model),
        fallbacks=tuple(ModelRef.parse(name) for name in row.fallbacks),
        base_branch=row.base_branch,
        base_commit=row.base_commit,
        branch=row.branch,
        head=row.head,
        created=row.created,
        approval=ApprovalMode(row.approval),
        limits=Limits(row.limit_steps, row.limit_seconds, row.limit_cost_nusd),
        state=RunState(row.state),
        turn=TurnId(row.turn) if row.turn else None,
        outcome=Outcome(row.outcome) if row.outcome else None,
        purpose=Purpose(row.task, row.brief),
        parked_until=row.parked_until,
    )
