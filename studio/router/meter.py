"""Meter: asks one model one thing at a time, and keeps count of what that takes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from studio.contracts.chat_model import ModelReply, ModelRequest, OnDelta
from studio.contracts.clock import Clock
from studio.domain.fitness import ToolForm
from studio.domain.messages import ChatMessage, Speaker
from studio.domain.tools import ToolSpec

_SYSTEM = "You do exactly what you are asked, and nothing besides."
_LEAST_SECONDS = 0.001
"""What took less by the clock counts as so long: nothing is divided by nothing."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A reply, the milliseconds until its first piece, and how many tokens a second came from then on.

    Of a reply that came all at once, both count from when it was asked for to its end.
    """

    reply: ModelReply
    first_token_ms: float
    tokens_per_second: float


OnReply = Callable[[ModelReply, float], None]
"""Called with each reply and the milliseconds that it took."""


class Replying(Protocol):
    """What a model is asked through."""

    async def complete(self, request: ModelRequest, on_delta: OnDelta) -> ModelReply:
        """See ChatModel."""
        ...


class Meter:
    """Asks a model by its name; `tokens` are what all its requests so far counted.

    A model may be silent for `idle_seconds`, and take `total_seconds` for one reply.
    """

    def __init__(
        self,
        chat_model: Replying,
        name: str,
        clock: Clock,
        on_call: Callable[[], None] = lambda: None,
        on_reply: OnReply = lambda _reply, _milliseconds: None,
        idle_seconds: float = 180.0,
        total_seconds: float = 900.0,
    ) -> None:
        self.tokens = 0
        self._chat_model = chat_model
        self._name = name
        self._clock = clock
        self._on_call = on_call
        self._on_reply = on_reply
        self._seconds = idle_seconds, total_seconds

    async def ask(
        self, text: str, tools: tuple[ToolSpec, ...] = (), form: ToolForm | None = None, most: int = 1024
    ) -> Heard:
        """One reply, of which `most` tokens are let through at most. Raises ProviderError."""
        self._on_call()
        said = (ChatMessage(Speaker.HUMAN, text),)
        request = ModelRequest(self._name, _SYSTEM, said, tools, most, *self._seconds, tool_form=form)
        started, first = self._clock.monotonic(), 0.0

        def listen(kind: str, piece: str) -> None:
            nonlocal first
            first = first or self._clock.monotonic()

        reply = await self._chat_model.complete(request, listen)
        ended = self._clock.monotonic()
        self._on_reply(reply, (ended - started) * 1000)
        self.tokens += reply.usage.input
        speed = reply.usage.output / max(ended - (first or started), _LEAST_SECONDS)
        return Heard(reply, ((first or ended) - started) * 1000, speed)
