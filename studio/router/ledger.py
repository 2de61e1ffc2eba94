"""The ledger: money is held before a call goes out, so that no budget can be overspent by what is under way.

A reservation holds the most that its call can cost. It is settled together with what the provider says the call used,
or kept where nobody knows: after a kill, a stop or a stream that broke the provider may have charged for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from studio.base.aio import in_thread
from studio.contracts.chat_model import ModelRequest
from studio.contracts.clock import Clock
from studio.domain.budgets import Balance, Budget, Payer, Period, Reservation, Scope, ScopeKind, in_words
from studio.domain.errors import NotFound, OverBudget
from studio.domain.events import BudgetRemoved, BudgetSet, ReservationReleased
from studio.domain.ids import ProjectId, ReservationId
from studio.domain.models import ModelRef
from studio.domain.money import FREE, NanoUsd, show
from studio.events.recorder import Recorder
from studio.router.balances import alerts, balance_of, balances_of, seconds_until, some_run_out
from studio.router.bounds import most_tokens
from studio.router.prices import Prices
from studio.store import budgets, reservations
from studio.store.connection import Connection, InThread
from studio.store.database import Database
from studio.store.reservations import kept_of_run

LEAST_OUTPUT = 1024
"""A reply that may not even take so many tokens is of little use: the call is not made."""

_RAISE = "Raise the budget, or choose a cheaper model: studio budget list"
_RAISE_OR_WAIT = "Raise the budget, wait until its period is over, or choose a cheaper model: studio budget list"
_ALLOW_MORE = "Send another message to go on, allow more for a message, or choose a cheaper model."
_PRICE = "Choose a model with a known price, say its price in prices.toml, or remove the budget."


class Unpriced(OverBudget):
    """No budget can be kept with a model without a known price, however long the request is."""


@dataclass(frozen=True, slots=True)
class Held:
    """What is held for a call of so many `tokens`, and how long its reply may be at that; nothing for a free model."""

    max_output_tokens: int
    reservation: ReservationId | None = None
    nusd: NanoUsd = FREE
    tokens: int = 0


Unlisted = Callable[[ModelRef], Awaitable[str]]


class Ledger:
    """Holds, keeps and releases; what a call was paid is written by whoever records the call.

    `unlisted` says that the provider of a model does not list it; empty where it does, or does not answer.
    """

    def __init__(
        self, database: Database, recorder: Recorder, prices: Prices, clock: Clock, unlisted: Unlisted | None = None
    ) -> None:
        self._unlisted = unlisted
        self._database = database
        self._recorder = recorder
        self._prices = prices
        self._clock = clock

    def is_free(self, model: ModelRef) -> bool:
        """Whether nothing is ever held for calls to `model`."""
        return self._prices.is_free(model)

    async def hold(
        self, payer: Payer, model: ModelRef, request: ModelRequest, tokens: int | None = None, *, or_less: bool = True
    ) -> Held:
        """Holds the most that `request` to `model` can cost, with a shorter reply where the money ends before.

        The request counts at most `tokens`; None leaves it to its bytes. Raises OverBudget when a budget of `payer`, or
        what its message may still cost, has too little left for a reply of any use, or unless `or_less` for the whole
        one; Unpriced when there is such a limit and the model has no known price.
        """
        wanted = request.max_output_tokens
        await self._prices.look()
        if self._prices.is_free(model):
            return Held(wanted)
        now = self._clock.now()
        tokens = await in_thread(most_tokens, request, model.name) if tokens is None else tokens
        asked = await self._prices.worst(model, tokens, 0, now)
        whole = await self._prices.worst(model, tokens, wanted, now)
        held = Held(wanted)
        try:
            async with self._recorder.unit(payer.project or None, payer.run or None) as unit:
                balances = await unit.connection.run(balances_of, payer.scopes, now)
                if payer.left_nusd is not None and payer.since is not None:
                    payer = payer.after(await unit.connection.run(kept_of_run, payer.run, payer.since))
                if whole is None or asked is None:
                    _refuse_unpriced(payer, model, balances, self._prices)
                    return held
                fits = _fitting(payer, model, balances, asked, whole, wanted, now, or_less)
                held = Held(fits, ReservationId.new(), _share(asked, whole, fits, wanted), tokens)
                _add(unit.connection, held, payer, model, now)
                for alert in await unit.connection.run(alerts, balances, now):
                    unit.record(alert)
        except asyncio.CancelledError:
            # The call does not go out. It may be that the commit was past stopping.
            await self.drop(held)
            raise
        except Unpriced as error:
            # Outside of the transaction: the provider may take its time to answer.
            said = await self._unlisted(model) if self._unlisted is not None else ""
            raise Unpriced(f"{error.sentence} {said}".strip(), error.action) from error
        return held

    async def paid(self, payer: Payer) -> None:
        """Tells the person of budgets that run out; called once what a call cost is recorded."""
        now = self._clock.now()
        if not await self._database.look(some_run_out, payer.scopes, now):
            return
        async with self._recorder.unit(payer.project or None, payer.run or None) as unit:
            balances = await unit.connection.run(balances_of, payer.scopes, now)
            for alert in await unit.connection.run(alerts, balances, now):
                unit.record(alert)

    async def nearness(self, payer: Payer) -> float:
        """The largest part that is paid or held of a budget which pays for `payer`; 0 without any."""
        balances = await self._database.look(balances_of, payer.scopes, self._clock.now())
        return max((balance.used for balance in balances), default=0.0)

    async def set_budget(self, budget: Budget) -> Balance:
        """Gives a scope a ceiling for a period, in place of the one it had, and says where it stands."""
        now = self._clock.now()
        async with self._recorder.unit(_project_of(budget.scope), None) as unit:
            await budgets.save(unit.connection, budget)
            balance = await unit.connection.run(balance_of, budget, now)
            unit.record(BudgetSet(str(budget.scope), budget.period, budget.ceiling_nusd, budget.alert_percent))
            for alert in await unit.connection.run(alerts, (balance,), now):
                unit.record(alert)
        return balance

    async def remove_budget(self, scope: Scope, period: Period) -> bool:
        """Takes a ceiling away and says whether there was one."""
        async with self._recorder.unit(_project_of(scope), None) as unit:
            removed = await budgets.remove(unit.connection, scope, period)
            if removed:
                unit.record(BudgetRemoved(str(scope), period))
        return removed

    async def keep(self, held: Held) -> None:
        """Goes on holding what a call without a known end may have cost."""
        async with self._database.transaction() as connection:
            keep(connection, held)

    async def reconcile(self) -> int:
        """Keeps what calls of dead processes held, and says how many; for the one engine, before its first call."""
        async with self._database.transaction() as connection:
            return await connection.run(reservations.keep_all)

    async def balances(self, payer: Payer | None = None) -> tuple[Balance, ...]:
        """Where the budgets that pay for `payer` stand now, or all of them."""
        async with self._database.reading() as connection:
            return await connection.run(balances_of, payer.scopes if payer else None, self._clock.now())

    async def reservations(self) -> tuple[Reservation, ...]:
        """What is held and kept, oldest first."""
        async with self._database.reading() as connection:
            return await reservations.all_reservations(connection)

    async def release(self, reservation: str) -> Reservation:
        """Lets go of a kept reservation, as a person decided, and gives it; raises NotFound for any other."""
        for row in await self.reservations():
            if row.id == reservation and row.kept:
                break
        else:
            raise NotFound(f"There is no kept reservation {reservation}.", "See which there are: studio budget list")
        async with self._recorder.unit(row.project or None, None) as unit:
            if await unit.connection.run(reservations.remove, row.id):
                unit.record(ReservationReleased(row.id, str(row.model), row.held_nusd))
        return row

    async def drop(self, held: Held) -> None:
        """Lets go of what was held for a call that does not go out."""
        async with self._database.transaction() as connection:
            settle(connection, held)


def settle(connection: Connection, held: Held | None) -> None:
    """Lets go of what was held, in the transaction that records what the call cost."""
    if held is not None and held.reservation is not None:
        connection.at_commit(partial(_remove, held.reservation))


def keep(connection: Connection, held: Held | None, paid: NanoUsd = FREE) -> None:
    """Keeps what was held beyond the `paid` that is recorded of the call in the same transaction."""
    if held is not None and held.reservation is not None:
        connection.at_commit(partial(reservations.keep, reservation=held.reservation, paid=paid))


def _add(connection: Connection, held: Held, payer: Payer, model: ModelRef, time: datetime) -> None:
    if held.reservation is not None:
        connection.at_commit(
            partial(reservations.add, reservation=held.reservation, payer=payer, model=model, nusd=held.nusd, time=time)
        )


def _project_of(scope: Scope) -> ProjectId | None:
    return ProjectId(scope.id) if scope.kind is ScopeKind.PROJECT else None


def _remove(reservation: ReservationId, connection: InThread) -> None:
    reservations.remove(connection, reservation)


def _refuse_unpriced(payer: Payer, model: ModelRef, balances: tuple[Balance, ...], prices: Prices) -> None:
    if balances or payer.left_nusd is not None:
        why = ""
        if prices.is_charging(model):
            why = f"{model.provider} was to cost nothing, and has billed a call all the same: "
        raise Unpriced(f"{why}{model} has no known price, so no budget can be kept with it.", _PRICE)


def _fitting(
    payer: Payer,
    model: ModelRef,
    balances: tuple[Balance, ...],
    asked: NanoUsd,
    whole: NanoUsd,
    wanted: int,
    now: datetime,
    or_less: bool,
) -> int:
    """How many tokens of the `wanted` ones every budget can pay; `asked` is the price of none, `whole` of all."""
    tightest = min(balances, key=lambda balance: balance.left_nusd, default=None)
    lefts = [balance.left_nusd for balance in balances]
    left = min([*lefts, payer.left_nusd] if payer.left_nusd is not None else lefts, default=whole)
    if whole <= left:
        return wanted
    fits = (left - asked) * wanted // (whole - asked) if whole > asked else 0
    if or_less and fits >= min(LEAST_OUTPUT, wanted):
        return fits
    needed = _share(asked, whole, min(LEAST_OUTPUT, wanted), wanted)
    least = show(needed)
    if tightest is None or tightest.left_nusd > left:
        raise OverBudget(
            f"One more step with {model} could cost {least}, and this message may cost {_shown(left)} more.",
            _ALLOW_MORE,
        )
    whose = in_words(tightest.budget)
    own = payer.left_nusd is not None and payer.left_nusd < needed
    passes_in = None if own else seconds_until(balances, needed, now)
    if tightest.budget.ceiling_nusd < needed:
        rest = f"and the whole budget of {whose} is less than that."
    else:
        rest = f"and of the budget of {whose} {_shown(left)} is left."
    raise OverBudget(
        f"One more step with {model} could cost {least}, {rest}",
        _RAISE if passes_in is None else _RAISE_OR_WAIT,
        passes_in=passes_in,
    )


def _share(asked: NanoUsd, whole: NanoUsd, tokens: int, wanted: int) -> NanoUsd:
    """The most that a call with a reply of `tokens` costs, rounded up."""
    return NanoUsd(asked - (asked - whole) * tokens // wanted)


def _shown(left: int) -> str:
    return show(NanoUsd(max(0, left)))
