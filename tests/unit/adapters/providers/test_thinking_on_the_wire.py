"""Thinking over Anthropic's wire: how models are told to, and that signed thoughts go back to whom they came from."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from studio.adapters.providers import anthropic_words
from studio.adapters.providers.config import ProviderConfig
from studio.contracts.chat_model import ModelReply, ModelRequest
from studio.domain.errors import ProviderFault
from studio.domain.ids import CallId
from studio.domain.messages import ChatMessage, Speaker, ToolAnswer, ToolCall
from studio.domain.models import ModelRef
from studio.router.thinking import for_model
from tests.fixtures.aimock import calling, conversation, saying
from tests.fixtures.hostile_provider import hostile, streaming
from tests.fixtures.providers import Asking, Connecting, failing, nothing
from tests.fixtures.wire_samples import REPLIES, anthropic_stream
from tests.unit.adapters.providers.test_provider_replies import Serving, answered

SONNET, OPUS = ModelRef("anthropic", "claude-sonnet-4-5"), ModelRef("anthropic", "claude-opus-5")
ASKED = ChatMessage(Speaker.HUMAN, "What is in a.py?")
THOUGHT = {"type": "thinking", "thinking": "Hm.", "signature": "c2ln"}
HIDDEN = {"type": "redacted_thinking", "data": "ZGF0YQ=="}


def body_of(request: bytes) -> dict[str, Any]:
    """What was asked of the server."""
    body: dict[str, Any] = json.loads(request.partition(b"\r\n\r\n")[2])
    return body


def sent(messages: Sequence[ChatMessage], model: ModelRef, thinking: int | None) -> list[list[str]]:
    """The kinds of blocks of each message."""
    told: list[Any] = list(anthropic_words.messages_to_send(tuple(messages), model, thinking))
    return [[block["type"] for block in message["content"]] for message in told]


FORMS: dict[str, tuple[str, int | None, dict[str, Any]]] = {
    "a budget": (
        "claude-sonnet-4-5",
        8000,
        {"thinking": {"type": "enabled", "budget_tokens": 8000}, "max_tokens": 16_192},
    ),
    "no budget": ("claude-sonnet-4-5", 0, {"max_tokens": 8192}),
    "left to a model that thinks only when told": ("claude-opus-4-20250514", None, {"max_tokens": 8192}),
    "too old to think": ("claude-3-5-haiku-latest", 8000, {"max_tokens": 8192}),
    "told how hard": (
        "claude-opus-4-8",
        8000,
        {
            "thinking": {"type": "adaptive", "display": "summarized"},
            "output_config": {"effort": "medium"},
            "max_tokens": 16_192,
        },
    ),
    "told not to": ("claude-opus-5", 0, {"thinking": {"type": "disabled"}, "max_tokens": 8192}),
    "cannot be told not to": ("claude-fable-5-1", 0, {"output_config": {"effort": "low"}, "max_tokens": 8192}),
    "left to a model that thinks by itself": ("claude-sonnet-5-5", None, {"max_tokens": 8192}),
}


@pytest.mark.parametrize("name", FORMS)
async def test_each_model_is_told_to_think_in_the_way_it_knows(name: str, connect: Connecting, ask: Asking) -> None:
    model, wanted, expected = FORMS[name]
    async with hostile(streaming(REPLIES["anthropic"])) as server:
        request = for_model(replace(ask(model=model), thinking=wanted), ModelRef("anthropic", model))
        await connect(ProviderConfig("anthropic", server.url, "k")).complete(request, nothing)

    body = body_of(server.requests[-1])
    assert {key: body[key] for key in ("thinking", "output_config", "max_tokens") if key in body} == expected


async def story_of(model: ModelRef, connect: Connecting, ask: Asking, blocks: list[dict[str, Any]]) -> ModelReply:
    """What a model replied with these blocks."""
    async with hostile(streaming(anthropic_stream(blocks))) as server:
        return await connect(ProviderConfig("anthropic", server.url, "k")).complete(ask(model=model.name), nothing)


TOOL = {"type": "tool_use", "id": "t1", "name": "read", "input": {"path": "a.py"}}
TEXT = {"type": "text", "text": "I look. "}


@pytest.mark.parametrize(
    "blocks",
    [
        [THOUGHT, TOOL],
        [THOUGHT, HIDDEN, TEXT, TOOL],
        [THOUGHT, TEXT, HIDDEN, TOOL],
        [TEXT, THOUGHT, TOOL, THOUGHT, TOOL],
    ],
    ids=["before", "hidden", "between text and call", "between calls"],
)
async def test_thoughts_go_back_unchanged_and_in_the_places_they_had(
    blocks: list[dict[str, Any]], connect: Connecting, ask: Asking
) -> None:
    reply = await story_of(OPUS, connect, ask, blocks)
    told: list[Any] = list(anthropic_words.messages_to_send((ASKED, *answered(reply, "x = 1")), OPUS))

    assert [block["type"] for block in told[1]["content"]] == [block["type"] for block in blocks]
    thoughts = [block for block in told[1]["content"] if "thinking" in block["type"]]
    assert thoughts == [block for block in blocks if "thinking" in block["type"]]


async def test_a_signature_of_one_model_is_never_sent_to_another(connect: Connecting, ask: Asking) -> None:
    reply = await story_of(OPUS, connect, ask, [THOUGHT, TEXT, TOOL])
    chat = (ASKED, *answered(reply, "x = 1"))

    assert sent(chat, OPUS, None)[1] == ["thinking", "text", "tool_use"]
    for other in (SONNET, ModelRef("anthropic", "claude-opus-5-5"), ModelRef("elsewhere", "claude-opus-5")):
        assert sent(chat, other, 8000)[1] == ["text", "tool_use"]


def test_a_model_that_is_told_not_to_think_is_sent_no_thoughts() -> None:
    opaque = {"provider": "anthropic", "model": OPUS.name, "thinking": [THOUGHT]}
    chat = (ASKED, ChatMessage(Speaker.AGENT, "It adds.", opaque=opaque), ASKED)

    assert sent(chat, OPUS, 0)[1] == ["text"]


def test_thoughts_that_came_to_nothing_are_left_out() -> None:
    opaque = {"provider": "anthropic", "model": OPUS.name, "thinking": [THOUGHT], "behind": [[0, 0]]}

    assert sent((ASKED, ChatMessage(Speaker.AGENT, opaque=opaque), ASKED), OPUS, None) == [["text"], ["text"]]


def test_thoughts_from_before_their_model_was_kept_go_to_nobody() -> None:
    opaque = {"provider": "anthropic", "thinking": [THOUGHT]}

    assert sent((ASKED, ChatMessage(Speaker.AGENT, "It adds.", opaque=opaque)), OPUS, 8000)[1] == ["text"]


async def test_a_turn_that_began_without_thoughts_goes_on_without_them_as_the_server_insists(
    model_server: Serving, connect: Connecting, ask: Asking
) -> None:
    server = model_server(conversation(calling("read", {"path": "a.py"}), saying("It adds.")))
    model = connect(ProviderConfig("anthropic", server.base_urls["anthropic"], "test-key"))
    first = await model.complete(ask(ASKED, model=SONNET.name), nothing)
    going_on = replace(ask(ASKED, *answered(first, "x + y"), model=SONNET.name), thinking=4000)

    assert (await failing(model, replace(going_on, max_output_tokens=9000))).fault is ProviderFault.BAD_REQUEST
    assert (await model.complete(for_model(going_on, SONNET), nothing)).text == "It adds."


async def test_what_a_model_thinks_is_heard_and_kept_with_its_name(
    model_server: Serving, connect: Connecting, ask: Asking
) -> None:
    server = model_server(conversation(calling("read", {"path": "a.py"}, reasoning="Look."), saying("It adds.")))
    model = connect(ProviderConfig("anthropic", server.base_urls["anthropic"], "test-key"))
    heard: list[tuple[str, str]] = []
    request = for_model(replace(ask(ASKED, model=SONNET.name), thinking=4000), SONNET)
    first = await model.complete(request, lambda kind, text: heard.append((kind, text)))
    going_on = replace(ask(ASKED, *answered(first, "x + y"), model=SONNET.name), thinking=4000)
    last = await model.complete(for_model(going_on, SONNET), nothing)

    assert "".join(text for kind, text in heard if kind == "thinking") == first.thinking == "Look."
    assert first.opaque["model"] == SONNET.name
    assert last.text == "It adds."


def test_between_a_call_and_its_answer_only_a_model_that_thought_goes_on_thinking() -> None:
    call = ToolCall(CallId("c00000001"), "read", {"path": "a.py"})
    answer = ChatMessage(Speaker.HUMAN, answers=(ToolAnswer(call.id, True, "x"),))
    signed = {"provider": "anthropic", "model": SONNET.name, "thinking": [THOUGHT]}
    thoughtful, plain = (ChatMessage(Speaker.AGENT, calls=(call,), opaque=opaque) for opaque in (signed, {}))

    def wanted(*chat: ChatMessage) -> int | None:
        return for_model(ModelRequest("", "", (ASKED, *chat), thinking=2000), SONNET).thinking

    assert wanted() == 2000
    assert wanted(thoughtful, answer) == 2000
    assert wanted(thoughtful, answer, plain, answer) == 2000
    assert wanted(plain, answer) == 0
    assert wanted(plain, answer, thoughtful, answer) == 0
    assert wanted(plain, answer, ASKED) == 2000
