"""The provider tests door: whether a provider answers, lets a model call a tool, and how fast it is."""

from __future__ import annotations

from dataclasses import replace

from studio.agents.paid_calls import PaidCalls
from studio.app.choices import Choices
from studio.contracts.clock import Clock
from studio.domain.errors import LimitReached, ProviderError, ProviderFault, UserError
from studio.domain.models import ModelCard, ModelRef
from studio.domain.money import NanoUsd
from studio.domain.provider_tests import ProviderTest
from studio.domain.providers import ProviderKind
from studio.domain.usage import Usage
from studio.events.recorder import Recorder
from studio.router.meter import Meter
from studio.router.prices import Prices
from studio.router.registry import Registry
from studio.router.router import Router
from studio.router.tries import CALLS, Called, try_call, try_pace
from studio.workflow.acts import Acts, act

WHAT = "provider test"
"""Stands in place of a role where usage is summed by role."""

_LONGEST_CALL = 2048
"""Tokens; models that think before they call take a good part of it."""
_LONGEST_TEXT = 512
_IDLE_SECONDS = 60.0
_TOTAL_SECONDS = 120.0

_LISTS_NONE = frozenset({ProviderFault.UNKNOWN_MODEL, ProviderFault.BAD_REQUEST})
"""What servers answer that serve a model and list none."""

_NO_CHAT = (
    *("audio", "babbage", "computer-use", "dall-e", "davinci", "embed", "guard", "image", "imagen", "instruct", "live"),
    *("moderation", "realtime", "search", "sora", "transcribe", "tts", "veo", "whisper"),
)
"""Parts of the names of models that hold no conversation, or none with tools; lists say nothing of what models are."""

_AMOUNT = Usage(1_000_000, 200_000)
"""What models are compared by that cost something."""

_OTHER = "Name a provider of models: studio providers list"

_FAULTS = {
    Called.RIGHT: "",
    Called.WRONG: "It called the tool with other values than it was told. Agents need a model that calls tools well.",
    Called.NOT: "It called no tool. Agents need a model that does.",
}


class ProviderTests:
    """Tries providers out with two short calls, which are paid like any other."""

    def __init__(
        self,
        acts: Acts,
        recorder: Recorder,
        router: Router,
        prices: Prices,
        clock: Clock,
        choices: Choices,
        registry: Registry,
    ) -> None:
        self.acts = acts
        self._recorder = recorder
        self._router = router
        self._prices = prices
        self._clock = clock
        self._choices = choices
        self._registry = registry

    @act
    async def test(self, provider: str, model: str = "") -> ProviderTest:
        """Lists the models of a provider, and asks one for a call of a tool and for some text.

        Without a `model`, one that new chats or the routing table use is asked, else the cheapest. Raises UserError for
        a provider that is none or has no key, and ProviderError where it does not even list its models.
        """
        if self._registry.get(provider).kind is ProviderKind.SCRIPTED:
            raise UserError(f"{provider} replays a file and is no AI: there is nothing to test.", _OTHER)
        await self._choices.require(ModelRef(provider, model or "-"))
        cards = await self._listed(provider, model)
        names = tuple(card.ref.name for card in cards)
        name = _named(provider, model, names) if model else await self._chosen(provider, cards)
        test = ProviderTest(provider, names, name)
        if not name:
            return replace(
                test, fault=f"It lists no model to ask. Name one: studio providers test {provider} --model NAME"
            )
        return await self._tried(test)

    async def _tried(self, test: ProviderTest) -> ProviderTest:
        paid = PaidCalls(self._router, self._recorder, ModelRef(test.provider, test.model), WHAT)
        meter = Meter(paid, test.model, self._clock, idle_seconds=_IDLE_SECONDS, total_seconds=_TOTAL_SECONDS)
        try:
            called = await try_call(meter, CALLS[0], most=_LONGEST_CALL)
            test = replace(test, called=called is Called.RIGHT, fault=_FAULTS[called])
            heard = await try_pace(meter, _LONGEST_TEXT)
            test = replace(
                test, first_token_ms=round(heard.first_token_ms, 1), tokens_per_second=round(heard.tokens_per_second, 1)
            )
        except (ProviderError, LimitReached) as error:
            test = replace(test, fault=str(error))
        return replace(test, input=paid.used.input, output=paid.used.output, cost_nusd=paid.cost_nusd)

    async def _listed(self, provider: str, model: str) -> tuple[ModelCard, ...]:
        try:
            return await self._choices.offered_by(provider)
        except ProviderError as error:
            if not model or error.fault not in _LISTS_NONE:
                raise
            return ()

    async def _chosen(self, provider: str, cards: tuple[ModelCard, ...]) -> str:
        """The model to ask, empty where none is on offer that can be asked."""
        listed = {card.ref for card in cards}
        for used in self._choices.used():
            if used.provider == provider and used in listed:
                return used.name
        able = [
            card.ref
            for card in cards
            if card.tools is not False and not any(part in card.ref.name for part in _NO_CHAT)
        ]
        priced = {model: price for model in able if (price := await self._price(model)) is not None}
        return min(priced, key=priced.__getitem__, default=able[0]).name if able else ""

    async def _price(self, model: ModelRef) -> NanoUsd | None:
        """What a good deal of work would cost; None where that is not known, or text costs nothing to be written."""
        now = self._clock.now()
        if self._prices.is_free(model) or not await self._prices.cost(model, Usage(output=_AMOUNT.output), now):
            return None
        return await self._prices.cost(model, _AMOUNT, now)


def _named(provider: str, model: str, listed: tuple[str, ...]) -> str:
    """The provider's own name of a model that is written with or without the provider's before it."""
    return model if model in listed else model.removeprefix(f"{provider}/")
