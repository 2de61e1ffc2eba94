"""Our words as Anthropic's wire words, and its usage and stop reasons as ours."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any, cast

from anthropic.types import (
    MessageDeltaUsage,
    MessageParam,
    TextBlockParam,
    ToolParam,
)
from anthropic.types import (
    Usage as WireUsage,
)

from studio.adapters.providers.anthropic_thinking import with_thoughts
from studio.adapters.providers.calls import arguments_to_send, name_to_send, tokens
from studio.adapters.providers.pictures import NO_BYTES, BytesOf, base64_of
from studio.domain.images import Image
from studio.domain.messages import ChatMessage, FinishReason, Speaker, ToolAnswer
from studio.domain.models import ModelRef
from studio.domain.tools import ToolSpec
from studio.domain.usage import Usage

FINISH: dict[str, FinishReason] = {
    "end_turn": FinishReason.STOP,
    "stop_sequence": FinishReason.STOP,
    "pause_turn": FinishReason.PAUSED,
    "tool_use": FinishReason.TOOL_CALLS,
    "max_tokens": FinishReason.LENGTH,
    "model_context_window_exceeded": FinishReason.LENGTH,
    "refusal": FinishReason.FILTERED,
}

_CACHE_HERE: dict[str, Any] = {"cache_control": {"type": "ephemeral"}}
"""Marks the end of a beginning that the next step sends again unchanged; the wire takes four of them."""


def system_to_send(text: str) -> list[TextBlockParam]:
    """The system prompt as one cached block, or none."""
    return [cast(TextBlockParam, {"type": "text", "text": text} | _CACHE_HERE)] if text else []


def tools_to_send(tools: tuple[ToolSpec, ...]) -> list[ToolParam]:
    """The tools in their order, which must not change between steps or the cache is lost.

    They stay cached by themselves when the system prompt behind them changes.
    """
    sent: list[dict[str, Any]] = [
        {"name": tool.name, "description": tool.description, "input_schema": tool.schema} for tool in tools
    ]
    if sent:
        sent[-1] |= _CACHE_HERE
    return cast(list[ToolParam], sent)


def messages_to_send(
    messages: tuple[ChatMessage, ...], model: ModelRef, thinking: int | None = None, pictures: BytesOf = NO_BYTES
) -> list[MessageParam]:
    """The chat in Anthropic's form; messages that hold nothing are left out, as the wire refuses them.

    The newest two messages to the model are marked: the last one for the next step, and the one before because the
    last step left its cache there, which is looked for only some twenty blocks before a mark.
    """
    contents = ((message, _content(message, model, thinking, pictures)) for message in messages)
    sent = [_message(message, content) for message, content in contents if content]
    for heard in [entry for entry in sent if entry["role"] == "user"][-2:]:
        heard["content"][-1] |= _CACHE_HERE
    return cast(list[MessageParam], sent)


def usage_of(wire: WireUsage | MessageDeltaUsage, before: Usage) -> Usage:
    """Our usage from the wire's, which counts input without the cache and thinking as output.

    What is not said, or said as null, stays as `before`.
    """
    said = wire.cache_read_input_tokens, wire.cache_creation_input_tokens, wire.input_tokens
    known = before.cache_read, before.cache_write, before.input - before.cache_read - before.cache_write
    read, write, fresh = (old if new is None else tokens(new) for new, old in zip(said, known, strict=True))
    output = before.output if wire.output_tokens is None else tokens(wire.output_tokens)
    return Usage(fresh + read + write, output, read, write, min(_of_an_hour(wire, before), write))


def _of_an_hour(wire: WireUsage | MessageDeltaUsage, before: Usage) -> int:
    """What was written to the cache for an hour, which is said with the first event alone."""
    created = wire.cache_creation if isinstance(wire, WireUsage) else None
    return tokens(created.ephemeral_1h_input_tokens) if created else before.cache_write_1h


def _message(message: ChatMessage, content: list[dict[str, Any]]) -> dict[str, Any]:
    role = "assistant" if message.speaker is Speaker.AGENT else "user"
    return {"role": role, "content": content}


def _content(message: ChatMessage, model: ModelRef, thinking: int | None, pictures: BytesOf) -> list[dict[str, Any]]:
    images = (_image(image, pictures) for image in message.images)
    said = with_thoughts(message, model, thinking, partial(_text, message.speaker), _calls(message))
    return [*_answers(message, pictures), *images, *said]


def _answers(message: ChatMessage, pictures: BytesOf) -> Iterable[dict[str, Any]]:
    for answer in message.answers:
        yield {
            "type": "tool_result",
            "tool_use_id": str(answer.call),
            "content": _result(answer, pictures),
            "is_error": not answer.ok,
        }


def _result(answer: ToolAnswer, pictures: BytesOf) -> str | list[dict[str, Any]]:
    text = answer.text or "(no output)"
    if not answer.images:
        return text
    return [{"type": "text", "text": text}, *(_image(image, pictures) for image in answer.images)]


def _image(image: Image, pictures: BytesOf) -> dict[str, Any]:
    source = {"type": "base64", "media_type": image.type.value, "data": base64_of(image, pictures)}
    return {"type": "image", "source": source}


def _text(speaker: Speaker, text: str) -> list[dict[str, Any]]:
    if not text.strip():
        return []
    return [{"type": "text", "text": text.rstrip() if speaker is Speaker.AGENT else text}]


def _calls(message: ChatMessage) -> list[dict[str, Any]]:
    return [
        {"type": "tool_use", "id": str(call.id), "name": name_to_send(call), "input": arguments_to_send(call)}
        for call in message.calls
    ]
