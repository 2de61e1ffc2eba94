"""Fed by the router: which models were chosen, what they cost and what was refused, answered from the record."""

from __future__ import annotations

from datetime import datetime

from studio.agents.replay.stage import Stage
from studio.contracts.chat_model import ModelRequest
from studio.domain.budgets import Payer
from studio.domain.errors import OverBudget, UserError
from studio.domain.events import ModelFailed, StepStarted, TurnEnded, UsageRecorded
from studio.domain.models import ModelRef
from studio.domain.money import FREE, NanoUsd
from studio.domain.routing import Routed, Wants
from studio.domain.runs import Outcome
from studio.domain.usage import Usage
from studio.router.ledger import Held, Ledger
from studio.router.prices import Prices
from studio.router.routing import Routes


class FedPrices(Prices):
    """What each call cost when it was recorded; lists of prices change."""

    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self._stage = stage

    async def cost(self, model: ModelRef, usage: Usage, moment: datetime) -> NanoUsd | None:
        """See Prices."""
        for event in self._stage.following():
            if isinstance(event, UsageRecorded | ModelFailed):
                return None if event.cost_nusd is None else NanoUsd(event.cost_nusd)
        return None

    async def saved(self, model: ModelRef, usage: Usage, moment: datetime) -> NanoUsd:
        """See Prices."""
        recorded = (event for event in self._stage.following() if isinstance(event, UsageRecorded))
        return next((NanoUsd(event.saved_nusd) for event in recorded), FREE)


class FedRoutes(Routes):
    """The models that were chosen for each step when it was recorded; what can be used changes."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    async def of(self, named: tuple[ModelRef, ...], role: str, wants: Wants, payer: Payer) -> Routed:
        """See Routes."""
        match self._stage.due():
            case TurnEnded(outcome=Outcome.FAILED) as ended:
                raise UserError(ended.reason, ended.action)
            case _:
                pass
        for event in self._stage.following():
            if isinstance(event, StepStarted):
                return Routed(tuple(map(ModelRef.parse, event.route)), wants.tier, event.why)
        raise self._stage.halt("it chose a model")


class FedLedger(Ledger):
    """Holds nothing; it refuses where a budget did when the turn was recorded."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def is_free(self, model: ModelRef) -> bool:
        """Nothing is counted."""
        return True

    async def hold(
        self, payer: Payer, model: ModelRef, request: ModelRequest, tokens: int | None = None, *, or_less: bool = True
    ) -> Held:
        """See Ledger."""
        match self._stage.due():
            case TurnEnded(outcome=Outcome.LIMIT) as ended:
                raise OverBudget(ended.reason, ended.action)
            case TurnEnded(outcome=Outcome.PARKED) as ended:
                raise OverBudget(ended.reason, passes_in=1.0)
            case _:
                return Held(request.max_output_tokens)

    async def keep(self, held: Held) -> None:
        """Nothing was held."""

    async def paid(self, payer: Payer) -> None:
        """What was told is recorded."""
