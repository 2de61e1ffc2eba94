"""Routes: the models of one step, worked out from the routing table where a run names none."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

from studio.domain.budgets import Payer
from studio.domain.choosing import Known, choose
from studio.domain.difficulty import Difficulty
from studio.domain.errors import UserError
from studio.domain.models import ModelRef
from studio.domain.routing import BY_ROLE, Routed, RoutingTable, Wants, is_auto
from studio.router.current_table import CurrentTable
from studio.router.ledger import Ledger

SAVE_FROM = 0.9
"""The part of a budget from which on a tier less is used."""

_NEXT = "Give the tier usable models in models.toml (studio models tier), or name one with --model."


class FactsOf(Protocol):
    """Gives what is known of the models of a table."""

    async def of(self, table: RoutingTable) -> Known:
        """Every model of the table has its facts."""
        ...


class Routes:
    """Works out routes by the routing table, and by the `facts` of its models at this moment.

    Without a `ledger` no budget makes it save.
    """

    def __init__(self, current: CurrentTable, facts: FactsOf, ledger: Ledger | None = None) -> None:
        self._current = current
        self._facts = facts
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

    async def of(self, named: tuple[ModelRef, ...], role: str, wants: Wants, payer: Payer) -> Routed:
        """The route of a step for a run with the models `named`, each automatic one replaced by what it stands for.

        `wants` has the tier that the role's file wants; a tier that is named counts however hard the work is. Raises
        UserError when no model is left.
        """
        route: list[ModelRef] = []
        why, tier = "", wants.tier
        for model in named:
            if not is_auto(model):
                route.append(model)
                continue
            table = await self.look()
            self.require_right()
            asked = replace(wants, tier=table.tier_of(model, role, wants.tier))
            if model.name != BY_ROLE:
                asked = replace(asked, difficulty=Difficulty.USUAL)
            routed = await self.choose(asked, payer)
            route.extend(routed.route)
            why, tier = why or routed.why, routed.tier
        if not route:
            raise UserError(why or "No model is chosen.", _NEXT)
        return Routed(tuple(dict.fromkeys(route)), tier, why)

    async def choose(self, wants: Wants, payer: Payer | None = None) -> Routed:
        """What the table gives at this moment."""
        nearness = await self._ledger.nearness(payer) if payer is not None and self._ledger is not None else 0.0
        table = self.table
        return choose(table, replace(wants, save=nearness >= SAVE_FROM), await self._facts.of(table))
