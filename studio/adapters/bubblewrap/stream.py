"""The two ends of one process inside a sandbox of bubblewrap."""

from __future__ import annotations

import asyncio
import json
import os
import socket
from contextlib import suppress
from typing import Self

from studio.domain.errors import EngineError

_LIMIT = 1 << 18
_COMPLAINT_BYTES = 4096
_LAST_WORD_SECONDS = 5.0


class BubblewrapExecStream:
    """One started program; implements contracts/sandbox_engine.ExecStream.

    What it writes to stderr is not passed on; its end is kept in `complaint`.
    """

    def __init__(self, caller: socket.socket, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.complaint = b""
        self._caller = caller
        self._reader = reader
        self._writer = writer
        self._errors = -1
        self._code: int | None = None
        self._over = False

    @classmethod
    async def start(cls, caller: socket.socket, argv: tuple[str, ...]) -> Self:
        """Asks at an open door for a program to be started. Raises EngineError when nobody is behind it any more."""
        here, there = socket.socketpair()
        with there:
            here.setblocking(False)
            stream = cls(caller, *await asyncio.open_unix_connection(sock=here, limit=_LIMIT))
            try:
                stream._ask(argv, there.fileno())
            except BaseException:
                await stream.close()
                raise
        return stream

    def _ask(self, argv: tuple[str, ...], there: int) -> None:
        self._errors, end = os.pipe()
        os.set_blocking(self._errors, False)
        asyncio.get_running_loop().add_reader(self._errors, self._on_complaint)
        try:
            socket.send_fds(self._caller, [json.dumps({"argv": list(argv)}).encode()], [there, end])
        except OSError as error:
            raise EngineError("The sandbox is gone.", "Send the message again.", retryable=True) from error
        finally:
            os.close(end)

    async def write(self, data: bytes) -> None:
        """Sends bytes to the program's stdin. Raises EngineError when the connection is gone."""
        try:
            self._writer.write(data)
            await self._writer.drain()
        except (OSError, RuntimeError) as error:
            raise EngineError("The connection into the sandbox is gone.", "Send the message again.") from error

    async def read(self) -> bytes:
        """The next bytes of stdout; empty at the end, however it came about."""
        try:
            data = await self._reader.read(65536)
        except OSError:
            data = b""
        if not data:
            self._over = True
        return data

    async def resize(self, columns: int, rows: int) -> None:
        """Does nothing: a terminal in a sandbox is the supervisor's, and none of this stream."""

    async def exit_code(self) -> int | None:
        """The exit code of a program that has ended; None while it runs, or when the sandbox ended with it."""
        if self._code is None and self._caller.fileno() >= 0:
            with suppress(OSError, ValueError, TimeoutError):
                # Its streams may be closed a moment before it has ended.
                async with asyncio.timeout(_LAST_WORD_SECONDS if self._over else 0.01):
                    said = await asyncio.get_running_loop().sock_recv(self._caller, 4096)
                found = json.loads(said)["code"] if said else None
                self._code = found if isinstance(found, int) else None
        return self._code

    async def close(self) -> None:
        """Closes the connection; the program sees the end of its input. Safe to call twice."""
        if self._errors >= 0:
            self._on_complaint()
            self._stop_hearing()
        self._caller.close()
        self._writer.close()
        with suppress(OSError):  # the other side was faster
            await self._writer.wait_closed()

    def _on_complaint(self) -> None:
        try:
            data = os.read(self._errors, 65536)
        except OSError:
            return
        if data:
            self.complaint = (self.complaint + data)[-_COMPLAINT_BYTES:]
        else:
            self._stop_hearing()

    def _stop_hearing(self) -> None:
        if self._errors >= 0:
            asyncio.get_running_loop().remove_reader(self._errors)
            os.close(self._errors)
            self._errors = -1
