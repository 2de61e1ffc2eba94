"""Our words as the chat completions protocol's, and its usage and finish reasons as ours."""

from __future__ import annotations

import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, cast

from openai.types import CompletionUsage
from openai.types.chat import ChatCompletionChunk, ChatCompletionFunctionToolParam, ChatCompletionMessageParam

from studio.adapters.providers.calls import arguments_to_send, name_to_send, tokens
from studio.adapters.providers.faults import is_too_long, words_in
from studio.adapters.providers.gemini_words import signatures_to_send
from studio.adapters.providers.pictures import NO_BYTES, OF_RESULTS, BytesOf, base64_of, of_results
from studio.domain.images import Image
from studio.domain.messages import ChatMessage, FinishReason, Speaker, ToolCall
from studio.domain.models import ModelRef
from studio.domain.money import NanoUsd, from_usd
from studio.domain.providers import Provider
from studio.domain.tools import ToolSpec
from studio.domain.usage import Usage

FINISH: dict[str, FinishReason] = {
    "stop": FinishReason.STOP,
    "tool_calls": FinishReason.TOOL_CALLS,
    "function_call": FinishReason.TOOL_CALLS,
    "length": FinishReason.LENGTH,
    "content_filter": FinishReason.FILTERED,
}

_MOST_USD = 1_000_000
"""More than any call costs: what says so is no bill."""

_ROLES = {Speaker.HUMAN: "user", Speaker.AGENT: "assistant", Speaker.SYSTEM: "system"}

_STATUS_OF_SIGN = {
    "insufficient_quota": 429,
    "rate_limit": 429,
    "context_length": 400,
    "tool_use_failed": 400,
    "authentication": 401,
    "invalid_request": 400,
}

_OLD_LIMIT, _NEW_LIMIT = "max_tokens", "max_completion_tokens"
OTHER_LIMIT = {_OLD_LIMIT: _NEW_LIMIT, _NEW_LIMIT: _OLD_LIMIT}
"""The two names of the cap on the reply: servers of one's own know the older one, OpenAI's newer models refuse it."""


_NOT_KNOWN_SIGNS = (
    "not supported",
    "unsupported",
    "unrecognized",
    "unknown",
    "not permitted",
    "unexpected",
    "not allowed",
)


def output_limit(provider: Provider) -> str:
    """The name of the cap on the reply that a provider is asked with at first."""
    return _OLD_LIMIT if provider.declared or provider.name == "gemini" else _NEW_LIMIT


def refuses(limit: str, status: int, words: str) -> bool:
    """Whether an answer says that the server does not take the cap on the reply under this name."""
    lowered = words.lower()
    return status in (400, 422) and limit in lowered and any(sign in lowered for sign in _NOT_KNOWN_SIGNS)


def tools_to_send(tools: tuple[ToolSpec, ...]) -> list[ChatCompletionFunctionToolParam]:
    """The tools as functions."""
    return [
        {
            "type": "function",
            "function": {"name": tool.name, "description": tool.description, "parameters": tool.schema},
        }
        for tool in tools
    ]


def messages_to_send(
    system: str, messages: tuple[ChatMessage, ...], model: ModelRef, pictures: BytesOf = NO_BYTES
) -> list[ChatCompletionMessageParam]:
    """The chat as wire messages: every tool answer is one of its own, and its images follow in a person's message."""
    sent: list[dict[str, Any]] = [{"role": "system", "content": system}] if system else []
    for message in messages:
        sent.extend(_answers(message))
        sent.extend(_said(message, model, pictures))
    return cast(list[ChatCompletionMessageParam], sent)


def usage_of(wire: CompletionUsage) -> Usage:
    """Our usage from the wire's, whose input already includes what came from the cache.

    Gemini leaves thinking out of the completion but not out of the total, so the larger output counts.
    """
    details = wire.prompt_tokens_details
    prompt = tokens(wire.prompt_tokens)
    output = max(tokens(wire.completion_tokens), tokens(wire.total_tokens) - prompt)
    read = min(tokens(details.cached_tokens if details else 0), prompt)
    write = min(tokens(details.cache_write_tokens if details else 0), prompt - read)
    return Usage(prompt, output, read, write)


