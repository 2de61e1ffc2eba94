"""Anthropic's Messages protocol as a chat model."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import anthropic
from anthropic.types import Message, RawMessageStreamEvent

from studio.adapters.providers import faults
from studio.adapters.providers.anthropic_thinking import kept, thinking_to_send
from studio.adapters.providers.anthropic_words import (
    FINISH,
    messages_to_send,
    system_to_send,
    tools_to_send,
    usage_of,
)
from studio.adapters.providers.bodies import body_of
from studio.adapters.providers.calls import accounted, finish_with, read_call, tokens, usage_of_reply, used_so_far
from studio.adapters.providers.config import ProviderConfig
from studio.adapters.providers.http2 import RAW, Answer, Wire, guarded_client, require_stream, timeouts
from studio.adapters.providers.model_lists import decoded, entries_in, window_in
from studio.adapters.providers.pictures import to_see
from studio.adapters.providers.streams import Listener
from studio.contracts.chat_model import ModelReply, ModelRequest, OnDelta
from studio.domain.messages import FinishReason
from studio.domain.models import ModelCard, ModelRef
from studio.domain.sight import sight_of
from studio.domain.usage import Usage

_STATUS_OF_TYPE = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "api_error": 500,
    "timeout_error": 504,
    "overloaded_error": 529,
}
"""Errors inside a stream come under status 200 and tell themselves apart by their type only."""


@dataclass(slots=True)
class _Draft:
    """A reply while it comes in; blocks are kept by their index on the wire."""

    blocks: dict[int, dict[str, Any]] = field(default_factory=dict)
    stop: str = ""
    usage: Usage | None = None
    totalled: bool = False
    ended: bool = False

    @property
    def received(self) -> int:
        """How many characters came."""
        texts = (block.get(name) or "" for block in self.blocks.values() for name in ("text", "thinking", "json"))
        return sum(len(text) for text in texts)

    @property
    def counted(self) -> bool:
        """Whether the usage is all that the provider counted."""
        return self.totalled and self.usage is not None and self.usage.input > 0


class Anthropic:
    """A ChatModel over the official SDK."""

    def __init__(self, config: ProviderConfig) -> None:
        self._config = config
        self._wire = Wire(config, anthropic.APIConnectionError, _answer_of)
        self._client = anthropic.AsyncAnthropic(
            # Without an explicit key the SDK would look for credentials in files of its own.
            api_key=config.api_key or "none",
            base_url=config.url,
            max_retries=0,
            http_client=guarded_client(config),
        )

    async def complete(self, request: ModelRequest, on_delta: OnDelta) -> ModelReply:
        """See ChatModel."""
        draft, listener = _Draft(), Listener(on_delta)
        model = ModelRef(self._config.name, request.model)
        request = to_see(request, sight_of(model, self._config.provider))
        with accounted(lambda: used_so_far(request, draft.received, draft.usage)):
            await self._stream(request, draft, listener)
        return _reply(draft, request, model)

    async def _stream(self, request: ModelRequest, draft: _Draft, listener: Listener) -> None:
        async with self._wire.asking(request, listener):
            model = ModelRef(self._config.name, request.model)
            body = await body_of(
                _fields(request, model),
                lambda: messages_to_send(request.messages, model, request.thinking, request.pictures),
            )
            stream = await self._client.post(
                "/v1/messages",
                content=body,
                cast_to=Message,
                options={"timeout": timeouts(request.idle_seconds)},
                stream=True,
                stream_cls=anthropic.AsyncStream[RawMessageStreamEvent],
            )
            async with stream:
                await require_stream(self._config, stream.response)
                async for event in stream:
                    _take(draft, event, listener)
                    if draft.ended:
                        break
        if not draft.ended:
            raise faults.broken(self._config, "it ended before its last event")

    async def count_tokens(self, request: ModelRequest) -> int | None:
        """See ChatModel."""
        model = ModelRef(self._config.name, request.model)
        request = to_see(request, sight_of(model, self._config.provider))
        async with self._wire.counting(request):
            body = await body_of(
                _prompt(request, model),
                lambda: messages_to_send(request.messages, model, request.thinking, request.pictures),
            )
            counted = await self._client.post(
                "/v1/messages/count_tokens",
                content=body,
                cast_to=RAW,
                options={"timeout": timeouts(self._config.listing_seconds)},
            )
            said = await decoded(counted.content)
            return tokens(said["input_tokens"]) or None

    async def list_models(self) -> tuple[ModelCard, ...]:
        """See ChatModel."""
        async with self._wire.listing():
            options: Any = {"timeout": timeouts(self._config.listing_seconds), "params": {"limit": 100}}
            # The SDK would take the list apart on the loop, and all of it or nothing.
            listed = await self._client.get("/v1/models", cast_to=RAW, options=options)
            return tuple(
                ModelCard(ModelRef(self._config.name, each["id"]), window_in(each.get("max_input_tokens")), True)
                for each in entries_in(await decoded(listed.content))
            )

    async def close(self) -> None:
        """See ChatModel."""
        await self._client.close()


def make(config: ProviderConfig) -> Anthropic:
    """A chat model for `config`; nothing is sent before the first call. Raises ProviderError for a URL that is none."""
    faults.require_address(config)
    return Anthropic(config)


def _fields(request: ModelRequest, model: ModelRef) -> dict[str, Any]:
    return _prompt(request, model) | {"max_tokens": request.max_output_tokens, "stream": True}


def _prompt(request: ModelRequest, model: ModelRef) -> dict[str, Any]:
    """What of a request is counted, but for the messages."""
    system, tools = system_to_send(request.system), tools_to_send(request.tools)
    fields: dict[str, Any] = {"model": request.model, **thinking_to_send(request, model)}
    return fields | ({"system": system} if system else {}) | ({"tools": tools} if tools else {})


def _answer_of(error: Exception) -> Answer | None:
    if not isinstance(error, anthropic.APIStatusError):
        return None
    within = error.status_code < 300
    status = _STATUS_OF_TYPE.get(error.type or "", 500) if within else error.status_code
    return Answer(status, faults.words_in(error.body), {} if within else error.response.headers, within)


def _take(draft: _Draft, event: RawMessageStreamEvent, on_delta: OnDelta) -> None:
    match event.type:
        case "message_start":
            draft.usage = usage_of(event.message.usage, Usage())
        case "content_block_start":
            draft.blocks[event.index] = event.content_block.to_dict() | {"json": ""}
        case "content_block_delta":
            _extend(draft.blocks[event.index], event.delta, on_delta)
        case "message_delta":
            draft.stop = event.delta.stop_reason or draft.stop
            draft.usage = usage_of(event.usage, draft.usage or Usage())
            draft.totalled = True
        case "message_stop":
            draft.ended = True


def _extend(block: dict[str, Any], delta: Any, on_delta: OnDelta) -> None:
    match delta.type:
        case "text_delta":
            block["text"] += delta.text
            on_delta("text", delta.text)
        case "thinking_delta":
            block["thinking"] += delta.thinking
            on_delta("thinking", delta.thinking)
        case "signature_delta":
            block["signature"] = delta.signature
        case "input_json_delta":
            block["json"] += delta.partial_json


def _reply(draft: _Draft, request: ModelRequest, model: ModelRef) -> ModelReply:
    blocks = [draft.blocks[index] for index in sorted(draft.blocks)]
    calls = tuple(
        read_call(block["name"], block["json"] or json.dumps(block["input"]))
        for block in blocks
        if block["type"] == "tool_use"
    )
    return ModelReply(
        text="".join(block["text"] for block in blocks if block["type"] == "text"),
        calls=calls,
        finish=finish_with(calls, FINISH.get(draft.stop, FinishReason.STOP)),
        usage=usage_of_reply(request, draft.received, draft.usage, draft.counted),
        thinking="".join(block.get("thinking", "") for block in blocks),
        opaque=kept(blocks, model),
        counted=draft.counted,
    )
