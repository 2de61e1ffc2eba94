"""Past runs: what each run of a role with one model took, summed over its calls."""

from __future__ import annotations

import sqlalchemy as sa

from studio.domain.estimates import RunTook
from studio.domain.ids import ProjectId
from studio.domain.models import ModelRef
from studio.domain.money import NanoUsd
from studio.store.connection import Connection
from studio.store.usage import calls


async def took(connection: Connection, project: ProjectId, role: str, model: ModelRef) -> tuple[RunTook, ...]:
    """One entry for each run of `role` in the project whose calls went to `model`."""
    usage = calls()
    sums = sa.select(
        sa.func.count(usage.c.step.distinct()).label("steps"),
        sa.func.sum(usage.c.milliseconds).label("milliseconds"),
        sa.func.sum(usage.c.cost_nusd).label("nusd"),
        (sa.func.count() - sa.func.count(usage.c.cost_nusd)).label("unpriced"),
    )
    of = (usage.c.project == project, usage.c.role == role, usage.c.provider == model.provider)
    query = sums.where(*of, usage.c.model == model.name).group_by(usage.c.run)
    return tuple(
        RunTook(row.steps, row.milliseconds / 1000, None if row.unpriced else NanoUsd(row.nusd))
        for row in await connection.rows(query)
    )
