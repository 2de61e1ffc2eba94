"""Routes: the models of one step, worked out from the routing table where a run names none."""

from __future__ import annotations

from collections.abc import Callable

from studio.domain.budgets import Payer
from studio.domain.errors import UserError
from studio.domain.models import ModelRef
from studio.domain.roles import Tier
from studio.domain.routing import Routed, RoutingTable, Wants, choose, is_auto
from studio.router.current_table import CurrentTable
from studio.router.ledger import Ledger
from studio.router.windows import Windows

SAVE_FROM = 0.9
"""The part of a budget from which on a tier less is used."""

_NEXT = "Give the tier usable models in models.toml (studio models tier), or name one with --model."


class Routes:
    """Works out routes. `usable` tells whether a model's provider has what it needs to be asked.

    Without a `ledger` no budget makes it save.
    """

    def __init__(
        self, current: CurrentTable, usable: Callable[[ModelRef], bool], windows: Windows, ledger: Ledger | None = None
    ) -> None:
        self._current = current
        self._usable = usable
        self._windows = windows
        self._ledger = ledger

    @property
    def table(self) -> RoutingTable:
        """The routing table as it was when it was last looked at."""
        return self._current.table

    async def look(self) -> RoutingTable:
        """The routing table as its file is now."""
        return await self._current.look()

    def require_right(self) -> None:
        """Raises UserError where the table's file has a mistake, and none was read before."""
        self._current.require_right()

    async def of(self, named: tuple[ModelRef, ...], role: str, usual: Tier, tokens: int, payer: Payer) -> Routed:
        """The route of a step for a run with the models `named`, each automatic one replaced by what it stands for.

        `tokens` is what the step shows about, `usual` the tier that the role's file wants. Raises UserError when no
        model is left.
        """
        route: list[ModelRef] = []
        why, tier = "", usual
        for model in named:
            if not is_auto(model):
                route.append(model)
                continue
            table = await self.look()
            self.require_right()
            routed = await self.choose(table.tier_of(model, role, usual), tokens, payer)
            route.extend(routed.route)
            why, tier = why or routed.why, routed.tier
        if not route:
            raise UserError(why or "No model is chosen.", _NEXT)
        return Routed(tuple(dict.fromkeys(route)), tier, why)

    async def choose(self, tier: Tier, tokens: int = 0, payer: Payer | None = None) -> Routed:
        """What the table gives for a tier at this moment."""
        nearness = await self._ledger.nearness(payer) if payer is not None and self._ledger is not None else 0.0
        table = self.table
        windows = {model: await self._windows.of(model) for model in table.models}
        return choose(table, Wants(tier, tokens, nearness >= SAVE_FROM), self._usable, windows.__getitem__)