def usage_in(chunk: ChatCompletionChunk) -> Usage | None:
    """Our usage from a piece of a stream, None when it counts none: no request is free of input.

    Groq's older servers put it into a field of their own.
    """
    wire, extra = chunk.usage, (chunk.model_extra or {}).get("x_groq")
    if wire is None and isinstance(extra, dict) and isinstance(extra.get("usage"), dict):
        wire = CompletionUsage.construct(**extra["usage"])
    usage = usage_of(wire) if wire is not None else Usage()
    return usage if usage.input else None


def billed_in(chunk: ChatCompletionChunk) -> NanoUsd | None:
    """What the server says in its usage that it charges, in US dollars, as OpenRouter does; None where it does not.

    With a person's own key at the service behind it, that one charges its part, too.
    """
    said = (chunk.usage.model_extra or {}) if chunk.usage is not None else {}
    behind = said.get("cost_details") if said.get("is_byok") else None
    asked = [said.get("cost"), *([behind.get("upstream_inference_cost")] if isinstance(behind, dict) else [])]
    # In Python, though not in JSON, true is a number.
    amounts = [Decimal(str(part)) for part in asked if type(part) in (int, float)]
    if len(amounts) < len(asked) or not all(each.is_finite() and 0 <= each <= _MOST_USD for each in amounts):
        return None
    return from_usd(sum(amounts, Decimal(0)))


def status_of_error(body: object) -> int:
    """The HTTP status of an error inside a stream, which comes under 200 and says what it is in its code or type."""
    return status_said(body) or 500


def status_said(body: object) -> int | None:
    """The HTTP status that the body of an error names or means, None where it does neither."""
    inner = body.get("error", body) if isinstance(body, dict) else body
    said = inner if isinstance(inner, dict) else {}
    if is_too_long(words_in(inner)):
        return 400
    code = said.get("code")
    if isinstance(code, int) and 400 <= code < 600:
        return code
    words = f"{code} {said.get('type')}".lower()
    return next((status for sign, status in _STATUS_OF_SIGN.items() if sign in words), None)


def _answers(message: ChatMessage) -> Iterable[dict[str, Any]]:
    for answer in message.answers:
        text = answer.text or "(no output)"
        content = text if answer.ok else f"The call failed. {text}"
        yield {"role": "tool", "tool_call_id": str(answer.call), "content": content}


def _said(message: ChatMessage, model: ModelRef, pictures: BytesOf) -> Iterable[dict[str, Any]]:
    content = _content(message, pictures)
    if not content and not message.calls:
        return
    entry: dict[str, Any] = {"role": _ROLES[message.speaker], "content": content}
    if message.calls:
        extras = signatures_to_send(message, model)
        entry["tool_calls"] = [_call(call, extras.get(str(call.id))) for call in message.calls]
    yield entry


def _content(message: ChatMessage, pictures: BytesOf) -> str | list[dict[str, Any]] | None:
    of_answers = of_results(message)
    said = message.text if message.text.strip() or message.calls else ""
    if not of_answers and not message.images:
        return said or None
    parts = [_text(OF_RESULTS), *(_image(image, pictures) for image in of_answers)] if of_answers else []
    return [*parts, *(_image(image, pictures) for image in message.images), *([_text(said)] if said else ())]


def _text(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text}


def _image(image: Image, pictures: BytesOf) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": f"data:{image.type.value};base64,{base64_of(image, pictures)}"}}


def _call(call: ToolCall, extra: Any) -> dict[str, Any]:
    function = {"name": name_to_send(call), "arguments": json.dumps(arguments_to_send(call))}
    entry = {"id": str(call.id), "type": "function", "function": function}
    return entry | {"extra_content": extra} if extra else entry
