from __future__ import annotations

import json
from collections.abc import Callable, Sequence

import pytest

from studio.adapters.providers.config import ProviderConfig
from studio.contracts.chat_model import ModelReply
from studio.domain.messages import ChatMessage, FinishReason, Speaker, ToolAnswer
from studio.domain.usage import Usage
from tests.fixtures.aimock import Fixture, ModelServer, calling, calling_all, conversation, saying
from tests.fixtures.hostile_provider import answering, hostile, streaming
from tests.fixtures.providers import Asking, Connecting, failing, nothing
from tests.fixtures.wire_samples import REPLIES

Serving = Callable[[Sequence[Fixture]], ModelServer]


def answered(reply: ModelReply, text: str, *, ok: bool = True) -> tuple[ChatMessage, ChatMessage]:
    """What the next request holds after `reply`: the agent's message, and one answer to each call."""
    said = ChatMessage(Speaker.AGENT, reply.text, calls=reply.calls, opaque=reply.opaque)
    answers = tuple(ToolAnswer(call.id, ok, text) for call in reply.calls)
    return said, ChatMessage(Speaker.HUMAN, answers=answers)


async def test_two_step_story_reads_the_same_on_every_wire(
    wire: str, model_server: Serving, connect: Connecting, ask: Asking
) -> None:
    server = model_server(conversation(calling("read", {"path": "a.py"}, text="I look."), saying("It adds.")))
    model = connect(ProviderConfig(wire, server.base_urls[wire], "test-key"))
    heard: list[str] = []
    asked = ChatMessage(Speaker.HUMAN, "What does a.py do?")

    first = await model.complete(ask(asked), lambda kind, text: heard.append(text))
    second = await model.complete(ask(asked, *answered(first, "x + y")), lambda kind, text: heard.append(text))

    assert first.text == "I look."
    assert [(call.name, call.arguments) for call in first.calls] == [("read", {"path": "a.py"})]
    assert first.finish is FinishReason.TOOL_CALLS
    assert (second.text, second.calls, second.finish) == ("It adds.", (), FinishReason.STOP)
    assert "".join(heard) == "I look.It adds."


async def test_answers_reach_the_wire_under_the_id_of_their_call(
    wire: str, model_server: Serving, connect: Connecting, ask: Asking
) -> None:
    script = conversation(calling_all([("read", {"path": "a"}), ("read", {"path": "b"})]), saying("Done."))
    server = model_server(script)
    model = connect(ProviderConfig(wire, server.base_urls[wire], "test-key"))
    asked = ChatMessage(Speaker.HUMAN, "Compare them.")

    first = await model.complete(ask(asked), nothing)
    await model.complete(ask(asked, *answered(first, "same")), nothing)

    sent = server.requests()[-1]["body"]["messages"]
    called = [call["id"] for message in sent for call in message.get("tool_calls") or ()]
    replied = [message.get("tool_call_id") for message in sent if message["role"] == "tool"]
    assert [message["content"] for message in sent if message["role"] == "tool"] == ["same", "same"]
    assert len({call.id for call in first.calls}) == 2
    if wire != "ollama":  # its wire has no ids
        assert called == replied == [call.id for call in first.calls]


async def test_request_beyond_the_last_scripted_reply_is_refused(
    wire: str, model_server: Serving, connect: Connecting, ask: Asking
) -> None:
    server = model_server(conversation(saying("The only one.")))
    model = connect(ProviderConfig(wire, server.base_urls[wire], "test-key"))
    first = await model.complete(ask(), nothing)

    error = await failing(
        model, ask(ChatMessage(Speaker.HUMAN, "Hi"), *answered(first, ""), ChatMessage(Speaker.HUMAN, "More"))
    )

    assert "Strict mode: 1 candidate fixture(s) skipped" in error.sentence


async def test_ollama_is_asked_for_a_context_that_holds_the_tools(connect: Connecting, ask: Asking) -> None:
    async with hostile(streaming(REPLIES["ollama"])) as server:
        await connect(ProviderConfig("ollama", server.url, context_tokens=16_000)).complete(ask(), nothing)

    sent = json.loads(server.requests[0].partition(b"\r\n\r\n")[2])
    assert sent["options"] == {"num_ctx": 16_000, "num_predict": 8192}
    assert [tool["function"]["name"] for tool in sent["tools"]] == ["read"]


