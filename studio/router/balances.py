"""Balances: where budgets stand, and which of them a person is to be told of. All on the connection's own thread."""

from __future__ import annotations

from datetime import datetime

from studio.domain.budgets import Balance, Budget, Scope, begin_of, end_of
from studio.domain.clock import to_text
from studio.domain.events import BudgetAlerted
from studio.domain.money import NanoUsd
from studio.store import budgets, paid, reservations
from studio.store.connection import InThread

CALL_SECONDS = 60.0
"""After so long money that is held for calls under way is looked for again: most of it comes back."""


def balances_of(connection: InThread, scopes: tuple[Scope, ...] | None, now: datetime) -> tuple[Balance, ...]:
    """Where the budgets of these scopes stand, or all budgets."""
    # What is read here must be of one moment, and where it is written next, nobody may have held money meanwhile.
    if not connection.in_transaction():
        connection.begin()
    return tuple(
        balance_of(connection, budget, now)
        for budget in budgets.found(connection)
        if scopes is None or budget.scope in scopes
    )


def balance_of(connection: InThread, budget: Budget, now: datetime) -> Balance:
    """Where one budget stands."""
    since = begin_of(budget.period, now)
    return Balance(
        budget, paid.sum_of(connection, budget.scope, since), *reservations.sums_of(connection, budget.scope, since)
    )


def some_run_out(connection: InThread, scopes: tuple[Scope, ...], now: datetime) -> bool:
    """Whether a budget of these scopes runs out of which the person was not told in its period."""
    return any(
        balance.runs_out and not budgets.is_alerted(connection, balance.budget, _begin(balance.budget, now))
        for balance in balances_of(connection, scopes, now)
    )


def alerts(connection: InThread, balances: tuple[Balance, ...], now: datetime) -> tuple[BudgetAlerted, ...]:
    """What a person is to be told of these balances and was not yet, noted as told."""
    return tuple(
        _alert(balance)
        for balance in balances
        if balance.runs_out and budgets.note_alert(connection, balance.budget, _begin(balance.budget, now))
    )


def _begin(budget: Budget, now: datetime) -> str:
    begin = begin_of(budget.period, now)
    return to_text(begin) if begin is not None else "the first"


def _alert(balance: Balance) -> BudgetAlerted:
    budget = balance.budget
    return BudgetAlerted(
        str(budget.scope), budget.period.value, budget.ceiling_nusd, balance.paid_nusd, balance.kept_nusd
    )


def seconds_until(balances: tuple[Balance, ...], needed: NanoUsd, now: datetime) -> float | None:
    """In how many seconds all of these budgets may well have so much; None when one of them never has by itself."""
    waits = [_wait(balance, needed, now) for balance in balances if balance.left_nusd < needed]
    known = [wait for wait in waits if wait is not None]
    return max(known) if known and len(known) == len(waits) else None


def _wait(balance: Balance, needed: NanoUsd, now: datetime) -> float | None:
    under_way = balance.held_nusd - balance.kept_nusd
    if balance.left_nusd + under_way >= needed:
        return CALL_SECONDS
    end = end_of(balance.budget.period, now)
    return (end - now).total_seconds() if end is not None and balance.budget.ceiling_nusd >= needed else None
