"""What is held for a step of a long chat, and when the provider is asked to count first."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from studio.adapters.providers import anthropic
from studio.adapters.providers.config import ProviderConfig
from studio.base.redact import Redactor
from studio.contracts.chat_model import ModelRequest
from studio.contracts.clock import Clock
from studio.domain.budgets import Budget, Period, Scope, ScopeKind
from studio.domain.errors import LimitReached, OverBudget
from studio.domain.messages import ChatMessage, Speaker
from studio.domain.models import ModelRef
from studio.domain.usage import Usage
from studio.events.hub import Hub
from studio.router.counts import most_of_count
from studio.router.failures import Failure
from studio.router.holding import Holding
from studio.router.ledger import Ledger
from studio.router.prices import Price, Prices
from studio.router.router import Router
from studio.store.database import Database
from tests.fixtures.hostile_provider import Behaviour, answering, hostile
from tests.fixtures.memory import recorder_on
from tests.unit.router.test_ledger import PAYER, Asked, usd
from tests.unit.router.test_ledger import REQUEST as BARE

SONNET = ModelRef("anthropic", "claude-sonnet-4-5")
GATE, UNPRICED = ModelRef("gate", "claude-sonnet-4-5"), ModelRef("anthropic", "house-special-9")
# A dollar for a hundred thousand tokens, read or written.
PRICES = Prices({str(model): Price(Decimal(10), Decimal(10)) for model in (SONNET, GATE)})
LONG = "def add(a, b): return a + b\n" * 4000
REQUEST = replace(BARE, messages=(ChatMessage(Speaker.HUMAN, LONG),), max_output_tokens=10_000)
COUNTS_28_000 = answering(200, b'{"input_tokens": 28000}')


class Story:
    """A budget, and a provider over the wire that is asked to count."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.clock = clock
        self.ledger = Ledger(database, recorder_on(database, Hub(Redactor(()))), PRICES, clock)
        self.asked: list[bytes] = []

    async def budget(self, left: float) -> None:
        """So many dollars are left."""
        await self.ledger.set_budget(Budget(Scope(ScopeKind.COMPANY), Period.TOTAL, usd(left)))

    async def hold(self, behaviour: Behaviour, left: float, model_asked: ModelRef = SONNET) -> tuple[float, int]:
        """The dollars that are held with so many left, and how long the reply may be."""
        await self.budget(left)
        async with hostile(behaviour) as provider:
            model = anthropic.make(ProviderConfig("anthropic", provider.url, "test-key"))
            try:
                held = await Holding(self.ledger).hold(PAYER, model_asked, REQUEST, model)
            finally:
                await model.close()
                self.asked = provider.requests
        return held.nusd / 1e9, held.max_output_tokens


@pytest.fixture
async def story(tmp_path: Path, clock: Clock) -> AsyncIterator[Story]:
    database = await Database.open(tmp_path / "studio.db")
    yield Story(database, clock)
    await database.close()


async def test_where_there_is_money_enough_for_every_byte_nobody_is_asked(story: Story) -> None:
    held, output = await story.hold(COUNTS_28_000, 5)
    assert held > 1.2
    assert output == 10_000
    assert not story.asked


async def test_where_the_bytes_cost_too_much_the_provider_counts_and_that_is_held_with_a_margin(story: Story) -> None:
    held, output = await story.hold(COUNTS_28_000, 0.5)
    assert held == (most_of_count(28_000) + 10_000) / 100_000
    assert output == 10_000
    assert b"POST /v1/messages/count_tokens " in story.asked[0]


async def test_of_what_the_count_leaves_a_shorter_reply_is_paid(story: Story) -> None:
    _, output = await story.hold(COUNTS_28_000, 0.35)
    assert output == 35_000 - most_of_count(28_000)


@pytest.mark.parametrize(
    "behaviour",
    [answering(404), answering(429), answering(500), answering(200, b'{"input_tokens": 0}'), answering(200, b"[]")],
    ids=["not there", "too often", "broken", "nothing", "garbage"],
)
async def test_where_nobody_counts_the_bytes_are_what_is_held_for(story: Story, behaviour: Behaviour) -> None:
    with pytest.raises(OverBudget, match="One more step with anthropic/claude-sonnet-4-5 could cost"):
        await story.hold(behaviour, 0.5)


async def test_a_server_of_ones_own_is_not_asked_as_it_may_count_what_it_likes(story: Story) -> None:
    with pytest.raises(OverBudget, match="One more step with gate/claude-sonnet-4-5 could cost"):
        await story.hold(answering(200, b'{"input_tokens": 10}'), 0.5, GATE)
    assert not story.asked


async def test_nobody_is_asked_about_a_model_without_a_price(story: Story) -> None:
    with pytest.raises(OverBudget, match="has no known price"):
        await story.hold(COUNTS_28_000, 0.5, UNPRICED)
    assert not story.asked


class Counting(Asked):
    """A model that takes so many seconds to count, or for ever."""

    def __init__(self, clock: Clock, seconds: float = 0.0) -> None:
        super().__init__(Usage(1, 1))
        self._clock = clock
        self._seconds = seconds

    async def count_tokens(self, request: ModelRequest) -> int | None:
        """28,000."""
        await (self._clock.sleep(self._seconds) if self._seconds else asyncio.Event().wait())
        return 28_000


async def ask(story: Story, model: Counting, seconds: float) -> None:
    """One step that may take so long."""
    router = Router(lambda _name: model, PRICES, story.clock, story.ledger)

    async def failed(failure: Failure) -> None:
        raise failure.error

    request = replace(REQUEST, total_seconds=seconds)
    await router.complete((SONNET,), request, PAYER, lambda _kind, _text: None, failed)


async def test_a_count_that_took_all_the_time_there_was_leaves_nothing_asked_and_nothing_held(story: Story) -> None:
    await story.budget(0.5)
    model = Counting(story.clock, seconds=3.0)

    with pytest.raises(LimitReached, match="time for this message"):
        await ask(story, model, seconds=2.0)

    assert model.asked == []
    assert await story.ledger.reservations() == ()


async def test_a_count_that_does_not_come_is_not_waited_for_longer_than_the_message_has(story: Story) -> None:
    await story.budget(0.5)

    with pytest.raises(OverBudget):
        await ask(story, Counting(story.clock), seconds=0.1)
