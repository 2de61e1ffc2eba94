"""The HTTP client that the SDKs built on httpx2 are given, and what its failures mean."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

import httpx2

from studio.adapters.providers import connecting, faults
from studio.adapters.providers.config import ProviderConfig
from studio.adapters.providers.outgoing import dress, trust_of, trust_of_proxy, uses_environment
from studio.adapters.providers.streams import (
    ERROR_BYTES,
    Cap,
    CappedBody,
    Listener,
    beginning,
    capped,
    capped_document,
    refuse_odd_bodies,
)
from studio.contracts.chat_model import ModelRequest
from studio.domain.errors import ProviderError


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer that is no reply, as an SDK's exception carries it; `within` a stream the work had begun."""

    status: int
    detail: str
    headers: Mapping[str, str]
    within: bool = False


RAW = httpx2.Response
"""What an SDK is told to give back where it is not to take the answer apart itself."""


class _CappedBody(CappedBody, httpx2.AsyncByteStream):
    """A body of bounded size, as this library wants it."""


def guarded_client(config: ProviderConfig) -> httpx2.AsyncClient:
    """A client that follows no redirect, asks for no compression and cuts replies at the configured bytes.

    Raises ProviderError for a file of certificates that cannot be used.
    """

    async def prepare(request: httpx2.Request) -> None:
        dress(config, request.headers)

    async def guard(response: httpx2.Response) -> None:
        refuse_odd_bodies(config, response.status_code, response.headers)
        if isinstance(response.stream, httpx2.AsyncByteStream):
            response.stream = _CappedBody(response.stream, config, _cap_of(response))

    return httpx2.AsyncClient(
        follow_redirects=False,
        event_hooks={"request": [prepare], "response": [guard]},
        timeout=None,
        verify=trust_of(config),
        proxy=httpx2.Proxy(config.proxy, ssl_context=trust_of_proxy(config)) if config.proxy else None,
        trust_env=uses_environment(config),
    )


def _cap_of(response: httpx2.Response) -> Cap:
    if not response.is_success:
        return beginning
    return capped_document if response.request.method == "GET" or _is_document(response) else capped


def _is_document(response: httpx2.Response) -> bool:
    return response.headers.get("content-type", "").strip().lower().startswith("application/json")


def timeouts(idle_seconds: float) -> httpx2.Timeout:
    """Silence allowed before and between bytes; connecting gets at most ten seconds of it."""
    connect = min(10.0, idle_seconds)
    return httpx2.Timeout(idle_seconds, connect=connect, pool=connect)


async def require_stream(
    config: ProviderConfig,
    response: httpx2.Response,
    model: str = "",
    status_said: Callable[[object], int | None] = lambda _body: None,
) -> None:
    """Raises ProviderError for an answer in one piece of JSON, which is an error, or not what was asked for.

    `status_said` reads the status that such an error names although it came as if all were well.
    """
    if _is_document(response):
        said = faults.decoded((await response.aread())[:ERROR_BYTES].decode(errors="replace"))
        words = faults.words_in(said)
        if (status := status_said(said)) is not None:
            error = faults.from_status(config, model, status, words)
            error.may_have_cost = True
            raise error
        raise faults.no_stream(config, response.headers["content-type"].strip().lower(), words)


@dataclass(frozen=True, slots=True)
class Wire:
    """Whatever an SDK, HTTP or what came over it raises around a call becomes a ProviderError.

    `connection_error` is the SDK's own wrapper of HTTP failures; `answer_of` reads its status errors.
    """

    config: ProviderConfig
    connection_error: type[Exception]
    answer_of: Callable[[Exception], Answer | None]

    def asking(self, request: ModelRequest, listener: Listener) -> AbstractAsyncContextManager[None]:
        """Around a call for a reply, which must end in time. What `listener` raised flies on as it is."""
        total = min(self.config.total_seconds, request.total_seconds)
        return self._translated(request.model, request.idle_seconds, total, listener)

    def listing(self) -> AbstractAsyncContextManager[None]:
        """Around a call for the names of models, which must end in time."""
        return self._translated("", self.config.listing_seconds, self.config.listing_seconds, None)

    def looking(self) -> AbstractAsyncContextManager[None]:
        """Around a call for what is merely good to know, which must end soon."""
        return self._translated("", self.config.looking_seconds, self.config.looking_seconds, None)

    def counting(self, request: ModelRequest) -> AbstractAsyncContextManager[None]:
        """Around a call that counts a request, which must end in time, and before the request itself must."""
        total = min(self.config.listing_seconds, request.total_seconds)
        return self._translated(request.model, self.config.listing_seconds, total, None)

    @asynccontextmanager
    async def _translated(
        self, model: str, idle_seconds: float, total_seconds: float, listener: Listener | None
    ) -> AsyncIterator[None]:
        config = self.config
        if (trouble := faults.key_trouble(config)) is not None:
            raise trouble
        try:
            async with asyncio.timeout(total_seconds):
                yield
        except TimeoutError as error:
            slow = faults.late if listener is None else faults.too_slow
            raise slow(config, total_seconds) from error
        except Exception as error:
            if listener is not None and error is listener.failure:
                raise
            cause = error.__cause__ if isinstance(error, self.connection_error) and error.__cause__ else error
            if isinstance(cause, ProviderError):
                raise cause from error
            answer = self.answer_of(error)
            if answer is not None:
                fault = faults.from_status(config, model, answer.status, answer.detail, answer.headers)
                fault.may_have_cost = fault.may_have_cost or answer.within
                raise fault from error
            raise _transport_fault(config, cause, idle_seconds) from error


def _transport_fault(config: ProviderConfig, error: BaseException, idle_seconds: float) -> ProviderError:
    reason = str(error) or type(error).__name__
    match error:
        case httpx2.ConnectTimeout():
            return faults.unreachable(config, "connecting took too long")
        case httpx2.PoolTimeout():
            return faults.unreachable(config, "all connections to it are taken")
        case httpx2.TimeoutException():
            return faults.timed_out(config, idle_seconds)
        case httpx2.ProxyError():
            return connecting.not_let_through(config, error)
        case httpx2.ConnectError() | httpx2.UnsupportedProtocol() | httpx2.InvalidURL():
            return connecting.not_connected(config, error)
        case httpx2.NetworkError():
            return faults.broken(config, "the connection was cut")
        case _:
            # The SDKs build their events without checking them, so a wrong shape fails only where it is used,
            # as any of several built-in exceptions: to the person all of them are a reply that cannot be read.
            return faults.broken(config, reason)
