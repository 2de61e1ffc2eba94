"""The link to a supervisor inside a sandbox: many channels over one exec stream."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Self

from studio.base.aio import Tasks, in_thread
from studio.contracts.sandbox_engine import ExecStream, SandboxEngine
from studio.domain.errors import EngineError
from studio.sandbox.inside.frames import (
    CREDIT,
    DATA,
    DONE,
    END,
    PIECE,
    READY,
    STOP,
    WINDOW,
    Splitter,
    frame,
)
from studio.sandbox.packed import SUPERVISOR, packed
from studio.sandbox.shape import HOME, WORKDIR
from studio.sandbox.sleep import Wakes, is_watching

_READY_SECONDS = 30.0
_MAX_WAITING = 4 * WINDOW
"""A guest that sends more than its window on a channel does not keep to the protocol."""


class Link:
    """One running supervisor. When it dies, every channel fails with one EngineError, `broken`."""

    def __init__(self, stream: ExecStream, sleep: Wakes | None = None) -> None:
        self.broken: EngineError | None = None
        self._stream = stream
        self._sleep = sleep
        self._tasks = Tasks()
        self._channels: dict[int, Channel] = {}
        self._last = 0
        self._ready = asyncio.Event()
        self._serves = False

    @classmethod
    async def start(cls, engine: SandboxEngine, container: str, *, shell: bool, sleep: Wakes | None = None) -> Self:
        """Starts a supervisor in a running container and waits until it serves. Raises EngineError.

        Without `shell` it keeps no shells waiting: such a one serves terminals and connections only. What goes over
        the link wakes the container by its `sleep`.
        """
        boot, program = await in_thread(packed, SUPERVISOR, {"directory": WORKDIR, "home": HOME, "shell": shell})
        link = cls(await engine.exec(container, ("python3", "-I", "-S", "-u", "-c", boot)), sleep)
        link._tasks.spawn(link._receive(), f"link to {container[:12]}")
        try:
            async with asyncio.timeout(_READY_SECONDS):
                await link._stream.write(program)
                await link._ready.wait()
        except TimeoutError as error:
            raise link.fail("The sandbox started but its supervisor does not answer.") from error
        finally:
            if not link._serves:
                await link.close()
        if link.broken is not None:
            raise link.broken
        return link

    @property
    def busy(self) -> bool:
        """Whether somebody waits for the end of what was asked for."""
        return any(channel.awaited for channel in self._channels.values())

    def channel(self, kind: int, request: Mapping[str, Any]) -> Channel:
        """A channel for a request that `Channel.ask` will send. Raises EngineError when the link is broken."""
        if self.broken is not None:
            raise self.broken
        self._last += 1
        channel = self._channels[self._last] = Channel(self, self._last, kind, request)
        return channel

    async def open(self, kind: int, request: Mapping[str, Any]) -> Channel:
        """Sends a request on a channel of its own. Raises EngineError when the link is broken."""
        channel = self.channel(kind, request)
        channel.awaited = False
        try:
            await channel.ask()
        except BaseException:
            # The request may be on its way all the same.
            with suppress(EngineError):
                await channel.stop(0)
            channel.close()
            raise
        return channel

    async def send(self, kind: int, channel: int, payload: bytes = b"") -> None:
        """Sends one frame, to a container that is awake. Raises EngineError when the link is broken."""
        # Leave to send more wakes nobody: what sleeps sends nothing.
        if self._sleep is not None and self.broken is None and kind != CREDIT:
            await self._sleep.wake()
        if self.broken is not None:
            raise self.broken
        await self._stream.write(frame(kind, channel, payload))

    def forget(self, channel: int) -> None:
        """Drops a channel; what still comes for it is ignored."""
        self._channels.pop(channel, None)

    async def close(self) -> None:
        """Hangs up: the supervisor ends everything it runs, then itself."""
        self.fail("The sandbox was closed.")
        await self._tasks.close()
        await self._stream.close()

    async def _receive(self) -> None:
        splitter = Splitter()
        reason = "The sandbox's supervisor ended unexpectedly."
        try:
            while data := await self._stream.read():
                for kind, number, payload in splitter.feed(data):
                    self._note_use(number)
                    if kind == READY:
                        self._serves = True
                        self._ready.set()
                    elif kind == DONE and number == 0:
                        reason = f"The sandbox's supervisor failed: {_object(payload).get('trouble')}"
                    elif (channel := self._channels.get(number)) is not None:
                        channel.take(kind, payload)
        except ValueError as error:
            # Anything inside may have written here: it is no longer a supervisor we are talking to.
            reason = f"The sandbox does not keep to the protocol: {str(error)[:300]}"
        complaint = getattr(self._stream, "complaint", b"")
        self.fail(f"{reason} {complaint.decode('utf-8', 'replace')[-500:]}".strip())
        await self._stream.close()

    def _note_use(self, number: int) -> None:
        channel = self._channels.get(number)
        if self._sleep is not None and channel is not None and not channel.only_watches:
            self._sleep.touch()

    def fail(self, reason: str | EngineError) -> EngineError:
        """Declares the link dead, once, and returns the error that everyone on it gets."""
        if self.broken is None:
            anew = "Send the message again: the sandbox starts anew."
            self.broken = EngineError(reason, anew, retryable=True) if isinstance(reason, str) else reason
            self._ready.set()
            for channel in self._channels.values():
                channel.wake()
        return self.broken


class Channel:
    """One request and everything said about it, in both directions.

    `awaited` says that somebody waits for its end, as nobody does for that of a terminal or a connection;
    `only_watches` that its answer is no use of the sandbox.
    """

    def __init__(self, link: Link, number: int, kind: int, request: Mapping[str, Any]) -> None:
        self.number = number
        self.awaited = True
        self.only_watches = is_watching()
        self._link = link
        self._kind = kind
        self._request = request
        self._waiting: asyncio.Queue[tuple[int, bytes] | None] = asyncio.Queue()
        self._bytes = 0
        self._under_way = 0
        self._credit = asyncio.Event()

    def take(self, kind: int, payload: bytes) -> None:
        """Takes a frame from the link's reader. Raises ValueError when the guest ignores its window."""
        if kind == CREDIT:
            self._under_way -= int.from_bytes(payload[:4], "big")
            self._credit.set()
            return
        self._bytes += len(payload)
        if self._bytes > _MAX_WAITING:
            raise ValueError("more data than was asked for")
        self._waiting.put_nowait((kind, payload))

    def wake(self) -> None:
        """Lets everyone who waits find out that the link is broken."""
        self._waiting.put_nowait(None)
        self._credit.set()

    async def read(self) -> tuple[int, bytes]:
        """The next frame; a channel ends with `DONE`. Raises EngineError when the link breaks."""
        item = await self._waiting.get()
        if item is None:
            self.wake()
            raise self._link.broken or EngineError("The sandbox is gone.")
        self._bytes -= len(item[1])
        return item

    async def used(self, count: int) -> None:
        """Lets the guest send so many bytes more."""
        await self._link.send(CREDIT, self.number, count.to_bytes(4, "big"))

    async def ask(self) -> None:
        """Sends the request. Raises EngineError; when cancelled, the request may be on its way."""
        await self.tell(self._kind, self._request)

    async def write(self, data: bytes) -> None:
        """Sends data, no faster than the guest takes it. Raises EngineError."""
        for at in range(0, len(data), PIECE):
            piece = data[at : at + PIECE]
            while self._under_way + len(piece) > WINDOW:
                self._credit.clear()
                await self._credit.wait()
                if self._link.broken is not None:
                    raise self._link.broken
            self._under_way += len(piece)
            await self._link.send(DATA, self.number, piece)

    async def tell(self, kind: int, value: Mapping[str, Any] | None = None) -> None:
        """Sends a frame about this channel, `END` for example."""
        await self._link.send(kind, self.number, json.dumps(value).encode() if value is not None else b"")

    async def end(self) -> None:
        """Says that no more data will come."""
        await self.tell(END)

    async def stop(self, grace: float) -> None:
        """Asks that what the channel runs be ended, with force after `grace` seconds."""
        await self.tell(STOP, {"grace": grace})

    def abandon(self) -> EngineError:
        """Gives the whole sandbox up because what runs on this channel cannot be ended."""
        return self._link.fail("The sandbox is stuck: what ran in it could not be ended.")

    def close(self) -> None:
        """Forgets the channel."""
        self._link.forget(self.number)


def ended(payload: bytes) -> dict[str, Any]:
    """What a `DONE` frame says. Raises EngineError when nothing was run; a missing exit code is never success."""
    said = _object(payload)
    if said.get("trouble"):
        raise EngineError(f"The program could not be run in the sandbox: {str(said['trouble'])[:500]}")
    if not isinstance(said.get("code"), int):
        raise EngineError("The sandbox did not say how the program ended.", retryable=True)
    return said


def _object(payload: bytes) -> dict[str, Any]:
    try:
        value = json.loads(payload)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
