"""Asking models: what a step passes on its way to a provider, built in one place."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial

from studio.app.choices import Choices
from studio.app.fitness import measured_window
from studio.app.ground import Ground, configured_in, genuine_in, provider_maker
from studio.app.pulls import Pulls
from studio.app.served import served_window
from studio.events.recorder import Recorder
from studio.router.current_table import CurrentTable
from studio.router.facts import FactFinder
from studio.router.ledger import Ledger
from studio.router.prices import Prices, load_own_prices
from studio.router.rates import Rates
from studio.router.router import Router
from studio.router.routing import Routes
from studio.router.windows import Windows
from studio.store.claims import Claims
from studio.store.database import Database


@dataclass(frozen=True, slots=True)
class Asking:
    """The ways to models of one process, and what is paid and known of them."""

    prices: Prices
    ledger: Ledger
    router: Router
    pulls: Pulls
    windows: Windows
    configured: Callable[[str], bool]
    routing: CurrentTable
    routes: Routes
    choices: Choices


async def asking_in(ground: Ground, database: Database, recorder: Recorder, stack: AsyncExitStack) -> Asking:
    """Builds it for one data folder, with the routing table read as its file is now."""
    paths, settings, clock, registry = ground.paths, ground.settings, ground.clock, ground.registry
    own_prices = paths.home / "prices.toml"
    prices = Prices(load_own_prices(own_prices), registry, own_prices)
    # What is asked stands on the ledger itself.
    ledger = Ledger(database, recorder, prices, clock, lambda model: choices.caution(model))
    rates = Rates(clock, registry.per_minute, registry.key_of)
    look, genuine = ground.declared.look, genuine_in(ground)
    router = Router(provider_maker(ground, database), prices, clock, ledger, rates=rates, is_genuine=genuine, look=look)
    ground.declared.tell(router.forget)
    stack.push_async_callback(router.close)
    pulls = Pulls(router, registry, Claims(paths.cache / "pulls"), clock)
    stack.push_async_callback(pulls.close)
    measured, served = partial(measured_window, database, prices), partial(served_window, registry, router)
    windows = Windows(registry, settings.context_tokens, measured, served)
    configured = configured_in(ground)
    routing = CurrentTable(paths.home / "models.toml", registry, look=look)
    await routing.look()
    facts = FactFinder(database, registry, prices, windows, clock, lambda model: configured(model.provider))
    routes = Routes(routing, facts, ledger)
    choices = Choices(settings, router, configured, routes, registry, missing=ground.keys.missing)
    return Asking(prices, ledger, router, pulls, windows, configured, routing, routes, choices)
