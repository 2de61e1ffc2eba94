"""Guards around a stream of bytes that a provider sends, whatever library carries it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Protocol, TypeVar

from studio.adapters.providers import faults
from studio.adapters.providers.config import ProviderConfig

Item = TypeVar("Item")


class ByteSource(Protocol):
    """An HTTP library's response body."""

    def __aiter__(self) -> AsyncIterator[bytes]:
        """Yields the pieces as they come."""
        ...

    async def aclose(self) -> None:
        """Closes the connection or gives it back."""
        ...


async def capped(source: ByteSource, config: ProviderConfig) -> AsyncIterator[bytes]:
    """Yields the pieces of `source`; raises ProviderError once they exceed the configured bytes."""
    seen = 0
    async for piece in source:
        seen += len(piece)
        if seen > config.max_bytes:
            raise faults.too_much(config)
        yield piece


def refuse_compressed(config: ProviderConfig, encoding: str) -> None:
    """Raises ProviderError for a compressed body: none is asked for, and a small one may unpack without end."""
    if encoding.lower() not in ("", "identity"):
        raise faults.broken(config, f"it came compressed ({encoding}) although that was not asked for")


async def patient(
    items: AsyncIterator[Item], config: ProviderConfig, idle_seconds: float
) -> AsyncGenerator[Item, None]:
    """Yields `items`; raises ProviderError when the next one does not come within `idle_seconds`.

    The source is closed when this generator is.
    """
    try:
        while True:
            try:
                async with asyncio.timeout(idle_seconds):
                    item = await anext(items)
            except StopAsyncIteration:
                return
            except TimeoutError as error:
                raise faults.timed_out(config, idle_seconds) from error
            yield item
    finally:
        if isinstance(items, AsyncGenerator):
            await items.aclose()
