"""Performance: how fast and surely models answered, how turns ended that they worked in, what runs and tasks cost."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Any

import sqlalchemy as sa

from studio.domain.clock import to_text
from studio.domain.errors import ProviderFault
from studio.domain.intervals import Count
from studio.domain.models import ModelRef
from studio.domain.routing import Lately
from studio.domain.runs import Outcome
from studio.domain.within import Within
from studio.store import event_log, usage
from studio.store.connection import Connection, InThread, rows_of

_PASSED = (Outcome.REPLIED.value, Outcome.HANDED_OFF.value)
_MISSED = (Outcome.LIMIT.value, Outcome.FAILED.value)
_SAYS_NOTHING = (usage.CACHED, ProviderFault.OUT_OF_TIME.value)
"""What says nothing of a model: it was not asked, or whoever asked had no more time."""

_NEWEST = 20
"""How many tries tell how a model does lately."""

# Without a condition on the time, which would look at all the older ones where the newest are too few.
_LATELY = (
    "SELECT outcome, milliseconds, first_token_ms, output, time FROM usage"
    " WHERE provider = ? AND model = ? AND outcome NOT IN (?, ?) ORDER BY id DESC LIMIT ?"
)


@dataclass(frozen=True, slots=True)
class TriesRow:
    """How the tries at one model went, or those at all models of a provider, whose `model` is then None.

    Of those that did not fail: how long they took and how long it was until their first piece came, the middle one and
    the slowest but one in twenty, in milliseconds, and how many tokens came a second; None where nothing is known.
    """

    provider: str
    model: str | None
    tries: int
    failed: int
    median_ms: float | None
    slow_ms: float | None
    first_token_ms: float | None
    slow_first_token_ms: float | None
    output_per_second: float | None

    @property
    def succeeded(self) -> Count:
        """How many did not fail, of all."""
        return Count(self.tries - self.failed, self.tries)


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


async def tries(connection: Connection, within: Within, by: str = "model") -> tuple[TriesRow, ...]:
    """How the tries at each `model`, or at each `provider`, went, in order of their names."""
    made = usage.calls().c
    model = made.model if by == "model" else sa.null().cast(sa.Text)
    went_well = made.outcome == usage.OK
    took = sa.case((went_well & (made.milliseconds > 0), made.milliseconds)).label("took")
    first = sa.case((went_well, made.first_token_ms)).label("first")
    told = sa.select(
        *(made.provider, model.label("model"), made.output, took, first),
        sa.case((went_well, 0), else_=1).label("failed"),
    ).where(made.outcome.not_in(_SAYS_NOTHING), *usage.of_tries(within))
    each = told.subquery()
    ranked = sa.select(each, *_ranked(each, "took"), *_ranked(each, "first")).subquery()
    groups = (ranked.c.provider, ranked.c.model)
    query = sa.select(
        *groups,
        sa.func.count().label("tries"),
        sa.func.sum(ranked.c.failed).label("failed"),
        _first_from(1, 2, ranked, "took").label("median_ms"),
        _first_from(19, 20, ranked, "took").label("slow_ms"),
        _first_from(1, 2, ranked, "first").label("first_token_ms"),
        _first_from(19, 20, ranked, "first").label("slow_first_token_ms"),
        (sa.func.sum(sa.case((ranked.c.took > 0, ranked.c.output))) * 1000.0 / sa.func.sum(ranked.c.took)).label(
            "output_per_second"
        ),
    )
    query = query.group_by(*groups).order_by(*groups)
    return tuple(TriesRow(**row._mapping) for row in await connection.rows(query))


def lately(
    connection: InThread, models: Iterable[ModelRef], since: datetime, tried_since: datetime
) -> dict[ModelRef, Lately]:
    """How quick the newest replies of each model were since then, and how many tries failed since `tried_since`.

    Runs on the connection's own thread, as each step may ask. Models of which nothing is known are left out.
    """
    begin, tried = to_text(since), to_text(tried_since)
    return {model: found for model in models if (found := _lately(connection, model, begin, tried)) is not None}


def _lately(connection: InThread, model: ModelRef, since: str, tried_since: str) -> Lately | None:
    newest = rows_of(connection, _LATELY, (model.provider, model.name, *_SAYS_NOTHING, _NEWEST))
    tried = [outcome == usage.OK for outcome, *_, time in newest if time >= tried_since]
    well = [row[:4] for row in newest if row[4] >= since and row[0] == usage.OK and row[1] > 0]
    if not tried and not well:
        return None
    firsts = [first for _, _, first, _ in well if first is not None]
    spent = sum(took - (first or 0.0) for _, took, first, _ in well)
    speed = sum(output for *_, output in well) * 1000 / spent if spent > 0 else 0.0
    return Lately(len(well), median(firsts) if firsts else None, speed, len(tried), tried.count(False))


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
    ranked = sa.select(priced.c.cost, *_ranked(priced, "cost", of=())).subquery()
    query = sa.select(
        sa.func.count().label("count"),
        sa.func.coalesce(_first_from(1, 2, ranked, "cost"), 0).label("median_nusd"),
        sa.func.coalesce(sa.func.max(ranked.c.cost), 0).label("most_nusd"),
    )
    return TypicalRow(**(await connection.rows(query))[0]._mapping)


def _ranked(rows: sa.Subquery, name: str, of: tuple[str, ...] = ("provider", "model")) -> tuple[sa.Label[int], ...]:
    """The place of each row by this column among those `of` the same, from 1, and of how many; nulls come after all."""
    value, among = rows.c[name], [rows.c[each] for each in of]
    place = sa.func.row_number().over(partition_by=among, order_by=value.asc().nulls_last())
    return place.label(f"{name}_place"), sa.func.count(value).over(partition_by=among).label(f"{name}_count")


def _first_from(part: int, whole: int, ranked: sa.Subquery, name: str) -> sa.ColumnElement[Any]:
    """The least value at or after this part of the rows that were ranked by this column."""
    place, count = ranked.c[f"{name}_place"], ranked.c[f"{name}_count"]
    return sa.func.min(sa.case((place * whole >= count * part, ranked.c[name])))


def _sum_of(condition: sa.ColumnElement[Any]) -> sa.ColumnElement[int]:
    return sa.func.sum(sa.case((condition, 1), else_=0))
