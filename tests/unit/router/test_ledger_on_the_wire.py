"""What the ledger holds back is never asked of the provider: counted at the provider's end of the wire."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from studio.adapters.clock import SystemClock
from studio.adapters.providers import openai
from studio.adapters.providers.config import ProviderConfig
from studio.base.redact import Redactor
from studio.contracts.chat_model import ModelRequest
from studio.domain.budgets import Budget, Payer, Period, Scope, ScopeKind
from studio.domain.errors import OverBudget
from studio.domain.events import UsageRecorded
from studio.domain.ids import ProjectId, RunId, TurnId
from studio.domain.messages import ChatMessage, Speaker
from studio.domain.models import ModelRef
from studio.domain.money import from_usd
from studio.events.hub import Hub
from studio.events.recorder import Recorder
from studio.router import ledger as books
from studio.router.failures import Failure
from studio.router.ledger import Ledger
from studio.router.prices import Price, Prices
from studio.router.router import Router
from studio.store import usage
from studio.store.database import Database
from tests.fixtures.billing import billing, reply
from tests.fixtures.hostile_provider import hostile

DEAR = ModelRef("openai", "dear")
PAYER = Payer(ProjectId("pshop"), RunId("r1"), TurnId("t1"), 1, "engineer")
# A dollar for each call that says as much as it may.
PRICES = Prices({str(DEAR): Price(Decimal(0), Decimal(10))})
REQUEST = ModelRequest("", "Be kind.", (ChatMessage(Speaker.HUMAN, "Hello."),), max_output_tokens=100_000)


async def test_of_ten_agents_at_once_with_money_for_three_three_reach_the_provider(tmp_path: Path) -> None:
    database = await Database.open(tmp_path / "studio.db")
    recorder = Recorder(database, Hub(Redactor(())), SystemClock(), Redactor(()))
    ledger = Ledger(database, recorder, PRICES, SystemClock())
    await ledger.set_budget(Budget(Scope(ScopeKind.COMPANY), Period.MONTH, from_usd(Decimal(3))))
    answer = asyncio.Event()

    async with hostile(billing(reply("Hello.", 10, 100_000), until=answer)) as provider:
        config = ProviderConfig("openai", f"{provider.url}/v1", "sk-test-key-0123456789")
        router = Router(lambda _name: openai.make(config), PRICES, SystemClock(), ledger)

        async def step(run: int) -> None:
            payer = replace(PAYER, run=RunId(f"r{run}"))
            done = await router.complete((DEAR,), REQUEST, payer, lambda _kind, _text: None, _unexpected)
            tokens = done.reply.usage
            spent = UsageRecorded(
                payer.turn, 1, str(done.model), "", tokens.input, tokens.output, cost_nusd=done.cost_nusd
            )
            async with database.transaction() as connection:
                usage.add(connection, payer.project, payer.run, spent)
                books.settle(connection, done.held)

        steps = [asyncio.create_task(step(run)) for run in range(10)]
        for _, refused in zip(range(7), asyncio.as_completed(steps), strict=False):
            with pytest.raises(OverBudget):
                await refused
        answer.set()
        await asyncio.wait(steps)
        await router.close()

    assert sum(step.exception() is None for step in steps) == 3
    assert [_most(request) for request in provider.requests] == [100_000] * 3
    (balance,) = await ledger.balances()
    assert (balance.paid_nusd, balance.held_nusd, balance.left_nusd) == (3_000_000_000, 0, 0)
    await database.close()


def _most(request: bytes) -> int:
    """The longest reply that a request asks for."""
    asked: int = json.loads(request.partition(b"\r\n\r\n")[2])["max_completion_tokens"]
    return asked


async def _unexpected(failure: Failure) -> None:
    raise AssertionError(failure)
