"""Asks a model: along a route, with retries, fallbacks and the price of the reply."""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from studio.contracts.chat_model import ChatModel, ModelReply, ModelRequest, OnDelta
from studio.contracts.clock import Clock
from studio.domain.errors import LimitReached, ProviderError, ProviderFault, UserError
from studio.domain.models import ModelRef
from studio.domain.money import NanoUsd
from studio.domain.usage import Usage
from studio.router.failures import TREATMENTS, Failure, wait_before_retry
from studio.router.prices import Prices

_LEAST_SECONDS = 0.05
"""With less time than this no model is asked any more."""
_AT_ONCE = 0.0
_TOO_LATE = "The agent's time for this message ended before the model had replied."

OnFailure = Callable[[Failure], Awaitable[None]]
"""Awaited after every failed try and before the next one; by then the old try streams nothing more."""


@dataclass(frozen=True, slots=True)
class Completion:
    """A reply, the model of the route that gave it, its price (None when unknown) and how long that try took."""

    reply: ModelReply
    model: ModelRef
    cost_nusd: NanoUsd | None
    milliseconds: float


class Router:
    """The one way to a language model.

    `providers` makes the chat model of a provider by its name and may be slow (it imports an SDK): it is
    called in a thread, once per provider. The router owns what it made and closes it.
    """

    def __init__(
        self,
        providers: Callable[[str], ChatModel],
        prices: Prices,
        clock: Clock,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._providers = providers
        self._prices = prices
        self._clock = clock
        self._jitter = jitter
        self._models: dict[str, ChatModel] = {}
        self._making = asyncio.Lock()
        self._unseen: defaultdict[ModelRef, set[str]] = defaultdict(set)

    async def complete(
        self, route: tuple[ModelRef, ...], request: ModelRequest, on_delta: OnDelta, on_failure: OnFailure
    ) -> Completion:
        """Asks the models of `route` in order until one replies; `request.model` is replaced by each one's name.

        All tries together take no longer than `request.total_seconds`: LimitReached. Raises the last
        ProviderError when no model replies, after telling `on_failure`; UserError for an empty route.
        """
        if not route:
            raise UserError("No model is chosen.", "Choose one: --model provider/name.")
        ends = self._clock.monotonic() + request.total_seconds
        for model, following in zip(route, (*route[1:], None), strict=True):
            completion = await self._ask(model, following, request, ends, on_delta, on_failure)
            if completion is not None:
                return completion
        raise AssertionError("the last model of a route replies or raises")

    async def require_prices(self, route: tuple[ModelRef, ...]) -> None:
        """Raises LimitReached, before anything is paid, when a model of `route` has no known price."""
        for model in route:
            if not await self._prices.known(model, self._clock.now()):
                raise LimitReached(
                    f"{model} has no known price, so no budget can be kept with it.",
                    "Choose a model with a known price, say its price in prices.toml, or leave out the budget.",
                )

    async def model(self, provider: str) -> ChatModel:
        """The chat model of `provider`, made when first asked for. Raises what making it raises."""
        async with self._making:
            if provider not in self._models:
                self._models[provider] = await asyncio.to_thread(self._providers, provider)
            return self._models[provider]

    async def close(self) -> None:
        """Closes every chat model that was made."""
        models, self._models = self._models, {}
        for model in models.values():
            await model.close()

    async def _ask(
        self,
        model: ModelRef,
        following: ModelRef | None,
        request: ModelRequest,
        ends: float,
        on_delta: OnDelta,
        on_failure: OnFailure,
    ) -> Completion | None:
        """Tries one model until it replies or is given up: None hands over to `following`."""
        tries = 0
        while True:
            tries += 1
            heard = _Heard(on_delta)
            started = self._clock.monotonic()
            try:
                return await self._try(model, replace(request, total_seconds=ends - started), heard)
            except ProviderError as error:
                wait = wait_before_retry(error, tries, has_next=following is not None, jitter=self._jitter())
                moves_on = wait is None and TREATMENTS[error.fault].moves_on
                onward = following if moves_on else None
                if self._refused_images(model, request, error):
                    wait, onward = _AT_ONCE, None
                over = self._clock.monotonic() + (wait or _LEAST_SECONDS) >= ends
                if over:
                    wait = onward = None
                cost, took = await self._cost(model, error.usage), (self._clock.monotonic() - started) * 1000
                await on_failure(Failure(model, error, heard.anything, wait, onward, cost, took))
                if over and error.retryable:
                    raise LimitReached(_TOO_LATE, "Send another message to go on, or allow more time.") from error
                if wait is None and onward is None:
                    raise
                if wait is None:
                    return None
            await self._clock.sleep(wait)

    def _refused_images(self, model: ModelRef, request: ModelRequest, error: ProviderError) -> bool:
        """Whether the model may have refused for the images it was shown; from now on it is not shown these.

        A chat would never get on otherwise: whatever was once said in it is sent again with every step.
        """
        refused = _shown(request) - self._unseen[model]
        if error.fault is not ProviderFault.BAD_REQUEST or not refused:
            return False
        self._unseen[model] |= refused
        return True

    async def _try(self, model: ModelRef, request: ModelRequest, heard: _Heard) -> Completion:
        chat_model = await self.model(model.provider)
        started = self._clock.monotonic()
        unseen = self._unseen[model]
        pictures = {name: data for name, data in request.pictures.items() if name not in unseen}
        reply = await chat_model.complete(replace(request, model=model.name, pictures=pictures), heard)
        milliseconds = (self._clock.monotonic() - started) * 1000
        return Completion(reply, model, await self._cost(model, reply.usage), milliseconds)

    async def _cost(self, model: ModelRef, usage: Usage | None) -> NanoUsd | None:
        return NanoUsd(0) if usage is None else await self._prices.cost(model, usage, self._clock.now())


def _shown(request: ModelRequest) -> set[str]:
    return {image.hash for image in request.images if image.hash in request.pictures}


class _Heard:
    """Passes deltas on and remembers whether there were any."""

    def __init__(self, on_delta: OnDelta) -> None:
        self._on_delta = on_delta
        self.anything = False

    def __call__(self, kind: str, text: str) -> None:
        self.anything = True
        self._on_delta(kind, text)
