"""Bounds: how many tokens a request can count at most, known before it is sent."""

from __future__ import annotations

import json
from collections.abc import Iterable

from studio.contracts.chat_model import ModelRequest
from studio.domain.messages import ChatMessage

_PER_PART = 16
"""What a provider's own marks round a message, an answer, a call or a tool may add; they count four to ten."""

PER_REQUEST = 1024
"""What a provider's own words about tools may add to a system prompt; Anthropic documents at most 530."""


_PER_IMAGE = 6_500
"""Four tiles of Llama 3.2 at 1,601 tokens each (Together's documentation); others count at most 4,800."""

_PER_IMAGE_OF = {"gpt-4o-mini": 2_833 + 8 * 5_667}
"""Models that count far more: what OpenAI documents for it in high detail, at the eight tiles of the longest image."""


def most_tokens(request: ModelRequest, model: str = "") -> int:
    """No tokenizer of the providers makes more of `request`: they split bytes, so a token is at least one.

    That is three to four times what text mostly counts. For a thousand messages this takes milliseconds: call it
    in a thread. `model` is the provider's own name for it, since images count differently.
    """
    tools = sum(_bytes(json.dumps([tool.name, tool.description, tool.schema])) + _PER_PART for tool in request.tools)
    return PER_REQUEST + _bytes(request.system) + tools + most_of_messages(request.messages, model)


def most_of_messages(messages: Iterable[ChatMessage], model: str = "") -> int:
    """The same of messages alone."""
    image = next((tokens for part, tokens in _PER_IMAGE_OF.items() if part in model), _PER_IMAGE)
    return sum(_of(message, image) for message in messages)


def _of(message: ChatMessage, image: int) -> int:
    answers = sum(_PER_PART + _bytes(answer.text) + image * len(answer.images) for answer in message.answers)
    calls = sum(_PER_PART + _bytes(call.name) + _json(call.arguments) + _bytes(call.raw) for call in message.calls)
    shown = image * len(message.images) + _json(message.opaque)
    return _PER_PART + _bytes(message.text) + answers + calls + shown


def _bytes(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "replace"))


def _json(value: object) -> int:
    return len(json.dumps(value)) if value else 0
