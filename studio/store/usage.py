"""Usage as saved: one row for each try at a model, also one that failed, and sums over those that used something."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy import BigInteger, Column, Float, Integer, Table

from studio.domain.budgets import Scope, ScopeKind
from studio.domain.errors import UserError
from studio.domain.events import ModelFailed, UsageRecorded
from studio.domain.ids import ProjectId, RunId
from studio.domain.models import ModelRef
from studio.domain.within import Within
from studio.store import paid
from studio.store.connection import Connection, InThread
from studio.store.tables import Moment, metadata
from studio.store.text import Text

_usage = Table(
    "usage",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("time", Moment, nullable=False),
    Column("project", Text, nullable=False),
    Column("run", Text, nullable=False),
    Column("turn", Text, nullable=False),
    Column("step", Integer, nullable=False),
    Column("role", Text, nullable=False),
    Column("provider", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("input", BigInteger, nullable=False),
    Column("output", BigInteger, nullable=False),
    Column("cache_read", BigInteger, nullable=False),
    Column("cache_write", BigInteger, nullable=False),
    Column("cost_nusd", BigInteger),
    Column("milliseconds", Float, nullable=False),
    Column("brief", Text, nullable=False),
    Column("task", Text, nullable=False),
    Column("saved_nusd", BigInteger, nullable=False, server_default="0"),
    Column("first_token_ms", Float),
    # "ok", "cached" where no model was asked, or the fault of a failed try.
    Column("outcome", Text, nullable=False, server_default="ok"),
)

OK = "ok"
CACHED = "cached"

_ADD = sa.insert(_usage)
_SCOPES = (ScopeKind.PROJECT, ScopeKind.BRIEF, ScopeKind.TASK, ScopeKind.RUN)

_DAY = sa.func.substr(sa.type_coerce(_usage.c.time, Text), 1, 10).label("day")
_COUNTED = ("input", "output", "cache_read", "cache_write", "saved_nusd")

_GROUPS: dict[str, tuple[sa.ColumnElement[Any], ...]] = {
    "project": (_usage.c.project,),
    "run": (_usage.c.project, _usage.c.run),
    "role": (_usage.c.role,),
    "model": (_usage.c.provider, _usage.c.model),
    "day": (_DAY,),
    "task": (sa.func.nullif(_usage.c.task, "").label("task"),),
    "brief": (sa.func.nullif(_usage.c.brief, "").label("brief"),),
}


@dataclass(frozen=True, slots=True)
class UsageRow:
    """A sum over calls; what it is not grouped by is None, `day` is in UTC.

    `cost_nusd` leaves out the `unpriced` calls, which had no known price; it is None when no call had one.
    `saved_nusd` is what caches took off it, the answers that Studio gave again included.
    """

    calls: int
    input: int
    output: int
    cache_read: int
    cache_write: int
    cost_nusd: int | None
    unpriced: int
    project: str | None = None
    run: str | None = None
    role: str | None = None
    provider: str | None = None
    model: str | None = None
    day: str | None = None
    task: str | None = None
    saved_nusd: int = 0
    brief: str | None = None


def add(
    connection: Connection,
    project: ProjectId,
    run: RunId,
    spent: UsageRecorded | ModelFailed,
    time: datetime | None = None,
    *,
    brief: str = "",
    task: str = "",
) -> None:
    """Saves how one try went and what it used, at `time` or now, together with the commit.

    `brief` and `task` are what it was for.
    """
    model = ModelRef.parse(spent.model)
    values = {
        "time": time or datetime.now(UTC),
        "project": project,
        "run": run,
        "turn": spent.turn,
        "step": spent.step,
        "role": spent.role,
        "provider": model.provider,
        "model": model.name,
        "input": spent.input,
        "output": spent.output,
        "cache_read": spent.cache_read,
        "cache_write": spent.cache_write,
        "cost_nusd": spent.cost_nusd,
        "milliseconds": spent.milliseconds,
        "brief": brief,
        "task": task,
        "saved_nusd": spent.saved_nusd if isinstance(spent, UsageRecorded) else 0,
        "first_token_ms": spent.first_token_ms,
        "outcome": _outcome(spent),
    }
    connection.at_commit(partial(_add, values))


async def rows(
    connection: Connection,
    *,
    project: ProjectId | None = None,
    run: RunId | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    by: str | tuple[str, ...] = "run",
    dearest: int | None = None,
) -> tuple[UsageRow, ...]:
    """Sums grouped by `project`, `run`, `role`, `model`, `task`, `brief`, `day` or several, in those groups' order.

    Only calls of `project`, of `run`, from `since` on and before `until`, where given; with `dearest` only so many
    sums, the most costly first. Raises UserError for another grouping.
    """
    groups = _groups((by,) if isinstance(by, str) else by)
    query = sa.select(*groups, *_sums()).group_by(*groups).order_by(*groups)
    if dearest is not None:
        query = query.order_by(None).order_by(sa.func.sum(_usage.c.cost_nusd).desc().nulls_last(), *groups)
        query = query.limit(dearest)
    if run is not None:
        query = query.where(_usage.c.run == run)
    query = query.where(*of_calls(Within(project, since, until)))
    # A sum that is grouped by nothing has a row even of no calls.
    return tuple(UsageRow(**row._mapping) for row in await connection.rows(query) if row.calls)


def of_calls(within: Within) -> tuple[sa.ColumnElement[bool], ...]:
    """The conditions under which a row is of the calls that are asked about: those that failed for nothing are none."""
    used = _usage.c.outcome.in_((OK, CACHED)) | (_usage.c.input > 0) | (_usage.c.output > 0)
    return (*of_tries(within), used)


def of_tries(within: Within) -> tuple[sa.ColumnElement[bool], ...]:
    """The conditions under which a row is of the tries that are asked about."""
    wanted = (
        (within.project, _usage.c.project.__eq__),
        (within.since, _usage.c.time.__ge__),
        (within.until, _usage.c.time.__lt__),
    )
    return tuple(condition(value) for value, condition in wanted if value is not None)


def calls() -> Table:
    """The table itself, for the figures beside this file that need more than sums of it."""
    return _usage


def _outcome(spent: UsageRecorded | ModelFailed) -> str:
    match spent:
        case UsageRecorded():
            return CACHED if spent.cached else OK
        case ModelFailed():
            return spent.fault


def _groups(names: tuple[str, ...]) -> tuple[sa.ColumnElement[Any], ...]:
    for name in names:
        if name not in _GROUPS:
            raise UserError(f"Usage cannot be summed by “{name}”.", f"Sum it by one of: {', '.join(_GROUPS)}.")
    # A run names its project too, which then stands there once.
    return tuple(dict.fromkeys(column for name in names for column in _GROUPS[name]))


def _sums() -> tuple[sa.ColumnElement[Any], ...]:
    return (
        sa.func.count().label("calls"),
        *(sa.func.sum(_usage.c[name]).label(name) for name in _COUNTED),
        sa.func.sum(_usage.c.cost_nusd).label("cost_nusd"),
        (sa.func.count() - sa.func.count(_usage.c.cost_nusd)).label("unpriced"),
    )


def _add(values: dict[str, Any], connection: InThread) -> None:
    connection.execute(_ADD, values)
    if values["cost_nusd"]:
        named = [(kind, str(values[kind])) for kind in _SCOPES if values[kind]]
        scopes = [Scope(ScopeKind.COMPANY), *(Scope(kind, name) for kind, name in named)]
        paid.add(connection, scopes, values["cost_nusd"], values["time"])
