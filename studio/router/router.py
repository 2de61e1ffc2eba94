"""Asks a model: along a route, with retries, fallbacks and the price of the reply."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from studio.contracts.chat_model import ChatModel, ModelReply, ModelRequest, OnDelta
from studio.contracts.clock import Clock
from studio.domain.budgets import Payer
from studio.domain.errors import LimitReached, OverBudget, ProviderError, ProviderFault, UserError
from studio.domain.models import ModelRef
from studio.domain.money import FREE, NanoUsd
from studio.domain.usage import Usage
from studio.router.breaker import Breaker
from studio.router.counts import is_built_in
from studio.router.current_providers import no_look
from studio.router.failures import NOT_SENT, TREATMENTS, Failure, patience, wait_before_retry
from studio.router.heard import Heard
from studio.router.holding import Holding
from studio.router.ledger import Held, Ledger
from studio.router.passing import Passing
from studio.router.prices import Prices
from studio.router.rates import Rates
from studio.router.refusals import Refusals
from studio.router.thinking import for_model, within
from studio.router.unsent import over_budget, paced, resting

_LEAST_SECONDS = 0.05
"""With less time than this no model is asked any more."""
_AT_ONCE = 0.0
_UNTOLD_SECONDS = 2.0
"""A shorter wait for a place among the requests of a minute is nothing to tell."""
_TOO_LATE = "The agent's time for this message ended before the model had replied."
_MORE_TIME = "Send another message to go on, or allow more time."

OnFailure = Callable[[Failure], Awaitable[None]]
"""Awaited after every failed try and before the next one; by then the old try streams nothing more."""


@dataclass(frozen=True, slots=True)
class Completion:
    """A reply, the model of the route that gave it, its price (None when unknown) and how long that try took.

    `held` is what the ledger holds for it: whoever records the reply settles that in the same transaction.
    `saved_nusd` is what caches took off the price; a `cached` reply was given before, and no model was asked.
    `first_token_ms` is how long the first piece of text or thinking took, None where none came.
    """

    reply: ModelReply
    model: ModelRef
    cost_nusd: NanoUsd | None
    milliseconds: float
    held: Held | None = None
    saved_nusd: NanoUsd = FREE
    cached: bool = False
    first_token_ms: float | None = None


class Router:
    """The one way to a language model.

    `providers` makes the chat model of a provider by its name and may be slow (it imports an SDK): it is
    called in a thread, once per provider. The router owns what it made and closes it. Without a `ledger` nothing is
    held and no budget kept. `is_genuine` says which providers are the services whose names they have: only their
    counts are believed. A `look` before each call tells `forget` which providers are other ones now.
    """

    def __init__(
        self,
        providers: Callable[[str], ChatModel],
        prices: Prices,
        clock: Clock,
        ledger: Ledger | None = None,
        jitter: Callable[[], float] = random.random,
        breaker: Breaker | None = None,
        rates: Rates | None = None,
        is_genuine: Callable[[str], bool] = is_built_in,
        look: Callable[[], Awaitable[None]] = no_look,
    ) -> None:
        self._look = look
        self._ledger = ledger
        self._holding = Holding(ledger, is_genuine)
        self._providers = providers
        self._prices = prices
        self._clock = clock
        self._jitter = jitter
        self._breaker = breaker or Breaker(clock)
        self._rates = rates or Rates(clock)
        self._models: dict[str, ChatModel] = {}
        self._forgotten: list[ChatModel] = []
        self._making = asyncio.Lock()
        self._refusals = Refusals()

    async def complete(
        self,
        route: tuple[ModelRef, ...],
        request: ModelRequest,
        payer: Payer,
        on_delta: OnDelta,
        on_failure: OnFailure,
        *,
        waits: bool = False,
        insists: bool = True,
    ) -> Completion:
        """Asks the models of `route` in order until one replies; `request.model` is replaced by each one's name.

        All tries together take no longer than `request.total_seconds`: LimitReached. Every try is paid by `payer`:
        a model that its budgets cannot pay is passed over, the last one raises OverBudget. Raises the last
        ProviderError when no model replies, after telling `on_failure`; UserError for an empty route. What is told
        and returned holds money until it is recorded; what was cancelled is kept.

        Who `waits` gets NothingLeft instead where some of the failures pass by themselves. Who `insists` has the last
        model asked even while its provider is better left alone: nothing else can be done.
        """
        if not route:
            raise UserError("No model is chosen.", "Choose one: --model provider/name.")
        ends = self._clock.monotonic() + request.total_seconds
        passing = Passing()

        async def told(failure: Failure) -> None:
            passing.note(failure)
            await on_failure(failure)

        try:
            for model, following in zip(route, (*route[1:], None), strict=True):
                rests = following is not None or not insists
                done = await self._ask(model, following, rests, request, payer, ends, on_delta, told)
                if isinstance(done, Completion):
                    return done
                payer = done
        except (ProviderError, OverBudget) as last:
            if (left := passing.after(last)) is last or not waits:
                raise
            raise left from last
        raise AssertionError("the last model of a route replies or raises")

    async def model(self, provider: str) -> ChatModel:
        """The chat model of `provider`, made when first asked for. Raises what making it raises."""
        await self._look()
        async with self._making:
            if provider not in self._models:
                self._models[provider] = await asyncio.to_thread(self._providers, provider)
            return self._models[provider]

    async def keep(self, held: Held | None) -> None:
        """Goes on holding what a call may have cost that could not be recorded; of no effect once it was."""
        if self._ledger is not None and held is not None:
            await self._ledger.keep(held)

    async def paid(self, payer: Payer) -> None:
        """Called once what a call cost is recorded: tells the person of budgets that run out."""
        if self._ledger is not None:
            await self._ledger.paid(payer)

    async def forget(self, provider: str) -> None:
        """Makes the chat model of `provider` anew when it is next asked for, as its key or address is another.

        A call under way goes on with the old one, which is closed with the router.
        """
        async with self._making:
            if (model := self._models.pop(provider, None)) is not None:
                self._forgotten.append(model)
            self._holding.forget(provider)
            self._refusals.forget(provider)
        # How the old one did says nothing of the new one.
        self._breaker.replied(provider)

    def wake(self) -> None:
        """Ends the rest of every provider: a person wants them tried now."""
        self._breaker.wake()

    async def close(self) -> None:
        """Closes every chat model that was made."""
        models, self._models = (*self._models.values(), *self._forgotten), {}
        for model in models:
            await model.close()

    async def _ask(
        self,
        model: ModelRef,
        following: ModelRef | None,
        rests: bool,
        request: ModelRequest,
        payer: Payer,
        ends: float,
        on_delta: OnDelta,
        on_failure: OnFailure,
    ) -> Completion | Payer:
        """Tries one model until it replies or is given up: `following` is handed over to, with what is left to pay."""
        tries = waits = 0
        while True:
            sent = for_model(self._refusals.without(request, model, payer.run), model)
            heard, held = Heard(on_delta, self._clock), Held(sent.max_output_tokens)
            started = self._clock.monotonic()
            try:
                self._require_time(ends)
                await self._await_turn(model, following, rests and not tries, ends, on_failure)
                # Made before money is held for it: what cannot be made is not paid.
                chat_model = await self.model(model.provider)
                try:
                    asked = replace(sent, total_seconds=ends - self._clock.monotonic())
                    held = await self._holding.hold(payer, model, asked, chat_model)
                except OverBudget as refused:
                    if following is None:
                        raise
                    await on_failure(Failure(model, over_budget(refused), voids=False, next_model=following))
                    return payer
                try:
                    # To wait for a place, or for a count, may have taken all the time there was.
                    self._require_time(ends)
                except LimitReached:
                    await self._holding.drop(held)
                    raise
                heard, started = Heard(on_delta, self._clock), self._clock.monotonic()
                asked = replace(within(sent, held.max_output_tokens), total_seconds=ends - started)
                completion = await self._try(chat_model, model, asked, heard, held, payer)
                self._breaker.replied(model.provider)
                self._refusals.replied(sent, model, payer.run)
                return completion
            except ProviderError as error:
                self._breaker.failed(model.provider, error)
                unsent = error.fault in NOT_SENT
                tries, waits = tries + (not unsent), waits + unsent
                wait = wait_before_retry(
                    error, waits if unsent else tries, has_next=following is not None, jitter=self._jitter()
                )
                moves_on = wait is None and TREATMENTS[error.fault].moves_on
                onward = following if moves_on else None
                if self._refusals.learn(sent, model, payer.run, error):
                    wait, onward = _AT_ONCE, None
                over = error.fault is ProviderFault.OUT_OF_TIME
                over = over or self._clock.monotonic() + (wait or _LEAST_SECONDS) >= ends
                if over:
                    wait = onward = None
                took = (self._clock.monotonic() - started) * 1000
                try:
                    cost = await self._cost(model, error.usage)
                    first = heard.first_token_ms
                    failure = Failure(model, error, first is not None, wait, onward, cost, took, held, first)
                    await on_failure(failure)
                except BaseException:
                    await self.keep(held)
                    raise
                await self.paid(payer)
                payer = payer.after(NanoUsd(cost or 0))
                if over and error.retryable:
                    raise LimitReached(_TOO_LATE, _MORE_TIME) from error
                if wait is None and onward is None:
                    raise
                if wait is None:
                    return payer
            await self._clock.sleep(wait)

    def _require_time(self, ends: float) -> None:
        if ends - self._clock.monotonic() < _LEAST_SECONDS:
            raise LimitReached(_TOO_LATE, _MORE_TIME)

    async def _await_turn(
        self, model: ModelRef, following: ModelRef | None, rests: bool, ends: float, on_failure: OnFailure
    ) -> None:
        """Waits for a place among the requests of a minute; ProviderError when nothing is to be sent for longer."""
        now = self._clock.now()
        until = self._breaker.rests_until(model.provider) if rests else None
        if until is not None:
            asked = self._breaker.asked_for_rest(model.provider)
            raise resting(model, until, (until - now).total_seconds(), asked=asked)
        longest = min(patience(has_next=following is not None), ends - self._clock.monotonic())
        wait = self._rates.take(model.provider, longest)
        refused = paced(model, now + timedelta(seconds=wait), wait)
        if wait > longest:
            raise refused
        if wait > _UNTOLD_SECONDS:
            await on_failure(Failure(model, refused, voids=False, retry_in=wait))
        if wait > 0:
            await self._clock.sleep(wait)

    async def _try(
        self, chat_model: ChatModel, model: ModelRef, request: ModelRequest, heard: Heard, held: Held, payer: Payer
    ) -> Completion:
        started = self._clock.monotonic()
        try:
            reply = await chat_model.complete(request, heard)
            milliseconds = (self._clock.monotonic() - started) * 1000
            cost = self._prices.charged(model, await self._cost(model, reply.usage), reply.billed_nusd)
            saved = await self._prices.saved(model, reply.usage, self._clock.now())
            await self._holding.learn(payer, model, request, reply, held)
            return Completion(reply, model, cost, milliseconds, held, saved, first_token_ms=heard.first_token_ms)
        except ProviderError:
            raise
        except BaseException:
            # Stopped, or broken in a way nobody foresaw: the provider may charge for it all the same.
            await self.keep(held)
            raise

    async def _cost(self, model: ModelRef, usage: Usage | None) -> NanoUsd | None:
        return NanoUsd(0) if usage is None else await self._prices.cost(model, usage, self._clock.now())
