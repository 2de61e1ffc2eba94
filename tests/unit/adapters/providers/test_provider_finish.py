"""Why a model stopped is respected on every wire, and a call that is not whole is never run."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest

from studio.adapters.providers.config import ProviderConfig
from studio.contracts.chat_model import ModelReply
from studio.domain.errors import UserError
from studio.domain.ids import CallId
from studio.domain.messages import ChatMessage, FinishReason, Speaker, ToolAnswer, ToolCall
from studio.tools.runner import arguments
from tests.fixtures.hostile_provider import hostile, streaming
from tests.fixtures.providers import Asking, Connecting, nothing
from tests.fixtures.wire_samples import REPLIES

CUT_JSON = {
    "anthropic": (b'"\\"a.py\\"}"', b'"\\"a.p"'),
    "openai": (b'"\\"a.py\\"}"', b'"\\"a.p"'),
}
"""What turns the end of the sample's arguments into a piece that stops within them."""


async def reply_of(wire: str, body: bytes, connect: Connecting, ask: Asking) -> ModelReply:
    async with hostile(streaming(body)) as server:
        return await connect(ProviderConfig(wire, server.url, "k")).complete(ask(), nothing)


@pytest.mark.parametrize(
    ("wire", "said", "meant"),
    [
        ("anthropic", "max_tokens", FinishReason.LENGTH),
        ("anthropic", "model_context_window_exceeded", FinishReason.LENGTH),
        ("anthropic", "refusal", FinishReason.FILTERED),
        ("anthropic", "pause_turn", FinishReason.PAUSED),
        ("openai", "length", FinishReason.LENGTH),
        ("openai", "content_filter", FinishReason.FILTERED),
        ("ollama", "length", FinishReason.LENGTH),
    ],
)
async def test_a_reply_with_a_call_tells_why_it_ended_all_the_same(
    wire: str, said: str, meant: FinishReason, connect: Connecting, ask: Asking
) -> None:
    usual = {"anthropic": "tool_use", "openai": "tool_calls", "ollama": "stop"}[wire]
    key = {"anthropic": "stop_reason", "openai": "finish_reason", "ollama": "done_reason"}[wire]
    body = REPLIES[wire].replace(f'"{key}": "{usual}"'.encode(), f'"{key}": "{said}"'.encode())
    assert body != REPLIES[wire]
    reply = await reply_of(wire, body, connect, ask)
    assert (reply.finish, len(reply.calls)) == (meant, 1)


async def test_a_refusal_of_openais_is_read_and_ends_the_reply(connect: Connecting, ask: Asking) -> None:
    body = REPLIES["openai"].replace(b'{"content": "there"}', b'{"refusal": "I will not."}')
    reply = await reply_of("openai", body, connect, ask)
    assert (reply.text, reply.finish) == ("Hello I will not.", FinishReason.FILTERED)


@pytest.mark.parametrize("wire", sorted(CUT_JSON))
async def test_arguments_that_stop_half_way_are_answered_with_the_parse_error(
    wire: str, connect: Connecting, ask: Asking
) -> None:
    whole, cut = CUT_JSON[wire]
    assert whole in REPLIES[wire]
    (call,) = (await reply_of(wire, REPLIES[wire].replace(whole, cut), connect, ask)).calls

    assert call.arguments is None
    with pytest.raises(UserError) as caught:
        arguments(call)
    assert "Unterminated string starting at: line 1, column 10, of 13 characters." in caught.value.sentence
    assert '{"path": "a.p' in caught.value.sentence


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ("[1]", "it is a list, not an object."),
        ('{"a": NaN}', "it holds a number or a character that JSON cannot carry."),
        ('{"a": "\\ud800"}', "it holds a number or a character that JSON cannot carry."),
        ("[" * 100_000, "it is nested too deeply."),
        ("", "Expecting value: line 1, column 1, of 0 characters."),
    ],
)
def test_what_is_wrong_with_arguments_is_said_in_a_few_words(raw: str, said: str) -> None:
    with pytest.raises(UserError) as caught:
        arguments(ToolCall(CallId.new(), "read", None, raw))
    assert said in caught.value.sentence
    assert len(caught.value.sentence) < 700


@pytest.mark.parametrize("written", ['{\\"a\\": NaN}', '{\\"a\\": \\"\\\\ud800\\"}'])
async def test_arguments_that_no_wire_could_carry_back_are_unreadable(
    written: str, connect: Connecting, ask: Asking
) -> None:
    body = REPLIES["anthropic"].replace(b'"{\\"path\\": "', f'"{written}"'.encode())
    body = body.replace(b'"\\"a.py\\"}"', b'""')
    (call,) = (await reply_of("anthropic", body, connect, ask)).calls
    assert call.arguments is None
    assert call.raw


async def test_an_unreadable_call_of_any_length_goes_back_short(wire: str, connect: Connecting, ask: Asking) -> None:
    call = ToolCall(CallId.new(), "write", None, "{" + "x" * 1_000_000)
    said = ChatMessage(Speaker.AGENT, "", (call,))
    answer = ChatMessage(Speaker.HUMAN, answers=(ToolAnswer(call.id, False, "no JSON"),))
    async with hostile(streaming(REPLIES[wire])) as server:
        await connect(ProviderConfig(wire, server.url, "k")).complete(
            ask(ChatMessage(Speaker.HUMAN, "Go"), said, answer), nothing
        )
    assert len(server.requests[0]) < 20_000


def marks(sent: Any) -> list[str]:
    """Where cache marks stand, as paths."""
    found: list[str] = []

    def walk(part: Any, path: str) -> None:
        if isinstance(part, dict):
            if "cache_control" in part:
                found.append(path)
            for key, value in part.items():
                walk(value, f"{path}/{key}" if path else key)
        elif isinstance(part, list):
            for at, value in enumerate(part):
                walk(value, f"{path}/{at}")

    walk(sent, "")
    return sorted(found)


async def test_anthropic_is_shown_where_a_beginning_ends_that_is_sent_again(connect: Connecting, ask: Asking) -> None:
    first = ChatMessage(Speaker.HUMAN, "Compare them.")
    told: list[ChatMessage] = [first]
    bodies: list[dict[str, Any]] = []
    for _ in range(3):
        async with hostile(streaming(REPLIES["anthropic"])) as server:
            reply = await connect(ProviderConfig("anthropic", server.url, "k")).complete(ask(*told), nothing)
        bodies.append(json.loads(server.requests[0].partition(b"\r\n\r\n")[2]))
        told.append(ChatMessage(Speaker.AGENT, reply.text, reply.calls, (), reply.opaque))
        told.append(
            ChatMessage(Speaker.HUMAN, answers=tuple(ToolAnswer(call.id, True, "same") for call in reply.calls))
        )

    assert marks(bodies[0]) == ["messages/0/content/0", "system/0", "tools/0"]
    assert marks(bodies[2]) == ["messages/2/content/0", "messages/4/content/0", "system/0", "tools/0"]
    for before, after in itertools.pairwise(bodies):
        assert bare(after)["messages"][: len(before["messages"])] == bare(before)["messages"]
        assert (after["system"], after["tools"]) == (before["system"], before["tools"])


def bare(sent: Any) -> Any:
    """A request without its cache marks."""
    if isinstance(sent, dict):
        return {key: bare(value) for key, value in sent.items() if key != "cache_control"}
    return [bare(value) for value in sent] if isinstance(sent, list) else sent
