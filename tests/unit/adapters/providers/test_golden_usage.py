"""From the SDKs' own words for usage to ours, and to what it costs at listed prices."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from anthropic.types import CacheCreation, MessageDeltaUsage, OutputTokensDetails, ServerToolUsage
from anthropic.types import Usage as AnthropicUsage
from ollama import ChatResponse
from openai.types import CompletionUsage
from openai.types.chat import ChatCompletionChunk
from openai.types.completion_usage import CompletionTokensDetails, PromptTokensDetails

from studio.adapters.providers import anthropic_words, ollama_words, openai_words
from studio.adapters.providers.config import ProviderConfig
from studio.contracts.chat_model import ModelRequest
from studio.domain.messages import ChatMessage, Speaker
from studio.domain.models import ModelRef
from studio.domain.usage import Usage
from studio.router.prices import Prices
from tests.fixtures.hostile_provider import hostile, streaming
from tests.fixtures.providers import Asking, Connecting, nothing
from tests.fixtures.wire_samples import REPLIES

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
SONNET, GPT, PRO = "anthropic/claude-sonnet-4-5", "openai/gpt-5", "gemini/gemini-2.5-pro"
LLAMA, OSS = "groq/llama-3.3-70b-versatile", "groq/openai/gpt-oss-120b"


@dataclass(frozen=True, slots=True)
class Golden:
    """What an SDK says, what that is in our words, and what it costs in billionths of a dollar."""

    model: str
    said: Usage
    usage: Usage
    nusd: int


def anthropic(end: MessageDeltaUsage | None = None, **begin: Any) -> Usage:
    """What a stream says with its first event and its last."""
    begun = anthropic_words.usage_of(AnthropicUsage(**{"output_tokens": 1, **begin}), Usage())
    return begun if end is None else anthropic_words.usage_of(end, begun)


def ended(output: int, **more: Any) -> MessageDeltaUsage:
    """The last event's count."""
    return MessageDeltaUsage(output_tokens=output, **more)


def openai(
    prompt: int,
    completion: int,
    total: int = 0,
    of_prompt: PromptTokensDetails | None = None,
    of_completion: CompletionTokensDetails | None = None,
    **chunk: Any,
) -> Usage:
    """What the last piece of a stream says."""
    said = CompletionUsage(
        prompt_tokens=prompt,
        completion_tokens=completion,
        total_tokens=total or prompt + completion,
        prompt_tokens_details=of_prompt,
        completion_tokens_details=of_completion,
    )
    return openai_words.usage_of(said)


