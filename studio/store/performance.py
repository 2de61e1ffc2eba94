"""Performance: how fast models answered, how the turns that they worked in ended, and what a run or task costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from studio.domain.runs import Outcome
from studio.domain.within import Within
from studio.store import event_log, usage
from studio.store.connection import Connection

_PASSED = (Outcome.REPLIED.value, Outcome.HANDED_OFF.value)
_MISSED = (Outcome.LIMIT.value, Outcome.FAILED.value)


@dataclass(frozen=True, slots=True)
class PaceRow:
    """How long the calls of one model took: the middle one and the slowest but one in twenty, in milliseconds."""

    provider: str
    model: str
    calls: int
    median_ms: float
    slow_ms: float
    output_per_second: float


@dataclass(frozen=True, slots=True)
class TurnsRow:
    """The turns of one role in which only one model worked, and which came to an end without a person's doing.

    `passed` ended with a reply or a result; the others met a limit (`limited`) or failed.
    """

    role: str
    provider: str
    model: str
    turns: int
    passed: int
    limited: int
    steps: int
    cost_nusd: int
    unpriced: int
    limited_nusd: int


@dataclass(frozen=True, slots=True)
class TypicalRow:
    """What runs, or tasks, cost: how many there were, the middle one and the dearest; those without a price are out."""

    count: int
    median_nusd: int
    most_nusd: int


async def pace(connection: Connection, within: Within) -> tuple[PaceRow, ...]:
    """How fast each model answered, in order of provider and model."""
    calls = usage.calls().c
    of_model = (calls.provider, calls.model)
    ranked = (
        sa.select(
            *(calls.provider, calls.model, calls.milliseconds, calls.output),
            sa.func.row_number().over(partition_by=of_model, order_by=calls.milliseconds).label("place"),
            sa.func.count().over(partition_by=of_model).label("count"),
        )
        .where(calls.milliseconds > 0, *usage.of_calls(within))
        .subquery()
    )
    took = ranked.c.milliseconds
    query = sa.select(
        *(ranked.c.provider, ranked.c.model),
        sa.func.count().label("calls"),
        _first_from(1, 2, ranked, took).label("median_ms"),
        _first_from(19, 20, ranked, took).label("slow_ms"),
        (sa.func.sum(ranked.c.output) * 1000.0 / sa.func.sum(took)).label("output_per_second"),
    )
    query = query.group_by(ranked.c.provider, ranked.c.model).order_by(ranked.c.provider, ranked.c.model)
    return tuple(PaceRow(**row._mapping) for row in await connection.rows(query))


async def turns(connection: Connection, within: Within) -> tuple[TurnsRow, ...]:
    """How the turns ended that began within this time, by role and model."""
    calls = usage.calls().c
    worked = (
        sa.select(
            *(calls.turn, calls.role),
            sa.func.min(calls.provider).label("provider"),
            sa.func.min(calls.model).label("model"),
            sa.func.count().label("steps"),
            sa.func.coalesce(sa.func.sum(calls.cost_nusd), 0).label("cost_nusd"),
            (sa.func.count() - sa.func.count(calls.cost_nusd)).label("unpriced"),
        )
        .where(*usage.of_calls(within))
        .group_by(calls.turn, calls.role)
        .having(sa.func.count(sa.distinct(calls.provider + "/" + calls.model)) == 1)
        .subquery()
    )
    ends = event_log.last_ends(within.since)
    limited = ends.c.outcome == Outcome.LIMIT.value
    query = (
        sa.select(
            *(worked.c.role, worked.c.provider, worked.c.model),
            sa.func.count().label("turns"),
            _sum_of(ends.c.outcome.in_(_PASSED)).label("passed"),
            _sum_of(limited).label("limited"),
            *(sa.func.sum(worked.c[name]).label(name) for name in ("steps", "cost_nusd", "unpriced")),
            sa.func.sum(sa.case((limited, worked.c.cost_nusd), else_=0)).label("limited_nusd"),
        )
        .select_from(worked.join(ends, worked.c.turn == ends.c.turn))
        .where(ends.c.outcome.in_((*_PASSED, *_MISSED)))
        .group_by(worked.c.role, worked.c.provider, worked.c.model)
        .order_by(worked.c.role, worked.c.provider, worked.c.model)
    )
    return tuple(TurnsRow(**row._mapping) for row in await connection.rows(query))


async def typical(connection: Connection, within: Within, by: str) -> TypicalRow:
    """What one `run`, or one `task`, costs; calls that belong to none are left out."""
    named = usage.calls().c[by]
    cost = sa.func.sum(usage.calls().c.cost_nusd)
    each = sa.select(cost.label("cost")).where(named != "", *usage.of_calls(within)).group_by(named)
    priced = each.having(cost.is_not(None)).subquery()
    place = sa.func.row_number().over(order_by=priced.c.cost).label("place")
    ranked = sa.select(priced.c.cost, place, sa.func.count().over().label("count")).subquery()
    query = sa.select(
        sa.func.count().label("count"),
        sa.func.coalesce(_first_from(1, 2, ranked, ranked.c.cost), 0).label("median_nusd"),
        sa.func.coalesce(sa.func.max(ranked.c.cost), 0).label("most_nusd"),
    )
    return TypicalRow(**(await connection.rows(query))[0]._mapping)


def _first_from(part: int, whole: int, ranked: sa.Subquery, value: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """The least value at or after this part of the `ranked` rows, which know their `place` and their `count`."""
    return sa.func.min(sa.case((ranked.c.place * whole >= ranked.c.count * part, value)))


def _sum_of(condition: sa.ColumnElement[Any]) -> sa.ColumnElement[int]:
    return sa.func.sum(sa.case((condition, 1), else_=0))
