"""Paid sums as saved: what each scope paid on each day, so that a balance is read without counting every call again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import BigInteger, Column, Table
from sqlalchemy.dialects.sqlite import insert

from studio.domain.budgets import Scope
from studio.domain.clock import to_text
from studio.domain.money import NanoUsd
from studio.store.connection import InThread, rows_of
from studio.store.tables import metadata
from studio.store.text import Text

_paid = Table(
    "paid",
    metadata,
    Column("scope", Text, primary_key=True),
    # In UTC, as in 2026-01-31: every period of a budget begins with a day.
    Column("day", Text, primary_key=True),
    Column("nusd", BigInteger, nullable=False),
)

_INSERT = insert(_paid)
_ADD = _INSERT.on_conflict_do_update(
    index_elements=[_paid.c.scope, _paid.c.day], set_={"nusd": _paid.c.nusd + _INSERT.excluded.nusd}
)
_SUM = "SELECT coalesce(sum(nusd), 0) FROM paid WHERE scope = ? AND day >= ?"


def add(connection: InThread, scopes: Iterable[Scope], nusd: NanoUsd, time: datetime) -> None:
    """Adds what one call cost to what its scopes paid on that day."""
    day = _day(time)
    connection.execute(_ADD, [{"scope": str(scope), "day": day, "nusd": nusd} for scope in scopes])


def sum_of(connection: InThread, scope: Scope, since: datetime | None) -> NanoUsd:
    """What the calls of a scope cost, as far as their prices are known; from the day on that `since` begins."""
    return NanoUsd(rows_of(connection, _SUM, (str(scope), _day(since) if since is not None else ""))[0][0])


def _day(time: datetime) -> str:
    return to_text(time)[:10]
