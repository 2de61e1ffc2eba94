"""The estimates door: what a run will take, told before it begins."""

from __future__ import annotations

from dataclasses import dataclass, replace

from studio.app.choices import Choices
from studio.contracts.clock import Clock
from studio.domain.budgets import Balance, Payer
from studio.domain.estimates import LEAST_RUNS, Estimate, RunTook, estimate
from studio.domain.ids import ProjectId, RunId, TurnId
from studio.domain.models import AUTO, ModelRef
from studio.router.ledger import Ledger
from studio.router.prices import Prices
from studio.store import past_runs
from studio.store.database import Database


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What a run with this model will take; `tightest` is the budget that can pay least of it, None without any."""

    model: ModelRef
    estimate: Estimate
    tightest: Balance | None = None

    @property
    def may_not_suffice(self) -> bool:
        """Whether one run in ten costs more than the tightest budget has left."""
        most = self.estimate.most
        if self.tightest is None or most is None or most.cost_nusd is None:
            return False
        return most.cost_nusd > max(self.tightest.left_nusd, 0)


class Estimates:
    """Tells from the project's own past; with too little of it nothing is said."""

    def __init__(self, database: Database, ledger: Ledger, prices: Prices, choices: Choices, clock: Clock) -> None:
        self._database = database
        self._ledger = ledger
        self._prices = prices
        self._choices = choices
        self._clock = clock

    async def of(self, project: ProjectId, role: str, model: str = "") -> Foreseen:
        """What a run of the role with a model, else the default one, will take in the project.

        Told from its runs of that role with that model; where those are too few, from its runs of that role with any
        model, at the price of this one. Raises UserError for a name that is no model's.
        """
        chosen = ModelRef.parse(model) if model else await self._choices.default_model()
        async with self._database.reading() as connection:
            told = estimate(await past_runs.took(connection, project, role, chosen))
        if told.half is None and chosen.provider != AUTO:
            told = await self._by_price(project, role, chosen, told)
        balances = await self._ledger.balances(Payer(project, RunId(""), TurnId(""), 0, role))
        return Foreseen(chosen, told, min(balances, key=lambda balance: balance.left_nusd, default=None))

    async def _by_price(self, project: ProjectId, role: str, model: ModelRef, few: Estimate) -> Estimate:
        """What the tokens of other models' runs would cost with this one; `few` where those do not suffice either."""
        async with self._database.reading() as connection:
            runs = await past_runs.used(connection, project, role)
        if len(runs) < LEAST_RUNS:
            return few
        now = self._clock.now()
        took = [RunTook(run.steps, None, await self._prices.cost(model, run.usage, now)) for run in runs]
        return replace(estimate(took), by_price=True)
