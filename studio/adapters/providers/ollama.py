"""Ollama's chat protocol as a chat model."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field

import httpx
import ollama

from studio.adapters.providers import connecting, faults, ollama_pull
from studio.adapters.providers.calls import accounted, finish_with, read_call, used_so_far
from studio.adapters.providers.config import ProviderConfig
from studio.adapters.providers.ollama_words import FINISH, messages_to_send, tools_to_send, usage_of
from studio.adapters.providers.outgoing import dress, trust_of, trust_of_proxy, uses_environment
from studio.adapters.providers.pictures import to_see
from studio.adapters.providers.streams import ByteSource, Listener, capped, patient, refuse_odd_bodies
from studio.base.aio import in_thread
from studio.contracts.chat_model import ModelReply, ModelRequest, OnDelta
from studio.contracts.model_library import OnPull
from studio.domain.errors import ProviderError
from studio.domain.images import ImageType
from studio.domain.messages import FinishReason, ToolCall
from studio.domain.models import ModelCard, ModelRef
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
    """A ChatModel over the official client."""

    def __init__(self, config: ProviderConfig) -> None:
        self._config = config
        self._client = ollama.AsyncClient(
            host=config.url,
            headers={"authorization": f"Bearer {config.api_key}"} if _may_send_key(config) else None,
            follow_redirects=False,
            event_hooks={"request": [_preparing(config)], "response": [_guard(config)]},
            timeout=httpx.Timeout(None, connect=10.0),
            verify=trust_of(config),
            proxy=httpx.Proxy(config.proxy, ssl_context=trust_of_proxy(config)) if config.proxy else None,
            trust_env=uses_environment(config),
        )
        self._abilities: dict[str, tuple[str, ...]] = {}

    async def complete(self, request: ModelRequest, on_delta: OnDelta) -> ModelReply:
        """See ChatModel."""
        draft, listener = _Draft(), Listener(on_delta)
        if request.images:
            request = to_see(request, await self._sight_of(request.model))
        with accounted(lambda: used_so_far(request, draft.received)):
            return _reply(draft, await self._stream(request, draft, listener), request)

    async def _stream(self, request: ModelRequest, draft: _Draft, listener: Listener) -> ollama.ChatResponse:
        idle = request.idle_seconds
        first = max(idle, self._config.loading_seconds)
        async with self._errors(request.model, min(self._config.total_seconds, request.total_seconds), listener):
            stream = await self._client.chat(
                model=request.model,
                messages=await in_thread(messages_to_send, request.system, request.messages, request.pictures),
                tools=tools_to_send(request.tools),
                stream=True,
                # Without num_ctx Ollama takes a small window and silently drops what does not fit, tools first.
                options={"num_ctx": self._config.context_tokens, "num_predict": request.max_output_tokens},
            )
            async with aclosing(patient(stream, self._config, first, idle)) as chunks:
                async for chunk in chunks:
                    _take(draft, chunk, listener)
                    if draft.last is not None:
                        break
        if draft.last is None:
            raise faults.broken(self._config, "it ended before its last line")
        return draft.last

    async def takes_tools(self, model: str) -> bool | None:
        """Whether the server says that the model can be shown tools; None when it does not say."""
        can = await self._abilities_of(model)
        return "tools" in can if can else None

    async def _sight_of(self, model: str) -> frozenset[ImageType]:
        return _SEEN if "vision" in await self._abilities_of(model) else NONE

    async def _abilities_of(self, model: str) -> tuple[str, ...]:
        """What the server says that the model can do, asked once; nothing when it does not say."""
        if model not in self._abilities:
            try:
                async with self._errors(model, self._config.listing_seconds):
                    can = (await self._client.show(model)).capabilities or ()
            except ProviderError:
                return ()
            self._abilities[model] = tuple(can)
        return self._abilities[model]

    async def count_tokens(self, request: ModelRequest) -> int | None:
        """See ChatModel; what runs here is not paid."""
        return None

    async def list_models(self) -> tuple[ModelCard, ...]:
        """See ChatModel."""
        async with self._errors("", self._config.total_seconds):
            try:
                async with asyncio.timeout(self._config.listing_seconds):
                    found = await self._client.list()
            except TimeoutError as error:
                raise faults.timed_out(self._config, self._config.listing_seconds) from error
            return tuple(ModelCard(ModelRef(self._config.name, model.model)) for model in found.models if model.model)

    def full_name(self, name: str) -> str:
        """See ModelLibrary."""
        return name if ":" in name.rpartition("/")[2] else f"{name}:latest"

    async def pull(self, name: str, on_progress: OnPull) -> None:
        """See ModelLibrary."""
        await ollama_pull.pull(self._client, self._config, self._errors, name, on_progress)
        self._abilities.pop(name, None)

    async def close(self) -> None:
        """See ChatModel."""
        await self._client.close()  # type: ignore[no-untyped-call]  # the client leaves it unannotated

    @asynccontextmanager
    async def _errors(self, model: str, total_seconds: float, listener: Listener | None = None) -> AsyncIterator[None]:
        """Turns whatever the client, HTTP or the wire's content raises into a ProviderError."""
        config = self._config
        if (trouble := faults.key_trouble(config)) is not None:
            raise trouble
        try:
            async with asyncio.timeout(total_seconds):
                yield
        except ProviderError:
            raise
        except TimeoutError as error:
            raise faults.too_slow(config, total_seconds) from error
        except _Answered as error:
            raise faults.from_status(config, model, error.status, error.detail, error.headers) from error
        except httpx.ConnectTimeout as error:
            raise faults.unreachable(config, "connecting took too long") from error
        except httpx.ProxyError as error:
            raise connecting.not_let_through(config, error) from error
        except (httpx.ConnectError, httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
            raise connecting.not_connected(config, error) from error
        except httpx.NetworkError as error:
            raise faults.broken(config, "the connection was cut") from error
        except json.JSONDecodeError as error:
            raise faults.broken(config, "one of its lines is cut or no JSON") from error
        except Exception as error:
            if listener is not None and error is listener.failure:
                raise
            if isinstance(error, ConnectionError) and isinstance(error.__context__, httpx.ConnectError):
                # The client puts advice of its own in the place of what it could not connect for.
                raise connecting.not_connected(config, error.__context__) from error
            if isinstance(error, ollama.ResponseError) and faults.is_too_long(error.error):
                raise faults.from_status(config, model, 400, error.error) from error
            # The server's error lines, and lines without sense, which the client reads unchecked, so that they fail
            # as any of several built-in exceptions: to the person all of them are a reply that cannot be read.
            raise faults.broken(config, str(error) or type(error).__name__) from error


class _Answered(Exception):
    """An HTTP answer that is no reply; the client's own exception loses its headers and trips over odd bodies."""

    def __init__(self, status: int, detail: str, headers: Mapping[str, str]) -> None:
        super().__init__(status)
        self.status = status
        self.detail = detail
        self.headers = headers


class _CappedBody(httpx.AsyncByteStream):
    def __init__(self, source: ByteSource, config: ProviderConfig) -> None:
        self._source = source
        self._config = config

    def __aiter__(self) -> AsyncIterator[bytes]:
        return capped(self._source, self._config)

    async def aclose(self) -> None:
        await self._source.aclose()


def make(config: ProviderConfig) -> Ollama:
    """A chat model for `config`; nothing is sent before the first call. Raises ProviderError for a URL that is none."""
    faults.require_address(config)
    return Ollama(config)


def _may_send_key(config: ProviderConfig) -> bool:
    return bool(config.api_key) and faults.key_trouble(config) is None


def _preparing(config: ProviderConfig) -> Callable[[httpx.Request], Awaitable[None]]:
    async def prepare(request: httpx.Request) -> None:
        dress(config, request.headers)

    return prepare


def _guard(config: ProviderConfig) -> Callable[[httpx.Response], Awaitable[None]]:
    async def guard(response: httpx.Response) -> None:
        refuse_odd_bodies(config, response.status_code, response.headers)
        if isinstance(response.stream, httpx.AsyncByteStream):
            response.stream = _CappedBody(response.stream, config)
        if not response.is_success:
            text = (await response.aread()).decode(errors="replace")
            raise _Answered(response.status_code, faults.words_in_text(text), response.headers)

    return guard


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
