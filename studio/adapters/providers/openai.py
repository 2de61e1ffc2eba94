"""OpenAI's chat completions protocol as a chat model: OpenAI, Groq, Gemini and every compatible server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin

# The SDK asks whether this one is loaded too, and breaks while another thread is in the midst of loading it.
import httpx  # noqa: F401
import openai
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.chat.chat_completion_chunk import ChoiceDelta

from studio.adapters.providers import faults
from studio.adapters.providers.bodies import body_of
from studio.adapters.providers.calls import accounted, finish_with, read_call, usage_of_reply, used_so_far
from studio.adapters.providers.config import ProviderConfig
from studio.adapters.providers.gemini_counting import KEY_HEADER, body_to_count, count_in, count_url
from studio.adapters.providers.gemini_words import Thoughts, says_thoughts, thinking_to_send
from studio.adapters.providers.http2 import RAW, Answer, Wire, guarded_client, require_stream, timeouts
from studio.adapters.providers.model_lists import Entry, decoded, entries_in
from studio.adapters.providers.openai_calls import DraftCall, extend
from studio.adapters.providers.openai_models import PATHS, beside_of, cards_of
from studio.adapters.providers.openai_words import (
    FINISH,
    OTHER_LIMIT,
    billed_in,
    messages_to_send,
    output_limit,
    refuses,
    status_of_error,
    status_said,
    tools_to_send,
    usage_in,
)
from studio.adapters.providers.pictures import to_see
from studio.adapters.providers.streams import Listener
from studio.base.aio import in_thread
from studio.base.log import logger
from studio.contracts.chat_model import ModelReply, ModelRequest, OnDelta
from studio.domain.errors import ProviderError
from studio.domain.messages import FinishReason
from studio.domain.models import ModelCard, ModelRef
from studio.domain.money import NanoUsd
from studio.domain.sight import sight_of
from studio.domain.usage import Usage

log = logger("models")

_ENDED_BY_ERROR = "error"


@dataclass(slots=True)
class _Draft:
    """A reply while it comes in."""

    thoughts: Thoughts
    text: str = ""
    thinking: str = ""
    calls: list[DraftCall] = field(default_factory=list)
    stop: str = ""
    refused: bool = False
    usage: Usage | None = None
    billed: NanoUsd | None = None

    @property
    def received(self) -> int:
        """How many characters came."""
        return len(self.text) + len(self.thinking) + sum(len(call.name) + len(call.written) for call in self.calls)


class OpenAI:
    """A ChatModel over the official SDK."""

    def __init__(self, config: ProviderConfig) -> None:
        self._config = config
        self._limits: dict[str, str] = {}
        self._wire = Wire(config, openai.APIConnectionError, _answer_of)
        self._http = guarded_client(config)
        self._client = openai.AsyncOpenAI(
            # Servers of one's own often want no key, but the SDK wants one to be set.
            api_key=config.api_key or "none",
            base_url=config.url,
            max_retries=0,
            http_client=self._http,
        )

    async def complete(self, request: ModelRequest, on_delta: OnDelta) -> ModelReply:
        """See ChatModel."""
        model = ModelRef(self._config.name, request.model)
        draft, listener = _Draft(Thoughts(expected=says_thoughts(request, model))), Listener(on_delta)
        request = to_see(request, sight_of(model, self._config.provider))
        with accounted(lambda: used_so_far(request, draft.received, draft.usage)):
            await self._stream(request, draft, listener)
        return _reply(model, draft, request)

    async def _stream(self, request: ModelRequest, draft: _Draft, listener: Listener) -> None:
        async with self._wire.asking(request, listener), await self._opened(request) as stream:
            await require_stream(self._config, stream.response, request.model, status_said)
            async for chunk in stream:
                _refuse_error(chunk)
                _take(draft, chunk, listener)
            _hear(draft, draft.thoughts.ended(), listener)
        if not draft.stop:
            raise faults.broken(self._config, "it ended before its last event")
        if draft.stop == _ENDED_BY_ERROR:
            raise faults.broken(self._config, "it ended by an error that is not said")

    async def _opened(self, request: ModelRequest) -> openai.AsyncStream[ChatCompletionChunk]:
        try:
            return await self._sent(request)
        except openai.APIStatusError as error:
            limit = self._limit_of(request.model)
            if not refuses(limit, error.status_code, faults.words_in(error.body)):
                raise
            # Nothing was done yet: the server only knows the cap on the reply by its other name.
            self._limits[request.model] = OTHER_LIMIT[limit]
            return await self._sent(request)

    async def _sent(self, request: ModelRequest) -> openai.AsyncStream[ChatCompletionChunk]:
        model = ModelRef(self._config.name, request.model)
        body = await body_of(
            self._fields(request) | thinking_to_send(request, model),
            lambda: messages_to_send(request.system, request.messages, model, request.pictures),
        )
        return await self._client.post(
            "/chat/completions",
            content=body,
            cast_to=ChatCompletion,
            options={"timeout": timeouts(request.idle_seconds), "security": {"bearer_auth": True}},
            stream=True,
            stream_cls=openai.AsyncStream[ChatCompletionChunk],
        )

    def _limit_of(self, model: str) -> str:
        return self._limits.get(model) or output_limit(self._config.provider)

    def _fields(self, request: ModelRequest) -> dict[str, Any]:
        tools = tools_to_send(request.tools)
        limit = {self._limit_of(request.model): request.max_output_tokens}
        fields = {"model": request.model, "stream": True, "stream_options": {"include_usage": True}, **limit}
        return fields | ({"tools": tools} if tools else {})

    async def count_tokens(self, request: ModelRequest) -> int | None:
        """See ChatModel; of the servers of this protocol only Gemini's counts beforehand, beside it."""
        model = ModelRef(self._config.name, request.model)
        url = count_url(self._config.url, model)
        if url is None:
            return None
        request = to_see(request, sight_of(model, self._config.provider))
        async with self._wire.counting(request):
            headers = {KEY_HEADER: self._config.api_key, "content-type": "application/json"}
            body, patience = await in_thread(body_to_count, request, model), timeouts(self._config.listing_seconds)
            counted = await self._http.post(url, content=body, headers=headers, timeout=patience)
            return await in_thread(count_in, counted.status_code, counted.content)

    async def list_models(self) -> tuple[ModelCard, ...]:
        """See ChatModel."""
        async with self._wire.listing():
            entries = entries_in(await self._got("/models", self._config.listing_seconds))
        beside = await self._beside({str(each.get("owned_by")) for each in entries})
        return await in_thread(cards_of, self._config.name, entries, beside)

    async def _got(self, url: str, idle_seconds: float) -> Any:
        """What the server answers at a path: the SDK would take it apart on the loop, and all of it or nothing."""
        options: Any = {"timeout": timeouts(idle_seconds), "security": {"bearer_auth": True}}
        return await decoded((await self._client.get(url, cast_to=RAW, options=options)).content)

    async def _beside(self, owners: set[str]) -> Mapping[str, Entry]:
        """What a server of one's own says of its models beside the list; nothing where it does not."""
        path = next((PATHS[owner] for owner in owners if owner in PATHS), "")
        if not path or not self._config.provider.declared:
            return {}
        try:
            async with self._wire.looking():
                url = urljoin(self._config.url, path)
                return beside_of(path, await self._got(url, self._config.looking_seconds))
        except ProviderError as error:
            log.info("models_not_described", provider=self._config.name, error=str(error))
            return {}

    async def close(self) -> None:
        """See ChatModel."""
        await self._client.close()


