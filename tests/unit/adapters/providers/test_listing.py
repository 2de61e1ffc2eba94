"""Lists of models as servers send them: long, odd, slow, or with much that nobody asked for."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from studio.adapters.providers.config import ProviderConfig
from studio.adapters.providers.model_lists import MOST_MODELS
from studio.adapters.providers.streams import DOCUMENT_BYTES
from studio.domain.errors import ProviderError, ProviderFault
from studio.domain.models import ModelCard
from studio.domain.provider_rules import MOST_TOKENS
from studio.domain.providers import Provider, ProviderKind
from tests.fixtures.hostile_provider import answering, dripping, hostile
from tests.fixtures.providers import Asking, Connecting, failing

Lister = Callable[[bytes], Awaitable[tuple[ModelCard, ...]]]


def declared(url: str, **more: Any) -> ProviderConfig:
    provider = Provider("lab", ProviderKind.OPENAI_COMPATIBLE, "Lab", f"{url}/v1", declared=True)
    return ProviderConfig("lab", f"{url}/v1", known=provider, **more)


def entry(name: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": 1, "owned_by": "x", **more}


def listing(*entries: object) -> bytes:
    return json.dumps({"object": "list", "data": entries}).encode()


async def test_a_list_is_not_lost_with_what_is_told_beside_it_too_slowly(connect: Connecting) -> None:
    answer = answering(200, listing(entry("small-1", owned_by="llamacpp")))

    async def only_the_list(writer: asyncio.StreamWriter) -> None:
        await (dripping(b" ") if b"/props" in server.requests[-1] else answer)(writer)

    async with hostile(only_the_list) as server:
        cards = await connect(declared(server.url, looking_seconds=1.0)).list_models()

    assert [card.ref.name for card in cards] == ["small-1"]
    assert b"GET /props " in server.requests[-1]


@pytest.fixture(params=["anthropic", "openai"])
def lister(request: pytest.FixtureRequest, connect: Connecting) -> Lister:
    """Gives the models that a server with this body offers, asked in either protocol."""

    async def listed(body: bytes) -> tuple[ModelCard, ...]:
        async with hostile(answering(200, body)) as server:
            return await connect(ProviderConfig(request.param, server.url, "k")).list_models()

    return listed


ODD_ENTRIES: tuple[object, ...] = (
    None,
    "small-2",
    [],
    {},
    {"id": None},
    {"id": 7},
    {"id": ""},
    {"id": "a\nb"},
    {"id": "\ud800"},
    {"id": "\u202e"},
)


async def test_what_names_no_model_is_left_out_of_a_list(lister: Lister) -> None:
    cards = await lister(listing(*ODD_ENTRIES, entry("small-1")))

    assert [card.ref.name for card in cards] == ["small-1"]


@pytest.mark.parametrize("body", [b'{"data": null}', b'{"data": []}', b"[]"], ids=lambda body: body.decode())
async def test_a_server_without_models_offers_none(body: bytes, lister: Lister) -> None:
    assert await lister(body) == ()


@pytest.mark.parametrize("body", [b"{", b'{"data": 7}', b'"models"', b"[" * 100_000], ids=["cut", "7", "text", "deep"])
async def test_an_answer_that_is_no_list_is_said_to_be_unreadable(body: bytes, lister: Lister) -> None:
    with pytest.raises(ProviderError) as caught:
        await lister(body)

    assert caught.value.fault is ProviderFault.BROKEN_STREAM
    assert "could not be read" in caught.value.sentence


async def test_of_a_list_without_measure_so_many_models_are_taken(lister: Lister) -> None:
    cards = await lister(listing(*(entry(f"m{number}") for number in range(MOST_MODELS + 1))))

    assert len(cards) == MOST_MODELS


async def test_a_list_that_is_too_long_to_be_one_is_cut_off(lister: Lister) -> None:
    with pytest.raises(ProviderError, match="more than 4,194,304 bytes for one answer"):
        await lister(listing(entry("m", description="d" * DOCUMENT_BYTES)))


@pytest.mark.parametrize(
    ("said", "known"),
    [
        ("131072", 131_072),
        ("1" + "0" * 5_000, MOST_TOKENS),
        ("1" + "0" * 12, MOST_TOKENS),
        ("999", None),
        ("-4096", None),
        ("true", None),
        ("1e400", None),
        ('"4096"', None),
    ],
    ids=["as-usual", "no-end", "too-much", "too-little", "negative", "true", "infinite", "text"],
)
async def test_a_window_is_believed_only_where_it_can_be_one(said: str, known: int | None, lister: Lister) -> None:
    body = listing(entry("m", context_length="SAID", max_input_tokens="SAID")).replace(b'"SAID"', said.encode())
    (card,) = await lister(body)

    assert card.context_tokens == known


async def test_a_window_that_cannot_be_one_leaves_it_to_the_next_that_is_said(connect: Connecting) -> None:
    body = listing(entry("m", loaded_context_length=0, context_length=32_768))
    async with hostile(answering(200, body)) as server:
        (card,) = await connect(declared(server.url)).list_models()

    assert card.context_tokens == 32_768


async def test_an_error_is_told_by_its_status_however_much_it_says(wire: str, connect: Connecting, ask: Asking) -> None:
    async def without_end(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 429 Whatever\r\ncontent-type: application/json\r\n\r\n")
        writer.write(b'{"error": {"message": "Slow down, please.", "details": "')
        while True:
            writer.write(b"x" * 10_000)
            await writer.drain()

    async with hostile(without_end) as server:
        error = await failing(connect(ProviderConfig(wire, server.url, "k")), ask())
        await server.hung_up.wait()

    assert error.fault is ProviderFault.RATE_LIMITED
    assert "Slow down, please." in error.sentence