GOLDEN: dict[str, Golden] = {
    "anthropic plain: 3 and 15 dollars a million": Golden(
        SONNET, anthropic(ended(100), input_tokens=1000), Usage(1000, 100), 4_500_000
    ),
    "anthropic cache read: 0.30": Golden(
        SONNET, anthropic(ended(0), input_tokens=0, cache_read_input_tokens=1000), Usage(1000, 0, 1000), 300_000
    ),
    "anthropic cache write of five minutes: 3.75": Golden(
        SONNET,
        anthropic(
            ended(0),
            input_tokens=0,
            cache_creation_input_tokens=1000,
            cache_creation=CacheCreation(ephemeral_5m_input_tokens=1000, ephemeral_1h_input_tokens=0),
        ),
        Usage(1000, 0, 0, 1000),
        3_750_000,
    ),
    "anthropic cache write of an hour: 6": Golden(
        SONNET,
        anthropic(
            ended(0),
            input_tokens=0,
            cache_creation_input_tokens=1000,
            cache_creation=CacheCreation(ephemeral_5m_input_tokens=400, ephemeral_1h_input_tokens=600),
        ),
        Usage(1000, 0, 0, 1000, 600),
        1_500_000 + 3_600_000,
    ),
    "anthropic an hour in the second tier: 12": Golden(
        SONNET,
        anthropic(
            ended(0, cache_creation_input_tokens=300_000),
            input_tokens=0,
            cache_creation_input_tokens=300_000,
            cache_creation=CacheCreation(ephemeral_5m_input_tokens=0, ephemeral_1h_input_tokens=300_000),
        ),
        Usage(300_000, 0, 0, 300_000, 300_000),
        300_000 * 12_000,
    ),
    "anthropic more for an hour than was written is at most all of it": Golden(
        SONNET,
        anthropic(
            ended(0),
            input_tokens=10,
            cache_creation_input_tokens=100,
            cache_creation=CacheCreation(ephemeral_5m_input_tokens=0, ephemeral_1h_input_tokens=900),
        ),
        Usage(110, 0, 0, 100, 100),
        30_000 + 600_000,
    ),
    "anthropic all of them at once": Golden(
        SONNET,
        anthropic(ended(100), input_tokens=100, cache_read_input_tokens=600, cache_creation_input_tokens=300),
        Usage(1000, 100, 600, 300),
        300_000 + 180_000 + 1_125_000 + 1_500_000,
    ),
    "anthropic thinking is output": Golden(
        SONNET,
        anthropic(ended(500, output_tokens_details=OutputTokensDetails(thinking_tokens=400)), input_tokens=10),
        Usage(10, 500),
        30_000 + 7_500_000,
    ),
    "anthropic fields nobody asked for count nothing": Golden(
        SONNET,
        anthropic(
            ended(10),
            input_tokens=10,
            service_tier="standard",
            server_tool_use=ServerToolUsage(web_search_requests=0, web_fetch_requests=0),
        ),
        Usage(10, 10),
        180_000,
    ),
    "anthropic 200,000 tokens are in the first tier": Golden(
        SONNET, anthropic(ended(1000), input_tokens=200_000), Usage(200_000, 1000), 615_000_000
    ),
    "anthropic one more, cached or not, puts all of it into the second": Golden(
        SONNET,
        anthropic(ended(1000), input_tokens=1, cache_read_input_tokens=200_000),
        Usage(200_001, 1000, 200_000),
        6_000 + 200_000 * 600 + 1000 * 22_500,
    ),
    "anthropic second tier for reads and writes of the cache": Golden(
        SONNET,
        anthropic(
            ended(1000), input_tokens=50_000, cache_read_input_tokens=200_000, cache_creation_input_tokens=50_000
        ),
        Usage(300_000, 1000, 200_000, 50_000),
        50_000 * 6_000 + 200_000 * 600 + 50_000 * 7_500 + 1000 * 22_500,
    ),
    "openai plain: 1.25 and 10": Golden(GPT, openai(1000, 100), Usage(1000, 100), 2_250_000),
    "openai cache read: 0.125": Golden(
        GPT, openai(1000, 0, of_prompt=PromptTokensDetails(cached_tokens=600)), Usage(1000, 0, 600), 575_000
    ),
    "openai cache write, at the price of input while the list knows no other": Golden(
        GPT,
        openai(1000, 0, of_prompt=PromptTokensDetails(cached_tokens=600, cache_write_tokens=300)),
        Usage(1000, 0, 600, 300),
        575_000,
    ),
    "openai reasoning is output already": Golden(
        GPT,
        openai(100, 300, of_completion=CompletionTokensDetails(reasoning_tokens=250)),
        Usage(100, 300),
        125_000 + 3_000_000,
    ),
    "openai audio and rejected predictions are in the sums": Golden(
        GPT,
        openai(
            100,
            50,
            of_prompt=PromptTokensDetails(audio_tokens=40, cached_tokens=0),
            of_completion=CompletionTokensDetails(audio_tokens=20, rejected_prediction_tokens=10),
        ),
        Usage(100, 50),
        125_000 + 500_000,
    ),
    "groq plain: 0.59 and 0.79": Golden(LLAMA, openai(1000, 1000), Usage(1000, 1000), 1_380_000),
    "groq cache read at half of 0.15": Golden(
        OSS, openai(1000, 0, of_prompt=PromptTokensDetails(cached_tokens=500)), Usage(1000, 0, 500), 112_500
    ),
    "gemini plain: 1.25 and 10": Golden(PRO, openai(1000, 100), Usage(1000, 100), 2_250_000),
    "gemini thinking is in the total alone": Golden(PRO, openai(1000, 100, 1400), Usage(1000, 400), 5_250_000),
    "gemini cache read: 0.125": Golden(
        PRO, openai(1000, 0, of_prompt=PromptTokensDetails(cached_tokens=1000)), Usage(1000, 0, 1000), 125_000
    ),
    "gemini 200,000 tokens are in the first tier": Golden(
        PRO, openai(200_000, 1000), Usage(200_000, 1000), 260_000_000
    ),
    "gemini one more is in the second: 2.50 and 15": Golden(
        PRO, openai(200_001, 1000), Usage(200_001, 1000), 515_002_500
    ),
    "gemini thinking with most from the cache": Golden(
        PRO,
        openai(10_000, 100, 11_100, of_prompt=PromptTokensDetails(cached_tokens=8_000)),
        Usage(10_000, 1_100, 8_000),
        2_000 * 1_250 + 8_000 * 125 + 1_100 * 10_000,
    ),
    "gemini thinking of a small model: 0.30 and 2.50": Golden(
        "gemini/gemini-2.5-flash", openai(1000, 0, 1600), Usage(1000, 600), 300_000 + 1_500_000
    ),
    "gemini thinking that is counted in both is counted once": Golden(
        PRO,
        openai(1000, 400, 1400, of_completion=CompletionTokensDetails(reasoning_tokens=300)),
        Usage(1000, 400),
        5_250_000,
    ),
    "gemini without a total counts what it says": Golden(PRO, openai(1000, 100, -1), Usage(1000, 100), 2_250_000),
    "more from the cache than was sent is at most all of it": Golden(
        GPT, openai(100, 0, of_prompt=PromptTokensDetails(cached_tokens=900)), Usage(100, 0, 100), 12_500
    ),
    "fewer tokens than none are none": Golden(
        GPT, openai(100, -50, -10, of_prompt=PromptTokensDetails(cached_tokens=-5)), Usage(100, 0), 125_000
    ),
    "anthropic nulls are what was said before": Golden(
        SONNET,
        anthropic(ended(5, input_tokens=None, cache_read_input_tokens=None), input_tokens=10),
        Usage(10, 5),
        105_000,
    ),
}


