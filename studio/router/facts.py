"""Facts: gathers what is known of the models of a routing table at this moment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from studio.contracts.clock import Clock
from studio.domain.models import ModelRef
from studio.domain.money import NanoUsd
from studio.domain.routing import Facts, Lately, RoutingTable
from studio.router.prices import Prices
from studio.router.registry import Registry
from studio.router.windows import Windows
from studio.store import fitness, performance
from studio.store.database import Database

LATELY = timedelta(days=7)
"""How far back tries count: what was slow last week may be quick by now."""

JUST_NOW = timedelta(hours=1)
"""How far back failures count: a key may be mended, and a model that is not asked any more cannot show it."""

PRICED_IN = 1_000_000
PRICED_OUT = 200_000
"""The tokens by whose price models are compared: an agent reads some five times as much as it writes."""

_PRICE_SECONDS = 3600.0
"""Some prices depend on the hour of the day."""

_TRIED_SECONDS = 30.0
"""How long it is good enough to know how models did; looking it up is half of what a decision takes."""


class FactFinder:
    """Looks up what routes are chosen by; nothing is asked of a provider. `usable` tells whether one can be."""

    def __init__(
        self,
        database: Database,
        registry: Registry,
        prices: Prices,
        windows: Windows,
        clock: Clock,
        usable: Callable[[ModelRef], bool],
    ) -> None:
        self._database = database
        self._registry = registry
        self._prices = prices
        self._windows = windows
        self._clock = clock
        self._usable = usable
        self._tried: tuple[frozenset[ModelRef], float, dict[ModelRef, Lately]] | None = None
        self._priced: dict[ModelRef, tuple[float, NanoUsd | None]] = {}

    async def of(self, table: RoutingTable) -> dict[ModelRef, Facts]:
        """What is known of each model of the table; prices and times only of those that share a line."""
        compared = frozenset(table.compared)
        measured = await self._database.look(fitness.of_models, table.models)
        lately = await self._lately(compared)
        known = {}
        for model in table.models:
            fit = measured.get(model)
            claimed = await self._windows.known(model)
            window = min(claimed, fit.window or claimed) if fit is not None else claimed
            price = await self._price(model) if model in compared else None
            known[model] = Facts(
                self._usable(model), window, self._registry.is_local(model), price, lately.get(model), fit
            )
        return known

    async def _lately(self, compared: frozenset[ModelRef]) -> dict[ModelRef, Lately]:
        now = self._clock.monotonic()
        if self._tried is None or self._tried[0] != compared or now - self._tried[1] >= _TRIED_SECONDS:
            moment, found = self._clock.now(), {}
            if compared:
                found = await self._database.look(performance.lately, compared, moment - LATELY, moment - JUST_NOW)
            self._tried = (compared, now, found)
        return self._tried[2]

    async def _price(self, model: ModelRef) -> NanoUsd | None:
        now = self._clock.monotonic()
        since, price = self._priced.get(model, (now - _PRICE_SECONDS, None))
        if now - since >= _PRICE_SECONDS:
            price = await self._prices.worst(model, PRICED_IN, PRICED_OUT, self._clock.now())
            self._priced[model] = (now, price)
        return price
