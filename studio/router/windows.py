"""Windows: how many tokens a model takes at once."""

from __future__ import annotations

import importlib
from collections.abc import Awaitable, Callable

from studio.base.aio import in_thread
from studio.domain.models import ModelRef
from studio.domain.providers import Provider
from studio.router.registry import Registry

UNKNOWN_TOKENS = 64_000
"""What a model is trusted with that no list knows: nearly all that are used for such work take twice as much."""

Measured = Callable[[ModelRef], Awaitable[int | None]]
"""Gives the window that was measured of a model where that is less than it claimed; None otherwise."""


Served = Callable[[ModelRef], Awaitable[int | None]]
"""Gives the window that the model's own server gives it; None for a server that gives every model what it has."""


class Windows:
    """Knows windows from the `registry`, which has what a person or a provider says, and from the bundled list.

    `ceiling` is the person's own limit, which also counts for models that no list knows; 0 means none. What was
    `measured` counts where it is less, and so does what is `served`.
    """

    def __init__(
        self, registry: Registry, ceiling: int = 0, measured: Measured | None = None, served: Served | None = None
    ) -> None:
        self._registry = registry
        self._ceiling = ceiling
        self._measured = measured
        self._served = served
        self._listed: dict[tuple[str, ModelRef], int | None] = {}
        self._last_served: dict[ModelRef, tuple[Provider | None, int]] = {}

    async def least(self, route: tuple[ModelRef, ...]) -> int:
        """The window of a route: what one model of it is sent the next one must be able to take, too."""
        return min([await self.of(model) for model in route], default=self._ceiling or UNKNOWN_TOKENS)

    async def claimed(self, model: ModelRef) -> int:
        """The window that a model is said to have, whatever was measured."""
        served = await self._served(model) if self._served is not None else None
        if served is not None:
            self._last_served[model] = self._registry.find(model.provider), served
        return await self.known(model)

    async def known(self, model: ModelRef) -> int:
        """As `claimed`, without asking the model's server: what that said last counts, if it ever did."""
        told = await self._told(model)
        provider, served = self._last_served.get(model, (None, told))
        # Of another server under the same name it says nothing.
        return min(told, served) if provider == self._registry.find(model.provider) else told

    async def of(self, model: ModelRef) -> int:
        """The window that is counted with: what is claimed, or what was measured where that is less."""
        claimed = await self.claimed(model)
        measured = await self._measured(model) if self._measured is not None else None
        return claimed if measured is None else min(claimed, measured)

    async def _told(self, model: ModelRef) -> int:
        known = self._registry.window(model)
        if not known and (listing := self._registry.price_list(model)):
            if (listing, model) not in self._listed:
                # The list takes a fifth of a second to load when it is first needed.
                self._listed[listing, model] = await in_thread(_listed, listing, model)
            known = self._listed[listing, model]
        if known is None:
            return self._ceiling or UNKNOWN_TOKENS
        return min(known, self._ceiling) if self._ceiling else known


def _listed(listing: str, model: ModelRef) -> int | None:
    snapshot = importlib.import_module("genai_prices.data_snapshot").get_snapshot()
    try:
        _, found = snapshot.find_provider_model(model.name, None, listing, None)
    except LookupError:
        return None
    tokens: int | None = found.context_window
    return tokens
