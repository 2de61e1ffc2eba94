"""Reservations as saved: money held for model calls whose price is not known yet."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import BigInteger, Boolean, Column, Integer, Row, Table

from studio.domain.budgets import Payer, Reservation, Scope, ScopeKind
from studio.domain.clock import to_text
from studio.domain.ids import ProjectId, ReservationId, RunId, TurnId
from studio.domain.models import ModelRef
from studio.domain.money import NanoUsd
from studio.store.connection import Connection, InThread, rows_of
from studio.store.tables import Moment, metadata
from studio.store.text import Text

_held = Table(
    "reservations",
    metadata,
    Column("id", Text, primary_key=True),
    Column("time", Moment, nullable=False),
    Column("project", Text, nullable=False),
    Column("brief", Text, nullable=False),
    Column("task", Text, nullable=False),
    Column("run", Text, nullable=False),
    Column("turn", Text, nullable=False),
    Column("step", Integer, nullable=False),
    Column("role", Text, nullable=False),
    Column("provider", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("held_nusd", BigInteger, nullable=False),
    # Whether its call has ended without anybody knowing what it cost.
    Column("kept", Boolean, nullable=False),
)

_ADD = sa.insert(_held)
_IS = _held.c.id == sa.bindparam("reservation")
_REMOVE = sa.delete(_held).where(_IS)
_KEEP = (
    sa.update(_held)
    .where(_IS)
    .values(kept=True, held_nusd=sa.func.max(0, _held.c.held_nusd - sa.bindparam("paid_nusd")))
)

_SUMS = """
SELECT coalesce(sum(held_nusd), 0), coalesce(sum(CASE WHEN kept THEN held_nusd ELSE 0 END), 0) FROM reservations
WHERE {of_scope}(time >= ? OR NOT kept)
"""


def add(
    connection: InThread, reservation: ReservationId, payer: Payer, model: ModelRef, nusd: NanoUsd, time: datetime
) -> None:
    """Holds money for one call."""
    values = {
        "id": reservation,
        "time": time,
        "project": payer.project,
        "brief": payer.brief,
        "task": payer.task,
        "run": payer.run,
        "turn": payer.turn,
        "step": payer.step,
        "role": payer.role,
        "provider": model.provider,
        "model": model.name,
        "held_nusd": nusd,
        "kept": False,
    }
    connection.execute(_ADD, values)


def remove(connection: InThread, reservation: ReservationId) -> bool:
    """Lets go of a reservation and says whether it was there."""
    return bool(connection.execute(_REMOVE, {"reservation": reservation}).rowcount)


def keep(connection: InThread, reservation: ReservationId, paid: NanoUsd) -> None:
    """Goes on holding what a call may have cost beyond the `paid` that is known."""
    connection.execute(_KEEP, {"reservation": reservation, "paid_nusd": paid})


def keep_all(connection: InThread) -> int:
    """Keeps what dead processes left held, and says how many reservations that were."""
    return connection.execute(sa.update(_held).where(_held.c.kept.is_(False)).values(kept=True)).rowcount


def sums_of(connection: InThread, scope: Scope, since: datetime | None) -> tuple[NanoUsd, NanoUsd]:
    """What is held for the calls of a scope that may be charged from `since` on, and how much of it is kept.

    Calls under way count whenever they went out: what they cost is booked when they end.
    """
    of_scope = "" if scope.kind is ScopeKind.COMPANY else f"{scope.kind.value} = ? AND "
    values = (*(() if scope.kind is ScopeKind.COMPANY else (scope.id,)), to_text(since) if since is not None else "")
    held, of_it_kept = rows_of(connection, _SUMS.format(of_scope=of_scope), values)[0]
    return NanoUsd(held), NanoUsd(of_it_kept)


def kept_of_run(connection: InThread, run: RunId, since: datetime) -> NanoUsd:
    """What is kept of a run's calls that went out at `since` or later."""
    query = sa.select(sa.func.coalesce(sa.func.sum(_held.c.held_nusd), 0))
    query = query.where(_held.c.run == run, _held.c.kept, _held.c.time >= since)
    return NanoUsd(connection.execute(query).scalar_one())


async def all_reservations(connection: Connection) -> tuple[Reservation, ...]:
    """All of them, oldest first."""
    return tuple(_row(row) for row in await connection.rows(sa.select(_held).order_by(_held.c.time, _held.c.id)))


def _row(row: Row[Any]) -> Reservation:
    return Reservation(
        ReservationId(row.id),
        row.time,
        ProjectId(row.project),
        RunId(row.run),
        TurnId(row.turn),
        row.role,
        ModelRef(row.provider, row.model),
        NanoUsd(row.held_nusd),
        row.kept,
    )