def make(config: ProviderConfig) -> OpenAI:
    """A chat model for `config`; nothing is sent before the first call. Raises ProviderError for a URL that is none."""
    faults.require_address(config)
    return OpenAI(config)


class _SaidError(Exception):
    """An error that comes inside a stream as an event of its own, without the field that the SDK knows it by."""

    def __init__(self, body: dict[str, Any]) -> None:
        super().__init__()
        self.body = body


def _refuse_error(chunk: ChatCompletionChunk) -> None:
    kind: str | None = chunk.object
    if kind == "error":
        raise _SaidError(chunk.model_extra or {})


def _answer_of(error: Exception) -> Answer | None:
    match error:
        case _SaidError():
            return Answer(status_of_error(error.body), faults.words_in(error.body), {}, within=True)
        case openai.APIStatusError():
            return Answer(error.status_code, faults.words_in(error.body), error.response.headers)
        case openai.APIError() if error.body is not None:
            return Answer(status_of_error(error.body), faults.words_in(error.body), {}, within=True)
        case _:
            return None


def _take(draft: _Draft, chunk: ChatCompletionChunk, on_delta: OnDelta) -> None:
    draft.usage = usage_in(chunk) or draft.usage
    billed = billed_in(chunk)
    draft.billed = draft.billed if billed is None else billed
    for choice in (chunk.choices or ())[:1]:
        draft.stop = choice.finish_reason or draft.stop
        delta: ChoiceDelta | None = choice.delta
        # Some servers send the end without it.
        if delta is None:
            continue
        if thought := _thought(delta.model_extra or {}):
            draft.thinking += thought
            on_delta("thinking", thought)
        if delta.content:
            _hear(draft, draft.thoughts.parted(delta.content), on_delta)
        if delta.refusal:
            # A model that will not do it says so in a field of its own, and then ends as if all were well.
            draft.text += delta.refusal
            draft.refused = True
            on_delta("text", delta.refusal)
        for call in delta.tool_calls or ():
            extend(draft.calls, call)


def _hear(draft: _Draft, pieces: list[tuple[str, str]], on_delta: OnDelta) -> None:
    for kind, piece in pieces:
        if kind == "thinking":
            draft.thinking += piece
        else:
            draft.text += piece
        on_delta(kind, piece)


def _thought(extra: dict[str, Any]) -> str:
    """Thinking is no part of the protocol; servers agree on one of two names."""
    thought = extra.get("reasoning_content") or extra.get("reasoning")
    return thought if isinstance(thought, str) else ""


def _reply(model: ModelRef, draft: _Draft, request: ModelRequest) -> ModelReply:
    calls = tuple(read_call(call.name, call.written) for call in draft.calls)
    finish = FINISH.get(draft.stop, FinishReason.STOP)
    extras = {str(call.id): part.extra for call, part in zip(calls, draft.calls, strict=True) if part.extra}
    return ModelReply(
        text=draft.text,
        calls=calls,
        finish=FinishReason.FILTERED if draft.refused else finish_with(calls, finish),
        usage=usage_of_reply(request, draft.received, draft.usage, draft.usage is not None),
        thinking=draft.thinking,
        opaque={"provider": model.provider, "model": model.name, "extra_content": extras} if extras else {},
        counted=draft.usage is not None,
        billed_nusd=draft.billed,
    )
