"""What Studio asks of a model provider: one streamed reply to one request."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from studio.domain.fitness import ToolForm
from studio.domain.images import Image
from studio.domain.messages import ChatMessage, FinishReason, ToolCall
from studio.domain.models import ModelCard
from studio.domain.money import NanoUsd
from studio.domain.tools import ToolSpec
from studio.domain.usage import Usage


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """Everything a model is shown in one step.

    `model` is the provider's own name for it. `max_output_tokens` caps the reply; `idle_seconds` is how
    long the provider may stay silent, before the first byte or between two, until the call fails, and
    `total_seconds` how long the whole reply may take (a provider may have a shorter ceiling of its own).
    `left_out` counts the agent's messages that the first message tells of instead of being there themselves.
    `pictures` holds the bytes of the messages' images, by their hashes; an image without bytes is not shown,
    and the text says so instead. `tool_form` is how the tools are shown; None leaves it to what is known of the model.
    `thinking` is how many tokens the model may think for before it replies, which are part of `max_output_tokens`; 0
    asks for none, None leaves it to the model.
    """

    model: str
    system: str
    messages: tuple[ChatMessage, ...]
    tools: tuple[ToolSpec, ...] = ()
    max_output_tokens: int = 8192
    idle_seconds: float = 60.0
    total_seconds: float = math.inf
    left_out: int = 0
    pictures: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    tool_form: ToolForm | None = None
    thinking: int | None = None

    @property
    def images(self) -> tuple[Image, ...]:
        """The images of all messages and tool answers."""
        return tuple(
            image
            for message in self.messages
            for images in (message.images, *(answer.images for answer in message.answers))
            for image in images
        )


@dataclass(frozen=True, slots=True)
class ModelReply:
    """A complete reply: only a stream that ended as its protocol says becomes one.

    `counted` says that `usage` is all that the provider charges, by its own count; else it is no more than a guess.
    `billed_nusd` is what it says that it charges, where it says so.
    """

    text: str
    calls: tuple[ToolCall, ...]
    finish: FinishReason
    usage: Usage
    thinking: str = ""
    opaque: dict[str, Any] = field(default_factory=dict)
    counted: bool = True
    billed_nusd: NanoUsd | None = None


OnDelta = Callable[[str, str], None]
"""Called as `on_delta(kind, text)` with kind `text` or `thinking` for every piece, on the caller's loop."""


class ChatModel(Protocol):
    """One configured provider. Adapters hold a client, map wire words, and never retry by themselves."""

    async def complete(self, request: ModelRequest, on_delta: OnDelta) -> ModelReply:
        """Streams one reply to its end. Raises ProviderError; cancelling it closes the connection."""
        ...

    async def count_tokens(self, request: ModelRequest) -> int | None:
        """How many tokens `request` counts, as the provider itself says without charging for it; None where none does.

        It may be off by a little. Raises ProviderError.
        """
        ...

    async def list_models(self) -> tuple[ModelCard, ...]:
        """The models on offer. Raises ProviderError."""
        ...

    async def close(self) -> None:
        """Frees connections; the object is not used again."""
        ...
