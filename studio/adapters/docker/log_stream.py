"""The log of a container as it is written, over the engine's own connection."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from studio.adapters.docker.find import Endpoint
from studio.adapters.docker.mapped import engine_error, no_engine
from studio.adapters.docker.stream import open_to
from studio.contracts.container_log import LoggedLine
from studio.domain.errors import EngineError

LINE_CHARACTERS = 4000
_PIECE = 1 << 14
"""To take so much apart keeps the loop for a few milliseconds."""
_HEADER_BYTES = 8
_FRAME_BYTES = 1 << 20
_STDERR = 2


class DockerLogStream:
    """The log of one container. Nothing waits in a thread for it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._frames = LogFrames()

    async def read(self) -> tuple[LoggedLine, ...]:
        """The next lines; none at the end, however it came about."""
        try:
            while data := await self._reader.read(_PIECE):
                if lines := self._frames.feed(data):
                    return lines
        except (OSError, ValueError):
            return ()
        return self._frames.finish()

    async def close(self) -> None:
        """Ends the connection at once: nothing is on its way to the engine."""
        self._writer.transport.abort()


class EmptyLog:
    """The log of a container that keeps none."""

    async def read(self) -> tuple[LoggedLine, ...]:
        """Nothing."""
        return ()

    async def close(self) -> None:
        """Holds nothing."""


async def follow(endpoint: Endpoint, version: str, container: str, lines: int) -> DockerLogStream:
    """The log from its last `lines` on. Raises EngineError when the engine does not answer or refuses."""
    try:
        reader, writer = await open_to(endpoint)
    except OSError as error:
        raise engine_error(error, "reading a container's log", endpoint) from error
    path = f"/v{version}/containers/{container}/logs?follow=1&stdout=1&stderr=1&timestamps=1&tail={lines}"
    try:
        # In the older form of HTTP an answer without a known length is not wrapped into pieces of its own.
        writer.write(f"GET {path} HTTP/1.0\r\nHost: engine\r\n\r\n".encode("ascii"))
        answer = await reader.readuntil(b"\r\n\r\n")
    except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
        writer.transport.abort()
        raise no_engine(endpoint) from error
    except BaseException:
        writer.transport.abort()
        raise
    if answer.split(b" ", 2)[1:2] != [b"200"]:
        said = (await reader.read(1000)).decode("utf-8", "replace").strip()
        writer.transport.abort()
        raise EngineError(f"The container engine failed while reading a container's log: {said or answer!r}")
    return DockerLogStream(reader, writer)


class LogFrames:
    """Takes the engine's frames apart as they come: each is a piece of a line, with the time in front of it."""

    def __init__(self) -> None:
        self._rest = bytearray()
        self._begun: dict[bool, LoggedLine] = {}

    def feed(self, data: bytes) -> tuple[LoggedLine, ...]:
        """The lines that are whole with this. Raises ValueError for what is no log of an engine."""
        self._rest += data
        found: list[LoggedLine] = []
        at = 0
        while len(self._rest) - at >= _HEADER_BYTES:
            size = int.from_bytes(self._rest[at + 4 : at + _HEADER_BYTES], "big")
            if size > _FRAME_BYTES:
                raise ValueError("a piece of a log is too long")
            end = at + _HEADER_BYTES + size
            if end > len(self._rest):
                break
            found += self._take(self._rest[at] == _STDERR, bytes(self._rest[at + _HEADER_BYTES : end]))
            at = end
        del self._rest[:at]
        return tuple(found)

    def finish(self) -> tuple[LoggedLine, ...]:
        """What was begun and has no end: nothing more comes."""
        begun, self._begun = tuple(self._begun.values()), {}
        return begun

    def _take(self, is_error: bool, piece: bytes) -> list[LoggedLine]:
        stamp, _, written = piece.partition(b" ")
        ends = written.endswith(b"\n")
        text = written[:-1].decode("utf-8", "replace") if ends else written.decode("utf-8", "replace")
        begun = self._begun.pop(is_error, None)
        if begun is None:
            line = LoggedLine(_time(stamp), text[:LINE_CHARACTERS], is_error)
        else:
            line = LoggedLine(begun.time, (begun.text + text)[:LINE_CHARACTERS], is_error)
        if ends:
            return [line]
        self._begun[is_error] = line
        return []


def _time(stamp: bytes) -> datetime:
    return datetime.fromisoformat(stamp.decode("ascii", "replace")).astimezone(UTC)
