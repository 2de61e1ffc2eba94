"""Budgets as saved: one for each scope and period."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import BigInteger, Column, Integer, Table

from studio.domain.budgets import Budget, Period, Scope
from studio.domain.money import NanoUsd
from studio.store.connection import Connection, InThread, rows_of
from studio.store.tables import metadata
from studio.store.text import Text

_budgets = Table(
    "budgets",
    metadata,
    Column("scope", Text, primary_key=True),
    Column("period", Text, primary_key=True),
    Column("ceiling_nusd", BigInteger, nullable=False),
    Column("alert_percent", Integer, nullable=False),
    # The begin of the period in which the person was told that the budget runs out; empty: in none yet.
    Column("alerted", Text, nullable=False),
)

_ALL = "SELECT scope, period, ceiling_nusd, alert_percent FROM budgets ORDER BY scope, period"


async def save(connection: Connection, budget: Budget) -> None:
    """Sets a budget, in place of the one that its scope has for the same period."""
    await remove(connection, budget.scope, budget.period)
    values = {
        "scope": str(budget.scope),
        "period": budget.period.value,
        "ceiling_nusd": budget.ceiling_nusd,
        "alert_percent": budget.alert_percent,
        "alerted": "",
    }
    await connection.change(sa.insert(_budgets).values(**values))


async def remove(connection: Connection, scope: Scope, period: Period) -> bool:
    """Removes a budget and says whether there was one."""
    return bool(await connection.change(sa.delete(_budgets).where(_is(scope, period))))


def found(connection: InThread) -> tuple[Budget, ...]:
    """All budgets, in order of their scopes."""
    return tuple(
        Budget(Scope.parse(scope), Period(period), NanoUsd(ceiling), percent)
        for scope, period, ceiling, percent in rows_of(connection, _ALL)
    )


def is_alerted(connection: InThread, budget: Budget, begin: str) -> bool:
    """Whether the person was told of a budget in the period that began at `begin`."""
    said = _is(budget.scope, budget.period) & (_budgets.c.alerted == begin)
    return connection.execute(sa.select(_budgets.c.scope).where(said)).first() is not None


def note_alert(connection: InThread, budget: Budget, begin: str) -> bool:
    """Notes that the person is told of a budget in the period that began at `begin`; False when they were already."""
    unsaid = _is(budget.scope, budget.period) & (_budgets.c.alerted != begin)
    return bool(connection.execute(sa.update(_budgets).where(unsaid).values(alerted=begin)).rowcount)


def _is(scope: Scope, period: Period) -> sa.ColumnElement[bool]:
    return (_budgets.c.scope == str(scope)) & (_budgets.c.period == period.value)
