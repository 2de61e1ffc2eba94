"""The ledger: money is held before a call goes out, so that no budget can be overspent by what is under way.

A reservation holds the most that its call can cost. It is settled together with what the provider says the call used,
or kept where nobody knows: after a kill, a stop or a stream that broke the provider may have charged for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from studio.base.aio import in_thread
from studio.contracts.chat_model import ModelRequest
from studio.contracts.clock import Clock
from studio.domain.budgets import Balance, Budget, Payer, Scope, begin_of, in_words
from studio.domain.clock import to_text
from studio.domain.errors import NotFound, OverBudget
from studio.domain.events import BudgetAlerted, ReservationReleased
from studio.domain.ids import ReservationId
from studio.domain.models import ModelRef
from studio.domain.money import FREE, NanoUsd, show
from studio.events.recorder import Recorder
from studio.router.bounds import most_tokens
from studio.router.prices import Prices
from studio.store import budgets, reservations, usage
from studio.store.connection import Connection, InThread
from studio.store.database import Database
from studio.store.reservations import ReservationRow

LEAST_OUTPUT = 1024
"""A reply that may not even take so many tokens is of little use: the call is not made."""

_RAISE = "Raise the budget, wait until its period is over, or choose a cheaper model: studio budget list"
_ALLOW_MORE = "Send another message to go on, allow more for a message, or choose a cheaper model."
_PRICE = "Choose a model with a known price, say its price in prices.toml, or remove the budget."


@dataclass(frozen=True, slots=True)
class Held:
    """What is held for a call, and how long its reply may be at that; nothing is held for a free model."""

    max_output_tokens: int
    reservation: ReservationId | None = None
    nusd: NanoUsd = FREE


class Ledger:
    """Holds, keeps and releases; what a call was paid is written by whoever records the call."""

    def __init__(self, database: Database, recorder: Recorder, prices: Prices, clock: Clock) -> None:
        self._database = database
        self._recorder = recorder
        self._prices = prices
        self._clock = clock

    async def hold(self, payer: Payer, model: ModelRef, request: ModelRequest) -> Held:
        """Holds the most that `request` to `model` can cost, with a shorter reply where the money ends before.

        Raises OverBudget when a budget of `payer`, or what its message may still cost, has too little left for a
        reply of any use, or when there is such a limit and the model has no known price.
        """
        wanted = request.max_output_tokens
        if self._prices.is_free(model):
            return Held(wanted)
        now = self._clock.now()
        tokens = await in_thread(most_tokens, request)
        asked = await self._prices.worst(model, tokens, 0, now)
        whole = await self._prices.worst(model, tokens, wanted, now)
        reservation = ReservationId.new()
        project = payer.project or None
        async with self._recorder.unit(project, None) as unit:
            balances = await unit.connection.run(_balances, payer.scopes, now)
            if whole is None or asked is None:
                _refuse_unpriced(payer, model, balances)
                return Held(wanted)
            fits = _fitting(payer, model, balances, asked, whole, wanted)
            nusd = _share(asked, whole, fits, wanted)
            unit.connection.at_commit(
                partial(reservations.add, reservation=reservation, payer=payer, model=model, nusd=nusd, time=now)
            )
            for balance in await unit.connection.run(_to_tell, balances, now):
                unit.record(_alert(balance))
        return Held(fits, reservation, nusd)

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
            return await connection.run(_balances, payer.scopes if payer else None, self._clock.now())

    async def reservations(self) -> tuple[ReservationRow, ...]:
        """What is held and kept, oldest first."""
        async with self._database.reading() as connection:
            return await reservations.all_reservations(connection)

    async def release(self, reservation: ReservationId) -> None:
        """Lets go of a kept reservation, as a person decided; raises NotFound for any other."""
        for row in await self.reservations():
            if row.id == reservation and row.kept:
                break
        else:
            raise NotFound(f"There is no kept reservation {reservation}.", "See them: studio budget list")
        async with self._recorder.unit(row.project or None, None) as unit:
            if await unit.connection.run(reservations.remove, reservation):
                unit.record(ReservationReleased(reservation, str(row.model), row.held_nusd))


def settle(connection: Connection, held: Held | None) -> None:
    """Lets go of what was held, in the transaction that records what the call cost."""
    if held is not None and held.reservation is not None:
        connection.at_commit(partial(_remove, held.reservation))


def keep(connection: Connection, held: Held | None, paid: NanoUsd = FREE) -> None:
    """Keeps what was held beyond the `paid` that is recorded of the call in the same transaction."""
    if held is not None and held.reservation is not None:
        connection.at_commit(partial(reservations.keep, reservation=held.reservation, paid=paid))


def _remove(reservation: ReservationId, connection: InThread) -> None:
    reservations.remove(connection, reservation)


def _balances(connection: InThread, scopes: tuple[Scope, ...] | None, now: datetime) -> tuple[Balance, ...]:
    return tuple(
        _balance(connection, budget, now)
        for budget in budgets.found(connection)
        if scopes is None or budget.scope in scopes
    )


def _balance(connection: InThread, budget: Budget, now: datetime) -> Balance:
    since = begin_of(budget.period, now)
    paid = usage.paid(connection, budget.scope, since)
    return Balance(budget, paid, reservations.sum_of(connection, budget.scope, since))


def _to_tell(connection: InThread, balances: tuple[Balance, ...], now: datetime) -> tuple[Balance, ...]:
    """The balances that a person is to be told of and was not yet."""
    return tuple(
        balance
        for balance in balances
        if balance.used * 100 >= balance.budget.alert_percent
        and budgets.note_alert(connection, balance.budget, _name_of(begin_of(balance.budget.period, now)))
    )


def _name_of(begin: datetime | None) -> str:
    return to_text(begin) if begin is not None else "the first"


def _alert(balance: Balance) -> BudgetAlerted:
    budget = balance.budget
    return BudgetAlerted(
        str(budget.scope), budget.period.value, budget.ceiling_nusd, balance.paid_nusd, balance.held_nusd
    )


def _refuse_unpriced(payer: Payer, model: ModelRef, balances: tuple[Balance, ...]) -> None:
    if balances or payer.left_nusd is not None:
        raise OverBudget(f"{model} has no known price, so no budget can be kept with it.", _PRICE)


def _fitting(
    payer: Payer, model: ModelRef, balances: tuple[Balance, ...], asked: NanoUsd, whole: NanoUsd, wanted: int
) -> int:
    """How many tokens of the `wanted` ones every budget can pay; `asked` is the price of none, `whole` of all."""
    tightest = min(balances, key=lambda balance: balance.left_nusd, default=None)
    lefts = [balance.left_nusd for balance in balances]
    left = min([*lefts, payer.left_nusd] if payer.left_nusd is not None else lefts, default=whole)
    if whole <= left:
        return wanted
    fits = (left - asked) * wanted // (whole - asked) if whole > asked else 0
    if fits >= min(LEAST_OUTPUT, wanted):
        return fits
    least = show(_share(asked, whole, min(LEAST_OUTPUT, wanted), wanted))
    if tightest is None or tightest.left_nusd > left:
        raise OverBudget(
            f"One more step with {model} could cost {least}, and this message may cost {_shown(left)} more.",
            _ALLOW_MORE,
        )
    whose = in_words(tightest.budget)
    raise OverBudget(
        f"One more step with {model} could cost {least}, and of the budget of {whose} {_shown(left)} is left.", _RAISE
    )


def _share(asked: NanoUsd, whole: NanoUsd, tokens: int, wanted: int) -> NanoUsd:
    """The most that a call with a reply of `tokens` costs, rounded up."""
    return NanoUsd(asked - (asked - whole) * tokens // wanted)


def _shown(left: int) -> str:
    return show(NanoUsd(max(0, left)))
