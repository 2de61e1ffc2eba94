"""The HTTP client that speaks with an Ollama, and what its failures mean."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

import httpx
import ollama

from studio.adapters.providers import connecting, faults
from studio.adapters.providers.config import ProviderConfig
from studio.adapters.providers.outgoing import dress, trust_of, trust_of_proxy, uses_environment
from studio.adapters.providers.streams import (
    Cap,
    CappedBody,
    Listener,
    beginning,
    capped,
    capped_lines,
    refuse_odd_bodies,
)
from studio.domain.errors import ProviderError

_PULL = "/api/pull"


class Client(ollama.AsyncClient):
    """The official client, which knows no field for what is not to be dropped, and makes its bodies on the loop."""

    async def chat_with(self, body: bytes) -> AsyncIterator[ollama.ChatResponse]:
        """The lines of the reply to a chat."""
        return await self._request(ollama.ChatResponse, "POST", "/api/chat", content=body, stream=True)


class Wire:
    """A client for one configuration."""

    def __init__(self, config: ProviderConfig) -> None:
        self.config = config
        self.client = Client(
            host=config.url,
            headers={"authorization": f"Bearer {config.api_key}"} if _may_send_key(config) else None,
            follow_redirects=False,
            event_hooks={"request": [_preparing(config)], "response": [_guard(config)]},
            timeout=httpx.Timeout(None, connect=10.0),
            verify=trust_of(config),
            proxy=httpx.Proxy(config.proxy, ssl_context=trust_of_proxy(config)) if config.proxy else None,
            trust_env=uses_environment(config),
        )

    async def close(self) -> None:
        """Frees connections; the object is not used again."""
        await self.client.close()  # type: ignore[no-untyped-call]  # the client leaves it unannotated

    @asynccontextmanager
    async def errors(self, model: str, total_seconds: float, listener: Listener | None = None) -> AsyncIterator[None]:
        """Turns whatever the client, HTTP or the wire's content raises into a ProviderError."""
        config = self.config
        if (trouble := faults.key_trouble(config)) is not None:
            raise trouble
        try:
            async with asyncio.timeout(total_seconds):
                yield
        except ProviderError:
            raise
        except TimeoutError as error:
            slow = faults.late if listener is None else faults.too_slow
            raise slow(config, total_seconds) from error
        except _Answered as error:
            # Some versions call a chat that is too long a fault of their own.
            status = 400 if error.status == 500 and faults.is_too_long(error.detail) else error.status
            raise faults.from_status(config, model, status, error.detail, error.headers) from error
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


class _CappedBody(CappedBody, httpx.AsyncByteStream):
    """A body of bounded size; a pull goes on for hours, so that only each of its lines is bounded."""


def _may_send_key(config: ProviderConfig) -> bool:
    return bool(config.api_key) and faults.key_trouble(config) is None


def _preparing(config: ProviderConfig) -> Callable[[httpx.Request], Awaitable[None]]:
    async def prepare(request: httpx.Request) -> None:
        dress(config, request.headers)

    return prepare


def _cap_of(response: httpx.Response) -> Cap:
    if not response.is_success:
        return beginning
    return capped_lines if response.request.url.path.endswith(_PULL) else capped


def _guard(config: ProviderConfig) -> Callable[[httpx.Response], Awaitable[None]]:
    async def guard(response: httpx.Response) -> None:
        refuse_odd_bodies(config, response.status_code, response.headers)
        if isinstance(response.stream, httpx.AsyncByteStream):
            response.stream = _CappedBody(response.stream, config, _cap_of(response))
        if not response.is_success:
            text = (await response.aread()).decode(errors="replace")
            raise _Answered(response.status_code, faults.words_in_text(text), response.headers)

    return guard
