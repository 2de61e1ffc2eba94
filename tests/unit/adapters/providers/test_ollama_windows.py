"""The window of an Ollama's model: what is asked for, what it is given, and a chat that the server cuts in silence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.adapters.providers import ollama, ollama_cuts
from studio.adapters.providers.config import ProviderConfig
from studio.contracts.chat_model import ModelRequest
from studio.domain.errors import ProviderFault
from studio.domain.messages import ChatMessage, Speaker
from studio.domain.models import ModelCard, ModelRef
from tests.fixtures.hostile_provider import hostile, stalling
from tests.fixtures.ollama_server import LocalModel, OllamaServer, ollama_server
from tests.fixtures.providers import failing, nothing

WINDOW = 32_768


@pytest.fixture
def server() -> Iterator[OllamaServer]:
    """A server with no model yet."""
    with ollama_server() as running:
        yield running


def request(characters: int = 100, model: str = "small") -> ModelRequest:
    """A chat of so many characters, of which five are a token."""
    words = ("abcd " * (characters // 5 + 1))[:characters]
    return ModelRequest(model, "", (ChatMessage(Speaker.HUMAN, words),))


async def connected(server: OllamaServer) -> ollama.Ollama:
    return ollama.make(ProviderConfig("ollama", server.url))


async def test_the_window_that_is_asked_for_is_never_above_what_the_model_was_made_for(server: OllamaServer) -> None:
    server.models |= {"small": LocalModel(trained=8_192), "large": LocalModel(trained=131_072), "odd": LocalModel()}
    model = await connected(server)
    try:
        assert [await model.window_of(name) for name in server.models] == [8_192, WINDOW, WINDOW]
        for name in server.models:
            await model.complete(request(model=name), nothing)
        assert [body["options"]["num_ctx"] for body in server.asked] == [8_192, WINDOW, WINDOW]
    finally:
        await model.close()


async def test_the_list_has_what_the_server_says_of_each_model_that_holds_a_chat(server: OllamaServer) -> None:
    server.models["small"] = LocalModel(trained=8_192)
    server.models["plain"] = LocalModel(trained=131_072, capabilities=("completion",))
    server.models["silent"] = LocalModel(capabilities=())
    server.models["vectors"] = LocalModel(trained=512, capabilities=("embedding",))
    model = await connected(server)
    try:
        assert await model.list_models() == (
            ModelCard(ModelRef("ollama", "small"), 8_192, True, 8_192),
            ModelCard(ModelRef("ollama", "plain"), 131_072, False, WINDOW),
            ModelCard(ModelRef("ollama", "silent"), None, None, WINDOW),
        )
        await model.list_models()
        assert server.looked.count("/api/show small") == 1, "what was said is remembered"
        server.models["small"] = LocalModel(trained=16_384, digest="sha256:2")
        assert (await model.list_models())[0].context_tokens == 16_384
    finally:
        await model.close()


async def test_a_smaller_window_than_asked_for_is_counted_with_from_the_first_reply_on(server: OllamaServer) -> None:
    server.models["small"] = LocalModel(window=4_096, trained=131_072, says_window=True)
    model = await connected(server)
    try:
        assert await model.window_of("small") == WINDOW
        await model.complete(request(), nothing)
        assert await model.window_of("small") == 4_096
    finally:
        await model.close()


async def test_a_server_that_can_is_told_to_refuse_what_does_not_fit(server: OllamaServer) -> None:
    server.models["small"] = LocalModel(window=4_096, refuses_long=True)
    model = await connected(server)
    try:
        error = await failing(model, request(4_200 * 5))
    finally:
        await model.close()
    assert (server.asked[0]["truncate"], server.asked[0]["shift"]) == (False, False)
    assert error.fault is ProviderFault.CONTEXT_TOO_LONG


async def test_a_chat_that_the_server_cut_in_silence_is_found_and_said(server: OllamaServer) -> None:
    server.models["small"] = LocalModel(window=4_096, says_window=True)
    model = await connected(server)
    try:
        error = await failing(model, request(6_000 * 5))
    finally:
        await model.close()
    assert error.fault is ProviderFault.CONTEXT_TOO_LONG
    assert error.sentence == (
        "Ollama gave small a window of 4,096 tokens, not the 32,768 that were asked for, and dropped the beginning of "
        "a chat of at least 5,000 without a word."
    )


@pytest.mark.parametrize("says_window", [True, False])
async def test_a_chat_that_fits_is_never_said_to_be_cut(server: OllamaServer, says_window: bool) -> None:
    server.models["small"] = LocalModel(says_window=says_window)
    model = await connected(server)
    try:
        assert (await model.complete(request(30_000 * 5), nothing)).usage.input == 30_000
    finally:
        await model.close()


async def test_an_old_server_that_counts_only_what_is_new_is_not_accused(server: OllamaServer) -> None:
    server.models["small"] = LocalModel(counts_new=True)
    model = await connected(server)
    try:
        assert (await model.complete(request(6_000 * 5), nothing)).usage.input == 20
    finally:
        await model.close()


async def test_a_server_that_says_nothing_is_not_waited_for() -> None:
    async with hostile(stalling()) as silent:
        model = ollama.make(ProviderConfig("ollama", silent.url, looking_seconds=0.1))
        try:
            assert [await model.window_of("small"), await model.window_of("small")] == [WINDOW, WINDOW]
            assert len(silent.requests) == 1
        finally:
            await model.close()


async def test_a_model_that_thinks_is_told_whether_to_and_no_other_is(server: OllamaServer) -> None:
    server.models["small"] = LocalModel(capabilities=("completion", "tools", "thinking"))
    server.models["plain"] = LocalModel()
    model = await connected(server)
    try:
        await model.list_models()
        for name, thinking in (("small", 0), ("small", 4_096), ("small", None), ("plain", 0)):
            await model.complete(replace(request(model=name), thinking=thinking), nothing)
    finally:
        await model.close()
    assert [body.get("think") for body in server.asked] == [False, True, None, None]


@given(st.lists(st.sampled_from(["-" * 80, " " * 40, "0" * 64, "\n" * 9, "The gate ", "x = {'a': 1}\n"]), max_size=200))
def test_lines_of_one_character_are_no_evidence(parts: list[str]) -> None:
    request = ModelRequest("m", "", (ChatMessage(Speaker.HUMAN, "".join(parts)),))
    assert ollama_cuts.least_tokens(request) <= sum(1 if len(set(part)) == 1 else len(part) / 4 for part in parts) + 1
