"""A tunnel: a loopback port of this machine that leads to a port inside a sandbox."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Self

from studio.base.aio import Tasks
from studio.domain.errors import EngineError
from studio.sandbox.inside.frames import DONE, END, OUT, PIECE
from studio.sandbox.link import Channel
from studio.sandbox.own_requests import OwnRequests

_MAX_CONNECTIONS = 128
_STATUS_BYTES = 1024
_STATUS = re.compile(rb"HTTP/[\d.]{1,3} (\d{3}[ -~]{0,40})")


class Tunnel:
    """Plain TCP in both directions, so that whatever speaks HTTP or upgrades from it gets through.

    What Studio itself asks through it is noted in `own_requests`.
    """

    def __init__(self, connect: Callable[[], Awaitable[Channel]], own_requests: OwnRequests) -> None:
        self._connect = connect
        self.own_requests = own_requests
        self._server: asyncio.Server | None = None
        self._tasks = Tasks()
        self.host = "127.0.0.1"
        self.port = 0

    @classmethod
    async def start(cls, connect: Callable[[], Awaitable[Channel]], own_requests: OwnRequests) -> Self:
        """Listens on a free loopback port; each connection gets a channel of its own from `connect`."""
        tunnel = cls(connect, own_requests)
        tunnel._server = await asyncio.start_server(tunnel._accept, tunnel.host, 0)
        tunnel.port = tunnel._server.sockets[0].getsockname()[1]
        return tunnel

    @property
    def closed(self) -> bool:
        """Whether it no longer takes connections."""
        return self._server is None

    async def close(self) -> None:
        """Stops listening and drops all connections; safe to call twice."""
        server, self._server = self._server, None
        if server is not None:
            server.close()
            await self._tasks.close()
            await server.wait_closed()

    async def status(self, seconds: float) -> str:
        """The status that what is behind gives to `GET /`, such as `200 OK`; empty when it gives none in that time."""
        writer: asyncio.StreamWriter | None = None
        try:
            async with asyncio.timeout(seconds):
                reader, writer = await asyncio.open_connection(self.host, self.port, limit=_STATUS_BYTES)
                self.own_requests.note("/")
                writer.write(b"GET / HTTP/1.0\r\nHost: localhost\r\nAccept: text/html, */*\r\n\r\n")
                line = await reader.readline()
        except (OSError, ValueError):  # also TimeoutError, and a first line without an end
            return ""
        finally:
            if writer is not None:
                writer.close()
        found = _STATUS.match(line)
        return found[1].decode("latin-1").strip() if found else ""

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.closed or len(self._tasks) >= _MAX_CONNECTIONS:
            writer.close()
            return
        self._tasks.spawn(self._carry(reader, writer), "a connection into a sandbox")

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(EngineError, OSError):
                channel = await self._connect()
                try:
                    await self._both_ways(channel, reader, writer)
                finally:
                    with suppress(EngineError):
                        await channel.stop(0)
                    channel.close()
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def _both_ways(self, channel: Channel, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inward = asyncio.create_task(_inward(channel, reader), name="into a sandbox")
        try:
            await _outward(channel, writer)
        finally:
            inward.cancel()
            await asyncio.wait((inward,))


async def _inward(channel: Channel, reader: asyncio.StreamReader) -> None:
    with suppress(EngineError, OSError):
        while data := await reader.read(PIECE):
            await channel.write(data)
        await channel.end()


async def _outward(channel: Channel, writer: asyncio.StreamWriter) -> None:
    while True:
        kind, payload = await channel.read()
        if kind == DONE:
            return
        if kind == END and writer.can_write_eof():
            writer.write_eof()
        elif kind == OUT:
            writer.write(payload)
            await writer.drain()
            await channel.used(len(payload))
