"""Gemini is asked to count at its native endpoint, beside the compatible one."""

from __future__ import annotations

import json

import pytest

from studio.adapters.providers import openai
from studio.adapters.providers.config import ProviderConfig
from studio.contracts.chat_model import ModelRequest
from studio.domain.errors import ProviderError, ProviderFault
from studio.domain.ids import CallId
from studio.domain.images import image_of
from studio.domain.messages import ChatMessage, Speaker, ToolAnswer, ToolCall
from studio.domain.tools import Risk, ToolSpec
from tests.fixtures.hostile_provider import Behaviour, answering, hostile
from tests.fixtures.images import png

IMAGE = image_of(png())
CALL = ToolCall(CallId("c00000001"), "read", {"path": "a.py"})
SIGNED = {
    "provider": "gemini",
    "model": "gemini-3.8-flash",
    "extra_content": {"c00000001": {"google": {"thought_signature": "c2ln"}}},
}
CHAT = (
    ChatMessage(Speaker.HUMAN, "What is this?", images=(IMAGE,)),
    ChatMessage(Speaker.AGENT, "I look.", calls=(CALL,), opaque=SIGNED),
    ChatMessage(Speaker.HUMAN, answers=(ToolAnswer(CALL.id, True, "x = 1"),)),
)
READ = ToolSpec("read", "Reads a file.", {"type": "object"}, Risk.READ)
REQUEST = ModelRequest("gemini-3.8-flash", "Be kind.", CHAT, (READ,), pictures={IMAGE.hash: png()})


async def count(behaviour: Behaviour, path: str = "/v1beta/openai/") -> tuple[int | None, list[bytes]]:
    """What is counted, and what was asked for it."""
    async with hostile(behaviour) as server:
        model = openai.make(ProviderConfig("gemini", f"{server.url}{path}", "test-key"))
        try:
            return await model.count_tokens(REQUEST), server.requests
        finally:
            await model.close()


async def test_the_whole_request_is_counted_in_native_words() -> None:
    counted, (request,) = await count(answering(200, b'{"totalTokens": 321}'))
    head, _, body = request.partition(b"\r\n\r\n")
    asked = json.loads(body)["generateContentRequest"]

    assert counted == 321
    assert head.startswith(b"POST /v1beta/models/gemini-3.8-flash:countTokens ")
    assert b"x-goog-api-key: test-key" in head.lower()
    assert asked["systemInstruction"] == {"parts": [{"text": "Be kind."}]}
    assert asked["tools"][0]["functionDeclarations"][0]["name"] == "read"
    said, called, answered = asked["contents"]
    assert [next(iter(part)) for part in said["parts"]] == ["inlineData", "text"]
    assert called == {
        "role": "model",
        "parts": [
            {"text": "I look."},
            {"functionCall": {"name": "read", "args": {"path": "a.py"}}, "thoughtSignature": "c2ln"},
        ],
    }
    assert answered["parts"] == [{"functionResponse": {"name": "read", "response": {"output": "x = 1"}}}]


@pytest.mark.parametrize(
    "body", [b"[]", b"{", b'{"totalTokens": "9"}', b'{"totalTokens": -1}', b"{}"], ids=lambda body: body.decode()
)
async def test_an_answer_that_counts_nothing_is_no_count(body: bytes) -> None:
    assert (await count(answering(200, body)))[0] is None


@pytest.mark.parametrize("status", [400, 404, 429, 500])
async def test_a_refusal_is_no_count(status: int) -> None:
    assert (await count(answering(status, b'{"totalTokens": 9}')))[0] is None


async def test_a_server_that_is_not_googles_is_not_asked() -> None:
    counted, requests = await count(answering(200, b'{"totalTokens": 9}'), "/v1")
    assert (counted, requests) == (None, [])


async def test_nobody_there_is_said_as_of_any_call() -> None:
    model = openai.make(ProviderConfig("gemini", "http://127.0.0.1:1/v1beta/openai", "test-key"))
    with pytest.raises(ProviderError) as caught:
        await model.count_tokens(REQUEST)
    await model.close()
    assert caught.value.fault is ProviderFault.UNREACHABLE
