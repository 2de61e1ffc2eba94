"""What the router and the ledger do about each way a provider fails, over real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from studio.adapters.providers import scripted
from studio.adapters.providers.config import ProviderConfig
from studio.agents.paying import settle_failed, settle_replied
from studio.base.redact import Redactor
from studio.contracts.chat_model import ChatModel, ModelRequest
from studio.contracts.clock import Clock
from studio.domain.budgets import Budget, Payer, Period, Scope, ScopeKind
from studio.domain.errors import ProviderError, ProviderFault
from studio.domain.ids import ProjectId, RunId, TurnId
from studio.domain.messages import ChatMessage, Speaker
from studio.domain.models import ModelRef
from studio.domain.money import NanoUsd
from studio.events.hub import Hub
from studio.events.recorder import Recorder
from studio.router.failures import Failure
from studio.router.ledger import Ledger
from studio.router.prices import Price, Prices
from studio.router.router import Completion, Router
from studio.store import budgets
from studio.store.database import Database
from tests.fixtures.hostile_provider import answering, hostile, streaming
from tests.fixtures.hostile_wire import MATTERS, PROVIDERS, TURNS, idle_seconds, misbehaving
from tests.fixtures.providers import MAKERS, nothing
from tests.fixtures.wire_samples import MODEL, REPLIES

PAYER = Payer(ProjectId("p1"), RunId("r1"), TurnId("t1"), 1, "engineer")
PRICES = {f"{provider}/{MODEL}": Price(Decimal(3), Decimal(15)) for provider in PROVIDERS}


ENDS = {"anthropic": b"event: message_delta", "openai": b'"finish_reason": "tool_calls"', "ollama": b'"done": true'}
"""Before this all of the reply's call has come, and nothing of the reply's end."""


class Story:
    """Calls along routes that begin at a provider which fails."""

    def __init__(self, database: Database, clock: Clock, folder: Path) -> None:
        self.failures: list[Failure] = []
        self._database = database
        self._clock = clock
        self._prices = Prices(PRICES)
        recorder = Recorder(database, Hub(Redactor(())), clock, Redactor(()))
        self._ledger = Ledger(database, recorder, self._prices, clock)
        self.spare = ModelRef("scripted", str(folder / "spare.json"))
        Path(self.spare.name).write_text('{"replies": [{"text": "I can."}]}', encoding="utf-8")

    async def budget(self) -> None:
        """Sets a ceiling that is never reached."""
        async with self._database.transaction() as connection:
            await budgets.save(connection, Budget(Scope(ScopeKind.COMPANY), Period.TOTAL, NanoUsd(10**15)))

    async def ask(self, config: ProviderConfig, route: tuple[ModelRef, ...], idle_seconds: float) -> Completion:
        """One call whose failures are recorded as the journal records them."""
        request = ModelRequest("", "Be kind.", (ChatMessage(Speaker.HUMAN, "Hello."),), idle_seconds=idle_seconds)

        def make(name: str) -> ChatModel:
            return MAKERS[name](config) if name == config.name else scripted.make(ProviderConfig(name))

        router = Router(make, self._prices, self._clock, self._ledger, jitter=lambda: 0.5)
        try:
            return await router.complete(route, request, PAYER, nothing, self._failed)
        finally:
            await router.close()

    async def record(self, done: Completion) -> None:
        """Settles a reply as the journal does."""
        async with self._database.transaction() as connection:
            settle_replied(connection, done)

    async def held(self) -> int:
        """What the ledger goes on holding."""
        (balance,) = await self._ledger.balances()
        return balance.held_nusd

    async def _failed(self, failure: Failure) -> None:
        self.failures.append(failure)
        async with self._database.transaction() as connection:
            settle_failed(connection, failure)


@pytest.fixture
async def story(tmp_path: Path, clock: Clock) -> AsyncIterator[Story]:
    """A router with a ledger and a budget."""
    database = await Database.open(tmp_path / "studio.db")
    story = Story(database, clock, tmp_path)
    await story.budget()
    yield story
    await database.close()


@pytest.mark.parametrize(("provider", "name"), TURNS)
async def test_a_model_alone_is_tried_as_often_as_that_can_help(
    provider: str, name: str, story: Story, clock: Any, tmp_path: Path
) -> None:
    matter, model = MATTERS[name], ModelRef(provider, MODEL)
    async with misbehaving(provider, name, tmp_path) as config:
        with pytest.raises(ProviderError) as caught:
            await story.ask(config, (model,), idle_seconds(name))

    assert caught.value.fault is matter.fault
    assert [failure.retry_in is not None for failure in story.failures] == [True] * (matter.alone - 1) + [False]
    assert all(slept >= (matter.wait or 0) - 5 for slept in clock.slept)
    await require_nothing_lost(story, unsure=matter.unsure)


@pytest.mark.parametrize(("provider", "name"), TURNS)
async def test_the_next_model_takes_over(provider: str, name: str, story: Story, tmp_path: Path) -> None:
    matter, model = MATTERS[name], ModelRef(provider, MODEL)
    async with misbehaving(provider, name, tmp_path) as config:
        done = await story.ask(config, (model, story.spare), idle_seconds(name))

    assert (done.model, done.reply.text, done.reply.calls) == (story.spare, "I can.", ())
    last = story.failures[-1]
    assert (len(story.failures), last.next_model, last.retry_in) == (matter.beside, story.spare, None)
    await require_nothing_lost(story, unsure=matter.unsure)


@pytest.mark.parametrize("wire", sorted(REPLIES))
async def test_a_call_of_a_broken_stream_is_never_handed_on_and_the_reply_is_asked_for_anew(
    wire: str, story: Story
) -> None:
    body = REPLIES[wire]
    torn = body[: body.index(ENDS[wire])]
    # Ollama is asked afterwards what it has loaded.
    serving = iter((streaming(torn), streaming(body), answering(404)))

    async def tear_once(writer: asyncio.StreamWriter) -> None:
        await next(serving)(writer)

    async with hostile(tear_once) as server:
        done = await story.ask(ProviderConfig(wire, server.url, "k"), (ModelRef(wire, MODEL),), 20)

    assert [(failure.fault, failure.voids) for failure in story.failures] == [(ProviderFault.BROKEN_STREAM, True)]
    assert [(call.name, call.arguments) for call in done.reply.calls] == [("read", {"path": "a.py"})]
    assert done.reply.text == "Hello there"
    assert server.requests[0] == server.requests[1]


@pytest.mark.parametrize("counted", [True, False])
async def test_of_a_reply_that_was_not_counted_the_rest_stays_held(story: Story, counted: bool) -> None:
    model, body = ModelRef("openai", MODEL), REPLIES["openai"]
    body = body if counted else body[: body.index(b'"tool_calls"}]}\n\n') + len(b'"tool_calls"}]}\n\n')]
    async with hostile(streaming(body)) as server:
        done = await story.ask(ProviderConfig("openai", server.url, "k"), (model,), 20)
    await story.record(done)

    assert done.held is not None
    assert done.cost_nusd is not None
    assert await story.held() == (0 if counted else done.held.nusd - done.cost_nusd)
    assert done.cost_nusd > 0


async def require_nothing_lost(story: Story, *, unsure: bool) -> None:
    """What was held for tries of which nobody knows the price is all there still, as paid or as held."""
    reserved = sum(failure.held.nusd for failure in story.failures if failure.held)
    assert reserved > 0
    paid = sum(failure.cost_nusd or 0 for failure in story.failures)
    assert paid + await story.held() == (reserved if unsure else 0)
