"""Usage and history on the SDKs' own types, where no server of ours can say them."""

from __future__ import annotations

from typing import Any

import pytest
from anthropic.types import MessageDeltaUsage
from anthropic.types import Usage as AnthropicUsage
from hypothesis import given
from hypothesis import strategies as st
from ollama import ChatResponse
from openai.types import CompletionUsage
from openai.types.completion_usage import CompletionTokensDetails, PromptTokensDetails

from studio.adapters.providers import anthropic_words, ollama_words, openai_words
from studio.adapters.providers.gemini_words import UNSIGNED
from studio.contracts.chat_model import ModelRequest
from studio.domain.ids import CallId
from studio.domain.messages import ChatMessage, Speaker, ToolAnswer, ToolCall
from studio.domain.models import ModelRef
from studio.domain.providers import BUILT_IN
from studio.domain.usage import Usage

TOKENS = st.integers(min_value=0, max_value=10**7)
ASKED = ModelRequest("m", "s", (ChatMessage(Speaker.HUMAN, "four" * 10),))

CLAUDE, GPT = ModelRef("anthropic", "claude-sonnet-4-5"), ModelRef("openai", "gpt-5")
READ = ToolCall(CallId("c00000001"), "read", {"path": "a.py"})
BROKEN = ToolCall(CallId("c00000002"), "edit", None, '{"path": ')
HISTORY = (
    ChatMessage(Speaker.HUMAN, "Fix it."),
    ChatMessage(Speaker.AGENT, "I look. ", calls=(READ, BROKEN)),
    ChatMessage(
        Speaker.HUMAN,
        "And hurry.",
        answers=(ToolAnswer(READ.id, True, "x = 1"), ToolAnswer(BROKEN.id, False, "no JSON")),
    ),
    ChatMessage(Speaker.SYSTEM, "The preview broke."),
)


@given(fresh=TOKENS, read=TOKENS, write=TOKENS, output=TOKENS)
def test_anthropic_input_counts_what_the_cache_read_and_wrote(fresh: int, read: int, write: int, output: int) -> None:
    wire = AnthropicUsage(
        input_tokens=fresh, output_tokens=1, cache_read_input_tokens=read, cache_creation_input_tokens=write
    )

    started = anthropic_words.usage_of(wire, Usage())
    ended = anthropic_words.usage_of(MessageDeltaUsage(output_tokens=output), started)

    assert ended == Usage(fresh + read + write, output, read, write)


def test_anthropic_corrects_its_input_at_the_end() -> None:
    started = anthropic_words.usage_of(AnthropicUsage(input_tokens=10, output_tokens=1), Usage())
    last = MessageDeltaUsage(
        input_tokens=12, output_tokens=5, cache_read_input_tokens=3, cache_creation_input_tokens=None
    )

    assert anthropic_words.usage_of(last, started) == Usage(15, 5, 3, 0)


def test_openai_input_holds_the_cached_tokens_already() -> None:
    wire = CompletionUsage(
        prompt_tokens=100,
        completion_tokens=30,
        total_tokens=130,
        prompt_tokens_details=PromptTokensDetails(cached_tokens=64),
        completion_tokens_details=CompletionTokensDetails(reasoning_tokens=20),
    )

    assert openai_words.usage_of(wire) == Usage(100, 30, 64, 0)


def test_gemini_thinking_counts_as_output_although_only_the_total_has_it() -> None:
    wire = CompletionUsage(prompt_tokens=100, completion_tokens=30, total_tokens=180)

    assert openai_words.usage_of(wire).output == 80


@given(prompt=TOKENS, completion=TOKENS, total=TOKENS, cached=TOKENS)
def test_no_counts_of_a_server_give_impossible_usage(prompt: int, completion: int, total: int, cached: int) -> None:
    usage = openai_words.usage_of(
        CompletionUsage(
            prompt_tokens=prompt,
            completion_tokens=completion,
            total_tokens=total,
            prompt_tokens_details=PromptTokensDetails(cached_tokens=cached),
        )
    )

    assert usage.output >= completion
    assert 0 <= usage.cache_read <= usage.input


WRONG = st.integers(min_value=-(10**30), max_value=10**30)


@given(fresh=WRONG, read=WRONG, write=WRONG, output=WRONG)
def test_counts_that_cannot_be_never_lower_what_a_call_used(fresh: int, read: int, write: int, output: int) -> None:
    wire = AnthropicUsage.construct(
        input_tokens=fresh, output_tokens=output, cache_read_input_tokens=read, cache_creation_input_tokens=write
    )
    last = ChatResponse.model_validate({"message": {"role": "assistant"}, "prompt_eval_count": read, "eval_count": 1})
    counted = CompletionUsage.construct(prompt_tokens=fresh, completion_tokens=output, total_tokens=write)
    for usage in (
        anthropic_words.usage_of(wire, Usage()),
        openai_words.usage_of(counted),
        ollama_words.usage_of(last, ASKED, 400),
    ):
        parts = (usage.input, usage.output, usage.cache_read, usage.cache_write)
        assert all(0 <= part < 2**62 for part in parts)
        assert usage.cache_read + usage.cache_write <= usage.input