async def test_every_part_of_a_reply_is_understood(wire: str, connect: Connecting, ask: Asking) -> None:
    async with hostile(streaming(REPLIES[wire])) as server:
        heard: list[tuple[str, str]] = []
        model = connect(ProviderConfig(wire, server.url, "test-key"))
        reply = await model.complete(ask(), lambda kind, text: heard.append((kind, text)))

    assert heard == [("thinking", "Read it first."), ("text", "Hello "), ("text", "there")]
    assert (reply.text, reply.thinking) == ("Hello there", "Read it first.")
    assert [(call.name, call.arguments) for call in reply.calls] == [("read", {"path": "a.py"})]
    assert reply.finish is FinishReason.TOOL_CALLS
    assert (reply.usage.input, reply.usage.output) == (240, 42)


async def test_cached_tokens_are_part_of_the_input(connect: Connecting, ask: Asking) -> None:
    async with hostile(streaming(REPLIES["anthropic"])) as server:
        reply = await connect(ProviderConfig("anthropic", server.url, "k")).complete(ask(), nothing)

    assert reply.usage == Usage(input=240, output=42, cache_read=200, cache_write=30)


async def test_signed_thinking_goes_back_to_anthropic_unchanged(connect: Connecting, ask: Asking) -> None:
    async with hostile(streaming(REPLIES["anthropic"])) as server:
        model = connect(ProviderConfig("anthropic", server.url, "k"))
        reply = await model.complete(ask(), nothing)
        await model.complete(ask(ChatMessage(Speaker.HUMAN, "Hi"), *answered(reply, "x")), nothing)

    assert b'{"signature":"c2lnbmVk","thinking":"Read it first.","type":"thinking"}' in server.requests[-1]


async def test_missing_usage_is_estimated_and_never_free(connect: Connecting, ask: Asking) -> None:
    body = REPLIES["openai"].replace(b'"usage"', b'"unknown"')
    async with hostile(streaming(body)) as server:
        reply = await connect(ProviderConfig("openai", server.url, "k")).complete(ask(), nothing)

    assert reply.usage.input > 0
    assert reply.usage.output > 0


async def test_unreadable_arguments_keep_their_text(connect: Connecting, ask: Asking) -> None:
    body = REPLIES["openai"].replace(rb"\"a.py\"}", rb"\"a.p")
    async with hostile(streaming(body)) as server:
        reply = await connect(ProviderConfig("openai", server.url, "k")).complete(ask(), nothing)

    assert [(call.arguments, call.raw) for call in reply.calls] == [(None, '{"path": "a.p')]


async def test_parallel_calls_with_one_index_stay_apart(connect: Connecting, ask: Asking) -> None:
    piece = b'data: {"id":"1","object":"c","created":1,"model":"m","choices":[{"index":0,"delta":%s}]}\n\n'
    call = b'{"tool_calls":[{"index":0,"id":"%s","function":{"name":"read","arguments":"{\\"path\\":\\"%s\\"}"}}]}'
    body = piece % (call % (b"one", b"a")) + piece % (call % (b"two", b"b"))
    end = piece.replace(b"%s}", b'{},"finish_reason":"tool_calls"}')
    async with hostile(streaming(body + end + b"data: [DONE]\n\n")) as server:
        reply = await connect(ProviderConfig("gemini", server.url, "k")).complete(ask(), nothing)

    assert [call.arguments for call in reply.calls] == [{"path": "a"}, {"path": "b"}]


@pytest.mark.parametrize(
    ("provider", "body", "names"),
    [
        ("anthropic", b'{"data": [{"id": "claude-x", "type": "model"}], "has_more": false}', ["anthropic/claude-x"]),
        ("openai", b'{"object": "list", "data": [{"id": "gpt-x", "object": "model"}]}', ["openai/gpt-x"]),
        ("gemini", b'{"object": "list", "data": [{"id": "models/gem-x", "object": "model"}]}', ["gemini/gem-x"]),
        ("ollama", b'{"models": [{"model": "qwen3:8b"}]}', ["ollama/qwen3:8b"]),
    ],
)
async def test_models_on_offer_are_listed_by_their_full_names(
    provider: str, body: bytes, names: list[str], connect: Connecting
) -> None:
    async with hostile(answering(200, body)) as server:
        cards = await connect(ProviderConfig(provider, server.url, "k")).list_models()

    assert [str(card.ref) for card in cards] == names
