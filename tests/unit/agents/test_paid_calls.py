"""A model is asked outside of any run: the company pays, a wait is waited for, and a failure is told at once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from studio.adapters.providers import scripted
from studio.adapters.providers.config import ProviderConfig
from studio.agents.paid_calls import PaidCalls
from studio.contracts.chat_model import ModelRequest
from studio.domain.errors import ProviderError, ProviderFault
from studio.domain.events import ModelFailed, UsageRecorded
from studio.domain.messages import ChatMessage, Speaker
from studio.domain.models import ModelRef
from studio.events.recorder import Recorder
from studio.router.prices import Prices
from studio.router.rates import Rates
from studio.router.router import Router
from studio.store import event_log
from studio.store.database import Database
from tests.unit.router.conftest import ScriptedClock

REQUEST = ModelRequest("", "Be kind.", (ChatMessage(Speaker.HUMAN, "Hello."),))


def model_of(folder: Path, **reply: object) -> ModelRef:
    path = folder / "replies.json"
    path.write_text(json.dumps({"replies": [reply]}))
    return ModelRef("scripted", str(path))


async def kinds(database: Database) -> list[type[object]]:
    async with database.reading() as connection:
        return [type(item.event) for item in await event_log.since(connection, 0)]


async def test_a_place_among_the_requests_of_a_minute_is_waited_for(
    tmp_path: Path, database: Database, recorder: Recorder
) -> None:
    clock = ScriptedClock()
    rates = Rates(clock, lambda _provider: 1)
    router = Router(lambda name: scripted.make(ProviderConfig(name)), Prices(), clock, rates=rates)
    calls = PaidCalls(router, recorder, model_of(tmp_path, text="Hello."), "provider test")
    for _ in range(2):
        assert (await calls.complete(REQUEST, lambda _kind, _text: None)).text == "Hello."
    assert clock.slept == [60.0]
    assert await kinds(database) == [UsageRecorded, UsageRecorded]
    await router.close()


async def test_what_fails_is_told_at_once_and_recorded_once(
    tmp_path: Path, database: Database, recorder: Recorder
) -> None:
    clock = ScriptedClock()
    router = Router(lambda name: scripted.make(ProviderConfig(name)), Prices(), clock)
    model = model_of(tmp_path, text="Hello.", error={"fault": ProviderFault.OVERLOADED.value})
    with pytest.raises(ProviderError):
        await PaidCalls(router, recorder, model, "provider test").complete(REQUEST, lambda _kind, _text: None)
    assert clock.slept == []
    assert await kinds(database) == [ModelFailed]
    await router.close()
