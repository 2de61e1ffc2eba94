"""Paid calls: a model asked outside of any run; what that uses is recorded and paid by the company."""

from __future__ import annotations

from dataclasses import replace

from studio.agents.paying import failure_of, settle_failed, settle_replied, usage_of
from studio.contracts.chat_model import ModelReply, ModelRequest, OnDelta
from studio.domain.budgets import Payer
from studio.domain.errors import ProviderError
from studio.domain.ids import ProjectId, RunId, TurnId
from studio.domain.models import ModelRef
from studio.domain.money import FREE, NanoUsd
from studio.domain.usage import Usage
from studio.events.recorder import Recorder
from studio.router.failures import Failure
from studio.router.router import Completion, Router
from studio.store import usage


class PaidCalls:
    """Asks one model; nothing is tried again, as a failure is a finding.

    `what` stands where sums are grouped by role. `used` and `cost_nusd` are what all calls so far used, failed ones
    included; the cost is None once a call had no known price.
    """

    def __init__(self, router: Router, recorder: Recorder, model: ModelRef, what: str) -> None:
        self._router = router
        self._recorder = recorder
        self._model = model
        self._payer = Payer(ProjectId(""), RunId(""), TurnId(""), 0, what)
        self.used = Usage()
        self.cost_nusd: NanoUsd | None = FREE

    async def complete(self, request: ModelRequest, on_delta: OnDelta) -> ModelReply:
        """The reply. Raises ProviderError, and LimitReached where a budget cannot pay for it."""
        self._payer = replace(self._payer, step=self._payer.step + 1)
        try:
            done = await self._router.complete((self._model,), request, self._payer, on_delta, self._failed)
        except ProviderError:
            await self._router.paid(self._payer)
            raise
        try:
            await self._replied(done)
        except BaseException:
            await self._router.keep(done.held)
            raise
        await self._router.paid(self._payer)
        return done.reply

    async def _replied(self, done: Completion) -> None:
        spent = usage_of(self._payer, done)
        async with self._recorder.unit(None, None) as unit:
            usage.add(unit.connection, self._payer.project, self._payer.run, spent)
            settle_replied(unit.connection, done)
            unit.record(spent)
        self._count(done.reply.usage, done.cost_nusd)

    async def _failed(self, failure: Failure) -> None:
        if not failure.was_sent and failure.retry_in is not None:
            # No more than a wait for a place among the requests of a minute.
            return
        failed = failure_of(self._payer, failure)
        async with self._recorder.unit(None, None) as unit:
            if failure.was_sent:
                usage.add(unit.connection, self._payer.project, self._payer.run, failed)
            settle_failed(unit.connection, failure)
            unit.record(failed)
        self._count(failure.usage, NanoUsd(failure.cost_nusd) if failure.cost_nusd is not None else None)
        # Leaves the router before it would try again.
        raise failure.error

    def _count(self, used: Usage, cost: NanoUsd | None) -> None:
        self.used += used
        known = None if cost is None or self.cost_nusd is None else NanoUsd(self.cost_nusd + cost)
        self.cost_nusd = known
