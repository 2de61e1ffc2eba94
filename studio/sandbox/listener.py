"""A listener: a port inside a sandbox whose connections are served on this machine."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Protocol, Self

from studio.base.aio import Tasks
from studio.domain.errors import EngineError
from studio.sandbox.inside.frames import ACCEPT, DONE, END, LISTEN, OUT
from studio.sandbox.link import Channel, Link, ended

MOST_CONNECTIONS = 128
"""How many of one sandbox are served at a time; the rest waits inside."""

_MOST_TOLD = 256

_MOST_STARTS = 50
"""What is inside may break the link as often as it likes, and only so often is it mended."""


class Caller(Protocol):
    """A program inside that made a connection."""

    async def read(self) -> bytes:
        """What it says next; empty when it has said all. Raises EngineError when the sandbox is gone."""
        ...

    async def write(self, data: bytes) -> None:
        """Says something to it, no faster than it listens. Raises EngineError, also once it is gone."""
        ...

    async def end(self) -> None:
        """Says that no more will come. Raises EngineError."""
        ...


class _ByChannel:
    """A caller at the other end of a channel."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._over = self._gone = False

    async def read(self) -> bytes:
        """See `Caller`."""
        while not self._over:
            kind, payload = await self._channel.read()
            if kind == OUT:
                await self._channel.used(len(payload))
                return payload
            self._over, self._gone = kind in (END, DONE), kind == DONE
        return b""

    async def write(self, data: bytes) -> None:
        """See `Caller`."""
        if self._gone:
            raise EngineError("The program in the sandbox has hung up.")
        await self._channel.write(data)

    async def end(self) -> None:
        """See `Caller`."""
        await self._channel.end()


Serve = Callable[[Caller], Awaitable[None]]


class Listener:
    """Serves each connection in a task of its own until it is closed or the sandbox is gone."""

    def __init__(self, link: Link, channel: Channel, serve: Serve) -> None:
        self._link = link
        self._channel = channel
        self._serve = serve
        self._tasks = Tasks()
        self._serving = Tasks()
        self._over = asyncio.Event()
        self._seats = asyncio.Semaphore(MOST_CONNECTIONS)

    @classmethod
    async def start(cls, link: Link, port: int, serve: Serve) -> Self:
        """Listens on the sandbox's own loopback; a program can connect once this returns. Raises EngineError."""
        channel = await link.open(LISTEN, {"port": port})
        kind, payload = await channel.read()
        if kind == DONE:
            channel.close()
            ended(payload)
        listener = cls(link, channel, serve)
        listener._tasks.spawn(listener._listen(), f"listener on {port}")
        return listener

    async def close(self) -> None:
        """Listens no more and drops what is connected; safe to call twice."""
        with suppress(EngineError):
            await self._channel.stop(0)
        self._channel.close()
        await self._tasks.close()
        await self._serving.close()

    async def ended(self) -> None:
        """Returns once it listens no more, whyever."""
        await self._over.wait()

    async def _listen(self) -> None:
        try:
            with suppress(EngineError):
                while True:
                    kind, payload = await self._channel.read()
                    if kind == DONE:
                        return
                    await self._channel.used(len(payload))
                    # More than can wait inside are told of only by what is no supervisor of ours any more.
                    if kind == OUT and len(self._serving) < _MOST_TOLD:
                        number = int.from_bytes(payload[:4], "big")
                        self._serving.spawn(self._take(number), "a connection out of a sandbox")
        finally:
            self._over.set()

    async def _take(self, number: int) -> None:
        async with self._seats:
            with suppress(EngineError):
                await self._serve_one(number)

    async def _serve_one(self, number: int) -> None:
        channel = await self._link.open(ACCEPT, {"connection": number})
        try:
            await self._serve(_ByChannel(channel))
        finally:
            with suppress(EngineError):
                await channel.stop(0)
            channel.close()


class StandingListener:
    """A listener that is started again when what carries it breaks, a bounded number of times."""

    def __init__(self, carrier: Callable[[], Awaitable[Link]], port: int, serve: Serve) -> None:
        self._carrier = carrier
        self._port = port
        self._serve = serve
        self._tasks = Tasks()

    @property
    def stands(self) -> bool:
        """Whether it listens, or will again."""
        return len(self._tasks) > 0

    @classmethod
    async def start(cls, carrier: Callable[[], Awaitable[Link]], port: int, serve: Serve) -> Self:
        """Listens over the link that `carrier` gives, a new one when that breaks. Raises EngineError."""
        standing = cls(carrier, port, serve)
        first = await Listener.start(await carrier(), port, serve)
        standing._tasks.spawn(standing._stand(first), f"standing listener on {port}")
        return standing

    async def close(self) -> None:
        """Listens no more; safe to call twice."""
        await self._tasks.close()

    async def _stand(self, listener: Listener) -> None:
        with suppress(EngineError):
            for _ in range(_MOST_STARTS):
                try:
                    await listener.ended()
                finally:
                    await listener.close()
                listener = await Listener.start(await self._carrier(), self._port, self._serve)
