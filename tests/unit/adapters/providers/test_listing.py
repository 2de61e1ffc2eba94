"""Lists of models as servers send them: long, odd, slow, or with much that nobody asked for."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from studio.adapters.providers.config import ProviderConfig
from studio.domain.providers import Provider, ProviderKind
from tests.fixtures.hostile_provider import answering, dripping, hostile
from tests.fixtures.providers import Connecting


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
        cards = await connect(declared(server.url, looking_seconds=0.2)).list_models()

    assert [card.ref.name for card in cards] == ["small-1"]
    assert b"GET /props " in server.requests[-1]