@pytest.mark.parametrize("name", GOLDEN)
async def test_what_an_sdk_counts_is_what_we_count_and_costs_what_is_listed(name: str) -> None:
    golden = GOLDEN[name]

    assert golden.said == golden.usage
    assert await Prices().cost(ModelRef.parse(golden.model), golden.usage, NEW_YEAR) == golden.nusd


async def test_ollama_counts_tokens_and_costs_nothing() -> None:
    asked = ModelRequest("m", "s", (ChatMessage(Speaker.HUMAN, "Hello."),))
    last = ChatResponse.model_validate(
        {"message": {"role": "assistant"}, "prompt_eval_count": 700, "eval_count": 90, "eval_duration": 5}
    )
    usage = ollama_words.usage_of(last, asked, 400)

    assert usage == Usage(700, 90)
    assert await Prices().cost(ModelRef("ollama", "qwen3:8b"), usage, NEW_YEAR) == 0


def chunk(**more: Any) -> ChatCompletionChunk:
    return ChatCompletionChunk.construct(id="1", choices=[], created=1, model="m", **more)


def test_what_groq_counts_in_a_field_of_its_own_is_read() -> None:
    counted = {"prompt_tokens": 70, "completion_tokens": 9, "total_tokens": 79, "queue_time": 0.1}

    assert openai_words.usage_in(chunk(x_groq={"id": "req_1", "usage": counted})) == Usage(70, 9)


@pytest.mark.parametrize("odd", [{}, {"x_groq": None}, {"x_groq": {"id": "req_1"}}, {"x_groq": [1]}])
def test_a_piece_that_counts_nothing_is_no_usage(odd: dict[str, Any]) -> None:
    assert openai_words.usage_in(chunk(**odd)) is None


Edit = Callable[[bytes], bytes]


def told(before: bytes, after: bytes) -> Edit:
    """Puts one count into the place of another."""

    def edit(body: bytes) -> bytes:
        assert before in body
        return body.replace(before, after)

    return edit


NOT_COUNTED: dict[str, tuple[str, Edit]] = {
    "anthropic: no count at the end": ("anthropic", told(b'"type": "message_delta"', b'"type": "unknown"')),
    "anthropic: no input at all": (
        "anthropic",
        told(
            b'"input_tokens": 10, "cache_read_input_tokens": 200, "cache_creation_input_tokens": 30',
            b'"input_tokens": 0',
        ),
    ),
    "openai: none": ("openai", told(b'"usage"', b'"unknown"')),
    "openai: null": ("openai", told(b'"usage": {', b'"usage": null, "was": {')),
    "openai: zeros": ("openai", told(b'"prompt_tokens": 240', b'"prompt_tokens": 0')),
    "ollama: none": ("ollama", told(b', "prompt_eval_count": 240, "eval_count": 42', b"")),
    "ollama: half": ("ollama", told(b'"prompt_eval_count": 240, ', b"")),
}


@pytest.mark.parametrize("name", NOT_COUNTED)
async def test_a_reply_whose_count_is_missing_or_not_all_says_so_and_is_never_free(
    name: str, connect: Connecting, ask: Asking
) -> None:
    wire, edit = NOT_COUNTED[name]
    async with hostile(streaming(edit(REPLIES[wire]))) as server:
        reply = await connect(ProviderConfig(wire, server.url, "k")).complete(ask(), nothing)

    assert not reply.counted
    assert reply.usage.input > 0
    assert reply.usage.output >= len("Hello there") // 4


async def test_a_reply_that_is_counted_says_so(wire: str, connect: Connecting, ask: Asking) -> None:
    async with hostile(streaming(REPLIES[wire])) as server:
        reply = await connect(ProviderConfig(wire, server.url, "k")).complete(ask(), nothing)

    assert reply.counted
