"""Guards around the stream that a provider sends, whatever library carries it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from typing import Protocol, TypeVar

from studio.adapters.providers import faults
from studio.adapters.providers.config import ProviderConfig
from studio.contracts.chat_model import OnDelta

DOCUMENT_BYTES = 4 * 1024**2
"""As much as the list of any service's models, several times over."""

ERROR_BYTES = 64 * 1024
"""As much of an error as is read."""

Item = TypeVar("Item")

_PAGES = ("text/html", "application/xhtml", "text/xml", "application/xml", "image/", "application/pdf")


class ByteSource(Protocol):
    """An HTTP library's response body."""

    def __aiter__(self) -> AsyncIterator[bytes]:
        """Yields the pieces as they come."""
        ...

    async def aclose(self) -> None:
        """Closes the connection or gives it back."""
        ...


Cap = Callable[[ByteSource, ProviderConfig], AsyncIterator[bytes]]
"""Yields what is taken of a body."""


class CappedBody:
    """What is taken of a body, in its place."""

    def __init__(self, source: ByteSource, config: ProviderConfig, cap: Cap) -> None:
        self._source = source
        self._config = config
        self._cap = cap

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._cap(self._source, self._config)

    async def aclose(self) -> None:
        """Closes the body itself."""
        await self._source.aclose()


async def capped(source: ByteSource, config: ProviderConfig, most: int | None = None) -> AsyncIterator[bytes]:
    """Yields the pieces of `source`; raises ProviderError once they exceed the configured bytes, or `most`."""
    seen, most = 0, min(config.max_bytes, most or config.max_bytes)
    async for piece in source:
        seen += len(piece)
        if seen > most:
            raise faults.too_much(config, most)
        yield piece


def capped_document(source: ByteSource, config: ProviderConfig) -> AsyncIterator[bytes]:
    """As `capped`, for an answer in one piece, which is decoded at once."""
    return capped(source, config, DOCUMENT_BYTES)


async def beginning(source: ByteSource, config: ProviderConfig) -> AsyncIterator[bytes]:
    """Yields what an error says at first: it is told by its status, however much follows."""
    left = min(config.max_bytes, ERROR_BYTES)
    async for piece in source:
        yield piece[:left]
        left -= len(piece)
        if left <= 0:
            return


async def capped_lines(source: ByteSource, config: ProviderConfig) -> AsyncIterator[bytes]:
    """As `capped`, for a source of as many lines as it likes, each of which is bounded."""
    seen = 0
    async for piece in source:
        end = piece.rfind(b"\n")
        seen = seen + len(piece) if end < 0 else len(piece) - end
        if seen > config.max_bytes:
            raise faults.too_much(config, config.max_bytes)
        yield piece


def refuse_odd_bodies(config: ProviderConfig, status: int, headers: Mapping[str, str]) -> None:
    """Raises ProviderError for a body that no reply comes in.

    That is a compressed one: none is asked for, and a small one may unpack without end. And a web page that comes
    as if all were well, as hotels' networks and wrong addresses send it.
    """
    encoding = headers.get("content-encoding", "")
    if encoding.lower() not in ("", "identity"):
        raise faults.broken(config, f"it came compressed ({encoding}) although that was not asked for")
    kind = headers.get("content-type", "").strip().lower()
    if 200 <= status < 300 and kind.startswith(_PAGES):
        raise faults.no_stream(config, kind)


async def patient(
    items: AsyncIterator[Item], config: ProviderConfig, first_seconds: float, idle_seconds: float
) -> AsyncGenerator[Item, None]:
    """Yields `items`; raises ProviderError when one does not come in time: the first, or any after it.

    The source is closed when this generator is.
    """
    allowed = first_seconds
    try:
        while True:
            try:
                async with asyncio.timeout(allowed):
                    item = await anext(items)
            except StopAsyncIteration:
                return
            except TimeoutError as error:
                raise faults.timed_out(config, allowed) from error
            yield item
            allowed = idle_seconds
    finally:
        if isinstance(items, AsyncGenerator):
            await items.aclose()


class Listener:
    """Passes deltas on and keeps what the listener raised: that is its own fault, never the provider's."""

    def __init__(self, on_delta: OnDelta) -> None:
        self._on_delta = on_delta
        self.failure: Exception | None = None

    def __call__(self, kind: str, text: str) -> None:
        """See OnDelta."""
        try:
            self._on_delta(kind, text)
        except Exception as error:
            self.failure = error
            raise
