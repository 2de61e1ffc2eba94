"""Past runs: what each run of a role took, summed over its calls."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from studio.domain.estimates import RunTook
from studio.domain.ids import ProjectId
from studio.domain.models import AUTO, ModelRef
from studio.domain.money import NanoUsd
from studio.domain.usage import Usage
from studio.store import runs
from studio.store.connection import Connection
from studio.store.usage import calls


@dataclass(frozen=True, slots=True)
class RunUsed:
    """The steps and tokens of one run, whichever models it had."""

    steps: int
    usage: Usage


async def took(connection: Connection, project: ProjectId, role: str, model: ModelRef) -> tuple[RunTook, ...]:
    """One entry for each run of `role` in the project whose calls went to `model`.

    For an automatic one, each run that was to take it, whatever models it came to.
    """
    usage = calls()
    sums = sa.select(
        sa.func.count(usage.c.step.distinct()).label("steps"),
        sa.func.sum(usage.c.milliseconds).label("milliseconds"),
        sa.func.sum(usage.c.cost_nusd).label("nusd"),
        (sa.func.count() - sa.func.count(usage.c.cost_nusd)).label("unpriced"),
    )
    query = sums.where(usage.c.project == project, usage.c.role == role).group_by(usage.c.run)
    if model.provider == AUTO:
        query = query.where(usage.c.run.in_(runs.with_model(project, model)))
    else:
        query = query.where(usage.c.provider == model.provider, usage.c.model == model.name)
    return tuple(
        RunTook(row.steps, row.milliseconds / 1000, None if row.unpriced else NanoUsd(row.nusd))
        for row in await connection.rows(query)
    )


async def used(connection: Connection, project: ProjectId, role: str) -> tuple[RunUsed, ...]:
    """One entry for each run of `role` in the project."""
    usage = calls()
    tokens = ("input", "output", "cache_read", "cache_write")
    sums = sa.select(
        sa.func.count(usage.c.step.distinct()).label("steps"),
        *(sa.func.sum(usage.c[name]).label(name) for name in tokens),
    )
    query = sums.where(usage.c.project == project, usage.c.role == role).group_by(usage.c.run)
    return tuple(
        RunUsed(row.steps, Usage(*(getattr(row, name) for name in tokens))) for row in await connection.rows(query)
    )
