"""Holding: money for calls, by the closest bound on their tokens that is known."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from studio.base.aio import in_thread
from studio.base.log import logger
from studio.contracts.chat_model import ChatModel, ModelReply, ModelRequest
from studio.domain.budgets import Payer
from studio.domain.errors import OverBudget, ProviderError
from studio.domain.models import ModelRef
from studio.router.counts import Counts, is_built_in, most_of_count
from studio.router.ledger import Held, Ledger, Unpriced

log = logger("router")


class Holding:
    """Holds what a call can cost at most; without a ledger nothing is held.

    `is_genuine` says of which providers the counts are believed, see Counts.
    """

    def __init__(self, ledger: Ledger | None, is_genuine: Callable[[str], bool] = is_built_in) -> None:
        self._ledger = ledger
        self._counts = Counts(is_genuine)

    async def hold(self, payer: Payer, model: ModelRef, request: ModelRequest, chat_model: ChatModel) -> Held:
        """See Ledger. Where a budget has too little left for the whole reply, the provider is asked to count first.

        That takes no longer than `request.total_seconds`.
        """
        ledger = self._ledger
        if ledger is None:
            return Held(request.max_output_tokens)
        if ledger.is_free(model):
            return await ledger.hold(payer, model, request)
        tokens = await in_thread(self._counts.most, payer.run, model, request)
        try:
            return await ledger.hold(payer, model, request, tokens, or_less=False)
        except Unpriced:
            raise
        except OverBudget:
            counted = await self._counted(model, request, chat_model)
            return await ledger.hold(payer, model, request, min(tokens, counted or tokens))

    async def learn(self, payer: Payer, model: ModelRef, request: ModelRequest, reply: ModelReply, held: Held) -> None:
        """Takes in how long the provider found the chat, which bounds its next request."""
        if held.reservation is not None and reply.counted:
            await in_thread(self._counts.learn, payer.run, model, request, reply.usage, held.tokens)

    async def drop(self, held: Held) -> None:
        """Lets go of what was held for a call that does not go out."""
        if self._ledger is not None and held.reservation is not None:
            await self._ledger.drop(held)

    def forget(self, provider: str) -> None:
        """What is called `provider` is another server from now on."""
        self._counts.forget(provider)

    async def _counted(self, model: ModelRef, request: ModelRequest, chat_model: ChatModel) -> int | None:
        """The bound that the provider's own count gives; None when it does not count, or not now."""
        if not self._counts.trusts(model):
            return None
        try:
            async with asyncio.timeout(request.total_seconds):
                counted = await chat_model.count_tokens(request)
        except ProviderError as error:
            log.info("not_counted", model=str(model), fault=error.fault.value)
            return None
        except TimeoutError:
            log.info("not_counted", model=str(model), fault="slow")
            return None
        return None if counted is None else most_of_count(counted)
