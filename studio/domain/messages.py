"""What is said within a run, in the form every provider's wire words are mapped from and to."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from studio.domain.ids import CallId
from studio.domain.images import Image


class Speaker(StrEnum):
    """Who says a message to the model."""

    HUMAN = "human"
    AGENT = "agent"
    SYSTEM = "system"


class FinishReason(StrEnum):
    """Why a model stopped, in one vocabulary for all providers."""

    STOP = "stop"
    TOOL_CALLS = "tool_calls"
    LENGTH = "length"  # cut by the output limit: its tool calls may be incomplete
    FILTERED = "filtered"  # ended by the provider or by the model itself: neither may be worked round
    PAUSED = "paused"  # not done: it goes on when asked again


@dataclass(frozen=True, slots=True)
class ToolCall:
    """One request by the model for one tool.

    `arguments` is None when the model's JSON could not be read; `raw` then holds what it wrote, and the
    call is answered with the parse error instead of being run. `left_out` counts the characters that were
    too many: such arguments are not read at all, and only their beginning is kept.
    """

    id: CallId
    name: str
    arguments: dict[str, Any] | None
    raw: str = ""
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class ToolAnswer:
    """The one answer to one tool call, as the model reads it."""

    call: CallId
    ok: bool
    text: str
    images: tuple[Image, ...] = ()


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One entry of the context sent to a model.

    `calls` belong to agent messages, `answers` and `images` to human ones (the providers' convention). `opaque` is
    provider data that must go back unchanged to the provider named in it (signed thinking, for example).
    """

    speaker: Speaker
    text: str = ""
    calls: tuple[ToolCall, ...] = ()
    answers: tuple[ToolAnswer, ...] = ()
    opaque: dict[str, Any] = field(default_factory=dict)
    images: tuple[Image, ...] = ()
