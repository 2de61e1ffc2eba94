"""A request is made beside the loop, and goes out as what the wire wants all the same."""

from __future__ import annotations

import json
from typing import Any

from studio.adapters.providers.config import ProviderConfig
from studio.domain.messages import ChatMessage, Speaker
from tests.fixtures.hostile_provider import answering, hostile
from tests.fixtures.providers import Asking, Connecting, failing

ODD = 'Grüße, 世界 \U0001f600 \u2028 \\ "'


async def test_a_request_is_json_with_its_key_its_stream_and_every_letter(
    connect: Connecting, ask: Asking, wire: str
) -> None:
    async with hostile(answering(500)) as server:
        await failing(connect(ProviderConfig(wire, server.url, "k")), ask(ChatMessage(Speaker.HUMAN, ODD)))
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert b"content-type: application/json" in head.lower()
    assert b"authorization: bearer k" in head.lower()
    sent = json.loads(body)
    assert sent["stream"] is True
    assert ODD in texts_in(sent["messages"])


def texts_in(messages: list[dict[str, Any]]) -> list[str]:
    """What was said, in the order of the wire."""
    said = [message["content"] for message in messages]
    return [content if isinstance(content, str) else content[0]["text"] for content in said]