def test_ollama_counts_come_from_the_last_line() -> None:
    last = ChatResponse.model_validate({"message": {"role": "assistant"}, "prompt_eval_count": 70, "eval_count": 9})

    assert ollama_words.usage_of(last, ASKED, 400) == Usage(70, 9)


def test_ollama_without_counts_is_estimated() -> None:
    last = ChatResponse.model_validate({"message": {"role": "assistant"}})

    assert ollama_words.usage_of(last, ASKED, 400) == Usage(11, 101)


def test_history_for_anthropic() -> None:
    human, agent, answers, system = (dict(message) for message in anthropic_words.messages_to_send(HISTORY, CLAUDE))

    assert human == {"role": "user", "content": [{"type": "text", "text": "Fix it."}]}
    assert agent["role"] == "assistant"
    assert agent["content"] == [
        {"type": "text", "text": "I look."},
        {"type": "tool_use", "id": "c00000001", "name": "read", "input": {"path": "a.py"}},
        {"type": "tool_use", "id": "c00000002", "name": "edit", "input": {"unreadable": '{"path": '}},
    ]
    assert answers["content"] == [
        {"type": "tool_result", "tool_use_id": "c00000001", "content": "x = 1", "is_error": False},
        {"type": "tool_result", "tool_use_id": "c00000002", "content": "no JSON", "is_error": True},
        {"type": "text", "text": "And hurry.", "cache_control": {"type": "ephemeral"}},
    ]
    assert system["role"] == "user"


def test_cache_is_marked_at_the_end_of_what_the_next_step_sends_again() -> None:
    mark = {"type": "ephemeral"}
    sent: list[Any] = list(anthropic_words.messages_to_send(HISTORY, CLAUDE))
    marked = [block for message in sent for block in message["content"] if "cache_control" in block]

    assert marked == [
        {"type": "text", "text": "And hurry.", "cache_control": mark},
        {"type": "text", "text": "The preview broke.", "cache_control": mark},
    ]
    assert anthropic_words.system_to_send("Be kind.") == [{"type": "text", "text": "Be kind.", "cache_control": mark}]


def test_history_for_openai() -> None:
    system, human, agent, first, second, hurry, note = openai_words.messages_to_send("Be kind.", HISTORY, GPT)

    assert [message["role"] for message in (system, human, note)] == ["system", "user", "system"]
    assert agent == {
        "role": "assistant",
        "content": "I look. ",
        "tool_calls": [
            {"id": "c00000001", "type": "function", "function": {"name": "read", "arguments": '{"path": "a.py"}'}},
            {
                "id": "c00000002",
                "type": "function",
                "function": {"name": "edit", "arguments": '{"unreadable": "{\\"path\\": "}'},
            },
        ],
    }
    assert first == {"role": "tool", "tool_call_id": "c00000001", "content": "x = 1"}
    assert second == {"role": "tool", "tool_call_id": "c00000002", "content": "The call failed. no JSON"}
    assert hurry == {"role": "user", "content": "And hurry."}


def test_history_for_ollama_names_the_tool_of_each_answer() -> None:
    sent = ollama_words.messages_to_send("Be kind.", HISTORY)

    assert [message["role"] for message in sent] == ["system", "user", "assistant", "tool", "tool", "user", "system"]
    assert [message.get("tool_name") for message in sent if message["role"] == "tool"] == ["read", "edit"]


SIGNATURE = {"google": {"thought_signature": "s"}}


@pytest.mark.parametrize(
    ("model", "sent"),
    [
        ("gemini/gemini-3-pro-preview", SIGNATURE),
        ("gemini/gemini-3.8-flash", UNSIGNED),
        ("gemini/gemini-2.5-pro", None),
        ("openai/gemini-3-pro-preview", None),
        ("openai/gpt-5", None),
    ],
)
def test_a_signature_goes_back_only_to_the_very_model_that_made_it(model: str, sent: object) -> None:
    opaque = {"provider": "gemini", "model": "gemini-3-pro-preview", "extra_content": {"c00000001": SIGNATURE}}
    said = ChatMessage(Speaker.AGENT, calls=(READ, BROKEN), opaque=opaque)

    told: Any = openai_words.messages_to_send("", (said,), ModelRef.parse(model))
    first, second = told[0]["tool_calls"]

    assert first.get("extra_content") == sent
    assert "extra_content" not in second


@pytest.mark.parametrize(("provider", "name"), [("openai", "max_completion_tokens"), ("gemini", "max_tokens")])
def test_output_limit_goes_by_the_name_the_provider_knows(provider: str, name: str) -> None:
    assert openai_words.output_limit(BUILT_IN[provider]) == name
