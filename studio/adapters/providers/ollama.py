"""Ollama's chat protocol as a chat model."""

from __future__ import annotations

import asyncio
import json
from contextlib import aclosing
from dataclasses import dataclass, field

import ollama

from studio.adapters.providers import faults, ollama_cuts, ollama_models, ollama_pull
from studio.adapters.providers.bodies import body_of
from studio.adapters.providers.calls import accounted, finish_with, read_call, used_so_far
from studio.adapters.providers.config import ProviderConfig
from studio.adapters.providers.ollama_models import Models
from studio.adapters.providers.ollama_wire import Wire
from studio.adapters.providers.ollama_words import FINISH, messages_to_send, tools_to_send, usage_of
from studio.adapters.providers.pictures import to_see
from studio.adapters.providers.streams import Listener, patient
from studio.base.aio import in_thread
from studio.contracts.chat_model import ModelReply, ModelRequest, OnDelta
from studio.contracts.model_library import OnPull
from studio.domain.images import ImageType
from studio.domain.messages import FinishReason, ToolCall
from studio.domain.models import ModelCard
from studio.domain.sight import NONE

_SEEN = frozenset((ImageType.PNG, ImageType.JPEG))
"""What every version of the server that sees can decode."""


@dataclass(slots=True)
class _Draft:
    """A reply while it comes in."""

    text: str = ""
    thinking: str = ""
    calls: list[ToolCall] = field(default_factory=list)
    last: ollama.ChatResponse | None = None

    @property
    def received(self) -> int:
        """How many characters came."""
        calls = sum(len(call.name) + len(str(call.arguments)) for call in self.calls)
        return len(self.text) + len(self.thinking) + calls


class Ollama:
    """A ChatModel, and a ModelLibrary, over the official client."""

    def __init__(self, config: ProviderConfig) -> None:
        self._config = config
        self._wire = Wire(config)
        self._models = Models(self._wire)

    async def complete(self, request: ModelRequest, on_delta: OnDelta) -> ModelReply:
        """See ChatModel."""
        draft, listener = _Draft(), Listener(on_delta)
        if request.images:
            request = to_see(request, await self._sight_of(request.model))
        with accounted(lambda: used_so_far(request, draft.received)):
            last = await self._stream(request, draft, listener)
            await self._require_whole(request, last)
            return _reply(draft, last, request)

    async def _stream(self, request: ModelRequest, draft: _Draft, listener: Listener) -> ollama.ChatResponse:
        idle = request.idle_seconds
        first = max(idle, self._config.loading_seconds)
        async with self._wire.errors(request.model, min(self._config.total_seconds, request.total_seconds), listener):
            stream = await self._wire.client.chat_with(await self._body(request))
            async with aclosing(patient(stream, self._config, first, idle)) as chunks:
                async for chunk in chunks:
                    _take(draft, chunk, listener)
                    if draft.last is not None:
                        break
        if draft.last is None:
            raise faults.broken(self._config, "it ended before its last line")
        return draft.last

    async def _body(self, request: ModelRequest) -> bytes:
        window = self._models.asked_tokens(request.model)
        # One that does not think refuses the field; for how long one thinks, there is none.
        told = request.thinking is not None and self._models.thinks(request.model)
        fields = {
            **({"think": request.thinking != 0} if told else {}),
            "model": request.model,
            "tools": tools_to_send(request.tools),
            "stream": True,
            # Without num_ctx Ollama takes a small window. Without the other two it drops what does not fit, tools
            # first, and says nothing of it, before the reply and again while that is written.
            "options": {"num_ctx": window, "num_predict": request.max_output_tokens},
            "truncate": False,
            "shift": False,
        }
        return await body_of(fields, lambda: messages_to_send(request.system, request.messages, request.pictures))

    async def _require_whole(self, request: ModelRequest, last: ollama.ChatResponse) -> None:
        """Raises ProviderError where the server has dropped a part of the request, which an old one does in silence.

        Old ones that do not say what they have loaded count no more than what they had not read before.
        """
        loaded = await self._models.loaded_tokens(request.model)
        if loaded is None or ollama_cuts.may_hold(request, last.prompt_eval_count or loaded):
            return
        least = await in_thread(ollama_cuts.least_tokens, request)
        if least > (last.prompt_eval_count or loaded):
            loaded = await self._models.loaded_tokens(request.model, again=True) or loaded
            asked = self._models.asked_tokens(request.model)
            raise ollama_cuts.cut(self._config, request.model, asked, loaded, least)

    async def takes_tools(self, model: str) -> bool | None:
        """Whether the server says that the model can be shown tools; None when it does not say."""
        can = (await self._models.said(model)).can
        return "tools" in can if can else None

    async def _sight_of(self, model: str) -> frozenset[ImageType]:
        return _SEEN if "vision" in (await self._models.said(model)).can else NONE

    async def window_of(self, name: str) -> int:
        """See ModelLibrary."""
        return await self._models.window_of(name)

    async def count_tokens(self, request: ModelRequest) -> int | None:
        """See ChatModel; what runs here is not paid."""
        return None

    async def list_models(self) -> tuple[ModelCard, ...]:
        """See ChatModel."""
        async with self._wire.errors("", self._config.total_seconds):
            try:
                async with asyncio.timeout(self._config.listing_seconds):
                    return await self._models.cards()
            except TimeoutError as error:
                raise faults.late(self._config, self._config.listing_seconds) from error

    def full_name(self, name: str) -> str:
        """See ModelLibrary."""
        return ollama_models.full_name(name)

    async def pull(self, name: str, on_progress: OnPull) -> None:
        """See ModelLibrary."""
        await ollama_pull.pull(self._wire, name, on_progress)
        self._models.forget(name)

    async def close(self) -> None:
        """See ChatModel."""
        await self._wire.close()


def make(config: ProviderConfig) -> Ollama:
    """A chat model for `config`; nothing is sent before the first call. Raises ProviderError for a URL that is none."""
    faults.require_address(config)
    return Ollama(config)


def _take(draft: _Draft, chunk: ollama.ChatResponse, on_delta: OnDelta) -> None:
    message = chunk.message
    if message.thinking:
        draft.thinking += message.thinking
        on_delta("thinking", message.thinking)
    if message.content:
        draft.text += message.content
        on_delta("text", message.content)
    for call in message.tool_calls or ():
        draft.calls.append(read_call(call.function.name, json.dumps(dict(call.function.arguments))))
    if chunk.done:
        draft.last = chunk


def _reply(draft: _Draft, last: ollama.ChatResponse, request: ModelRequest) -> ModelReply:
    calls = tuple(draft.calls)
    return ModelReply(
        text=draft.text,
        calls=calls,
        finish=finish_with(calls, FINISH.get(last.done_reason or "", FinishReason.STOP)),
        usage=usage_of(last, request, draft.received),
        counted=None not in (last.prompt_eval_count, last.eval_count),
        thinking=draft.thinking,
    )
