from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from studio.adapters.clock import SystemClock
from studio.adapters.providers import ollama
from studio.adapters.providers.config import ProviderConfig
from studio.adapters.providers.text_tools import TextTools
from studio.contracts.chat_model import ChatModel
from studio.domain.errors import ProviderError, ProviderFault
from studio.domain.fitness import Fitness, ToolForm, Tries
from studio.domain.models import ModelRef
from studio.domain.providers import BUILT_IN
from studio.router.fitness import FitnessTest, Progress
from studio.router.prices import Prices
from studio.router.registry import Registry
from studio.router.router import Router
from studio.router.tries import CALLS, DOCUMENTS, same_document
from studio.router.windows import Windows
from tests.fixtures.ollama_server import LocalModel, OllamaServer, ollama_server

CLAIMED = 32_768


@pytest.fixture
async def server() -> AsyncIterator[OllamaServer]:
    """A server without models."""
    with ollama_server() as state:
        yield state


async def nothing_measured(model: str) -> ToolForm | None:
    return None


async def measured(
    server: OllamaServer, model: LocalModel | None, claimed: int = CLAIMED, told: list[Progress] | None = None
) -> Fitness:
    """What the test finds out about this model, if it is there, over the wire."""
    if model is not None:
        server.models["small"] = model

    def make(provider: str) -> ChatModel:
        return TextTools(ollama.make(ProviderConfig(provider, server.url, context_tokens=claimed)), nothing_measured)

    clock = SystemClock()
    router = Router(make, Prices(), clock)
    try:
        test = FitnessTest(router, Windows(Registry([replace(BUILT_IN["ollama"], context_tokens=claimed)])), clock)
        return await test.run(ModelRef("ollama", "small"), (told if told is not None else []).append)
    finally:
        await router.close()


async def test_a_model_that_does_all_it_claims_is_measured_so(server: OllamaServer) -> None:
    found = await measured(server, LocalModel())
    assert (found.context_tokens, found.claimed_tokens) == (CLAIMED, CLAIMED)
    assert (found.native, found.text, found.form) == (Tries(valid=len(CALLS)), None, ToolForm.NATIVE)
    assert (found.json_exact, found.json_tried) == (len(DOCUMENTS), len(DOCUMENTS))
    assert found.tokens_per_second > 0


@pytest.mark.parametrize("window", [5_000, 12_000, 20_000])
async def test_a_window_that_silently_loses_the_beginning_is_found_to_an_eighth(
    server: OllamaServer, window: int
) -> None:
    found = await measured(server, LocalModel(window=window))
    assert window * 7 // 8 - 1_024 <= found.context_tokens <= window


async def test_a_model_that_finds_nothing_at_all_has_no_context(server: OllamaServer) -> None:
    assert (await measured(server, LocalModel(window=10))).context_tokens == 0


async def test_the_calls_and_the_tokens_of_a_test_have_an_end(server: OllamaServer) -> None:
    told: list[Progress] = []
    await measured(server, LocalModel(window=90_000, tools="none"), 1_000_000, told)
    sent = [sum(len(message["content"]) for message in asked["messages"]) for asked in server.asked]
    assert told[-1].calls == len(server.asked) <= 30
    # The longest try of all is the one of the whole claim, and nothing that long is tried again.
    assert sum(sent) - max(sent) < 2_500_000


async def test_a_model_whose_server_knows_no_tools_for_it_calls_them_as_text(server: OllamaServer) -> None:
    found = await measured(server, LocalModel(tools="text", capabilities=("completion",)))
    assert found.native == Tries(none=len(CALLS))
    assert (found.text, found.form) == (Tries(valid=len(CALLS)), ToolForm.TEXT)


async def test_a_model_that_is_said_to_know_tools_and_uses_none_is_tried_with_text(server: OllamaServer) -> None:
    found = await measured(server, LocalModel(tools="text"))
    assert (found.native, found.form) == (Tries(none=len(CALLS)), ToolForm.TEXT)


async def test_a_call_with_another_value_is_wrong(server: OllamaServer) -> None:
    found = await measured(server, LocalModel(wrong_calls=frozenset({1})))
    assert found.native == Tries(valid=4, wrong=1)


async def test_a_document_that_comes_back_changed_is_not_counted(server: OllamaServer) -> None:
    assert (await measured(server, LocalModel(spoils_json=3))).json_exact == len(DOCUMENTS) - 3


async def test_a_model_that_is_not_there_ends_the_test(server: OllamaServer) -> None:
    with pytest.raises(ProviderError) as caught:
        await measured(server, None)
    assert caught.value.fault is ProviderFault.UNKNOWN_MODEL


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ('{"a": 1, "b": [true]}', True),
        ('```json\n{"b": [true], "a": 1}\n```', True),
        ('{"a": 1.0, "b": [true]}', False),
        ('{"a": 1, "b": [1]}', False),
        ('Here it is: {"a": 1, "b": [true]}', False),
        ("", False),
        ("[" * 100_000, False),
    ],
)
def test_a_document_is_the_same_to_the_value(text: str, same: bool) -> None:
    assert same_document(text, {"a": 1, "b": [True]}) is same
