"""Meter: asks one model one thing at a time, and keeps count of what that takes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from studio.contracts.chat_model import ChatModel, ModelReply, ModelRequest
from studio.contracts.clock import Clock
from studio.domain.fitness import ToolForm
from studio.domain.messages import ChatMessage, Speaker
from studio.domain.tools import ToolSpec

_SYSTEM = "You do exactly what you are asked, and nothing besides."
_IDLE_SECONDS = 180.0
_TOTAL_SECONDS = 900.0
_LEAST_SECONDS = 0.001
"""What took less by the clock counts as so long: nothing is divided by nothing."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A reply, the milliseconds until its first piece, and how many tokens a second came from then on."""

    reply: ModelReply
    first_token_ms: float
    tokens_per_second: float


class Asked(Protocol):
    """Asks for one reply."""

    async def __call__(
        self, text: str, tools: tuple[ToolSpec, ...] = (), form: ToolForm | None = None, most: int = 1024
    ) -> Heard:
        """Raises ProviderError."""
        ...


class Meter:
    """Asks a model by its name; `tokens` are what all its requests so far counted."""

    def __init__(self, chat_model: ChatModel, name: str, clock: Clock, on_call: Callable[[], None]) -> None:
        self.tokens = 0
        self._chat_model = chat_model
        self._name = name
        self._clock = clock
        self._on_call = on_call

    async def ask(
        self, text: str, tools: tuple[ToolSpec, ...] = (), form: ToolForm | None = None, most: int = 1024
    ) -> Heard:
        """See Asked; `most` tokens are let through at most."""
        self._on_call()
        said = (ChatMessage(Speaker.HUMAN, text),)
        request = ModelRequest(self._name, _SYSTEM, said, tools, most, _IDLE_SECONDS, _TOTAL_SECONDS, tool_form=form)
        started, first = self._clock.monotonic(), 0.0

        def listen(kind: str, piece: str) -> None:
            nonlocal first
            first = first or self._clock.monotonic()

        reply = await self._chat_model.complete(request, listen)
        ended = self._clock.monotonic()
        first = first or ended
        self.tokens += reply.usage.input
        speed = reply.usage.output / max(ended - first, _LEAST_SECONDS)
        return Heard(reply, (first - started) * 1000, speed)
