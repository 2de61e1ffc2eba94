"""Carrying: bytes between a program in a sandbox and a host, counted, and no longer than something moves."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from studio.domain.errors import LimitReached, PolicyRefused
from studio.sandbox.egress.hello import TLS, Hello
from studio.sandbox.inside.frames import PIECE
from studio.sandbox.listener import Caller

_AHEAD = 1 << 18


class Meter:
    """What all connections of one run have moved; `most` is their ceiling in bytes, 0 for none."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._moved = 0

    def add(self, count: int) -> None:
        """Counts bytes. Raises LimitReached once there are too many."""
        self._moved += count
        self.require_room()

    def require_room(self) -> None:
        """Raises LimitReached when nothing more may be moved."""
        if self._most and self._moved > self._most:
            raise LimitReached("what this run may send and receive in all is used up")


class Said:
    """What a program in the sandbox says, as a stream of which pieces can be given back."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self._back = b""
        self._coming: asyncio.Future[bytes] | None = None

    async def read(self) -> bytes:
        """The next piece; empty at the end. Raises EngineError. When cancelled, nothing is lost."""
        if self._back:
            piece, self._back = self._back, b""
            return piece
        if self._coming is None:
            self._coming = asyncio.ensure_future(self._caller.read())
        piece = await asyncio.shield(self._coming)
        self._coming = None
        return piece

    def give_back(self, data: bytes) -> None:
        """Lets `data` be read again, before all else."""
        self._back = data + self._back

    async def exactly(self, count: int) -> bytes:
        """So many bytes. Raises EOFError when there are fewer."""
        data = b""
        while len(data) < count:
            piece = await self.read()
            if not piece:
                raise EOFError
            data += piece
        self.give_back(data[count:])
        return data[:count]

    async def hang_up(self) -> None:
        """Returns once the program has hung up; what it says until then is kept, up to a bound."""
        early, self._back = self._back, b""
        try:
            while len(early) < _AHEAD:
                piece = await self.read()
                if not piece:
                    return
                early += piece
            await asyncio.Event().wait()
        finally:
            self.give_back(early)

    async def close(self) -> None:
        """Reads no more."""
        if self._coming is not None:
            self._coming.cancel()
            await asyncio.wait({self._coming})


class Carried:
    """The bytes of one connection so far, which count for its sandbox, too."""

    def __init__(self, meter: Meter) -> None:
        self._meter = meter
        self._on_moved: Callable[[], None] | None = None
        self.sent = 0
        self.received = 0

    def watch(self, on_moved: Callable[[], None]) -> None:
        """Calls `on_moved` whenever something moves."""
        self._on_moved = on_moved

    def send(self, count: int) -> None:
        """Counts what goes out. Raises LimitReached."""
        self.sent += count
        self._moved(count)

    def receive(self, count: int) -> None:
        """Counts what comes in. Raises LimitReached."""
        self.received += count
        self._moved(count)

    def _moved(self, count: int) -> None:
        if self._on_moved is not None:
            self._on_moved()
        self._meter.add(count)


async def carry(
    said: Said,
    caller: Caller,
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    carried: Carried,
    host: str,
) -> None:
    """Moves bytes both ways until both sides have said all. Raises OSError, EngineError, Refused.

    An encrypted connection must be for `host` by its own words, too: many hosts may be behind one address.
    """

    async def out() -> None:
        await _greeting(said, host)
        while data := await said.read():
            carried.send(len(data))
            writer.write(data)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()

    async def back() -> None:
        while data := await reader.read(PIECE):
            carried.receive(len(data))
            await caller.write(data)
        await caller.end()

    await both(out(), back())


async def _greeting(said: Said, host: str) -> None:
    """Hears so much of the first words that it is known whom they are for; all of them are to be read again."""
    heard = await said.read()
    if heard[:1] == bytes((TLS,)):
        hello, piece = Hello(), heard
        while (is_for_another := hello.names_another(piece, host)) is None:
            piece = await said.read()
            if not piece:
                break
            heard += piece
        if is_for_another:
            raise PolicyRefused("it asked for another host there")
    said.give_back(heard)


async def both(one: Awaitable[None], other: Awaitable[None]) -> None:
    """Does two things side by side; the failure of either ends the other and is raised."""
    tasks = {asyncio.ensure_future(one), asyncio.ensure_future(other)}
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
        for task in done:
            task.result()
    finally:
        await given_up(*tasks)


async def given_up(*tasks: asyncio.Future[None]) -> None:
    """Cancels what still runs, and waits until it has ended; nobody wants to know how."""
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    for task in tasks:
        if not task.cancelled():
            task.exception()
