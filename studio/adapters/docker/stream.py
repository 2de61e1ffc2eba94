"""The two ends of one process inside a container, over the engine's own connection."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from studio.adapters.docker.find import Endpoint
from studio.adapters.docker.mapped import engine_error, no_address, no_engine
from studio.adapters.docker.tls import ssl_context
from studio.domain.errors import EngineError

_STDOUT = 1
_HEADER_BYTES = 8
_COMPLAINT_BYTES = 4096
_CLOSE_SECONDS = 2.0


class DockerExecStream:
    """One started exec. Frames are taken apart here, on the loop: no thread waits for them.

    What a process without a terminal writes to stderr is not passed on; its end is kept in `complaint`.
    """

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        tty: bool,
        resize: Callable[[int, int], Awaitable[None]],
        exit_code: Callable[[], Awaitable[int | None]],
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._tty = tty
        self._resize = resize
        self._exit_code = exit_code
        self.complaint = b""

    async def write(self, data: bytes) -> None:
        """Sends bytes to the process's stdin. Raises EngineError when the connection is gone."""
        try:
            self._writer.write(data)
            await self._writer.drain()
        except (OSError, RuntimeError) as error:
            raise EngineError("The connection into the sandbox is gone.", "Send the message again.") from error

    async def read(self) -> bytes:
        """The next bytes of stdout; empty at the end, however it came about."""
        try:
            return await (self._reader.read(65536) if self._tty else self._next_stdout())
        except (asyncio.IncompleteReadError, OSError):
            return b""

    async def _next_stdout(self) -> bytes:
        while True:
            header = await self._reader.readexactly(_HEADER_BYTES)
            data = await self._reader.readexactly(int.from_bytes(header[4:], "big"))
            if header[0] == _STDOUT and data:
                return data
            self.complaint = (self.complaint + data)[-_COMPLAINT_BYTES:]

    async def resize(self, columns: int, rows: int) -> None:
        """Tells a terminal its size in characters."""
        await self._resize(columns, rows)

    async def exit_code(self) -> int | None:
        """The exit code of a process that has ended; None while it runs or when the engine does not know."""
        return await self._exit_code()

    async def close(self) -> None:
        """Closes the connection; the process sees end of input."""
        self._writer.close()
        try:
            async with asyncio.timeout(_CLOSE_SECONDS):
                await self._writer.wait_closed()
        except TimeoutError:
            self._writer.transport.abort()  # an engine that hangs takes nothing any more
        except OSError:
            return  # the other side was faster


async def connect(endpoint: Endpoint, path: str, *, tty: bool) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Starts the exec behind the API path `path` and turns the HTTP connection into its two-way stream.

    Raises EngineError when the engine does not answer or refuses.
    """
    try:
        reader, writer = await open_to(endpoint)
    except OSError as error:
        raise engine_error(error, "opening a stream into the sandbox", endpoint) from error
    body = json.dumps({"Detach": False, "Tty": tty}).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: engine\r\nContent-Type: application/json\r\n"
        f"Connection: Upgrade\r\nUpgrade: tcp\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    try:
        writer.write(head.encode("ascii") + body)
        await writer.drain()
        answer = await reader.readuntil(b"\r\n\r\n")
    except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
        writer.close()
        raise no_engine(endpoint) from error
    except BaseException:
        writer.close()
        raise
    status = answer.split(b" ", 2)[1:2]
    if status not in ([b"101"], [b"200"]):
        said = (await reader.read(1000)).decode("utf-8", "replace").strip()
        writer.close()
        raise EngineError(f"The container engine refused to run a program in the sandbox: {said or answer!r}")
    return reader, writer


async def open_to(endpoint: Endpoint) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A bare connection to the engine. Raises OSError, and EngineError for an address of a kind Studio cannot use."""
    if endpoint.socket is not None:
        return await asyncio.open_unix_connection(str(endpoint.socket), limit=1 << 18)
    address = urlsplit(endpoint.url)
    if address.scheme not in ("tcp", "http", "https") or not address.hostname:
        raise no_address(endpoint)
    secure = endpoint.tls is not None
    context = ssl_context(endpoint.tls) if endpoint.tls is not None else None
    return await asyncio.open_connection(
        address.hostname, address.port or (2376 if secure else 2375), ssl=context, limit=1 << 18
    )
