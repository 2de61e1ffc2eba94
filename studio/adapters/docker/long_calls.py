"""Long calls: a build or a pull, on a thread and a line of its own that is cut once nobody waits for it."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from docker import APIClient
from urllib3.exceptions import HTTPError

from studio.adapters.docker.find import Endpoint
from studio.adapters.docker.mapped import engine_errors, no_engine
from studio.adapters.docker.own_folders import own_folder
from studio.adapters.docker.stream import open_to
from studio.base.aio import Threads, in_thread
from studio.domain.errors import EngineError

_T = TypeVar("_T")
_FOLDER = "studio-line-"
_PIECE = 1 << 18
_ENDS_SECONDS = 10.0


async def long_call(
    endpoint: Endpoint, version: str, doing: str, action: Callable[[APIClient], _T], seconds: float
) -> _T:
    """What `action` gives, with a client of its own. Raises EngineError, also when it takes longer than `seconds`.

    When it is cancelled the engine hears of it, by the end of the connection, and the thread has ended as well.
    """
    line = await _Line.laid(endpoint)
    thread = Threads(1, "container-engine-long")
    call = asyncio.ensure_future(thread.run(_blocking, line.url, version, doing, endpoint, action))
    call.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
    try:
        await asyncio.wait({call}, timeout=seconds)
        if not call.done():
            raise EngineError(
                f"{doing.capitalize()} took longer than {seconds / 60:g} minutes and was stopped.",
                "See whether the engine or the registry is busy, and try again.",
            )
        return call.result()
    finally:
        line.cut()
        await asyncio.wait({call}, timeout=_ENDS_SECONDS)
        thread.close()
        await line.cleared()


def _blocking(url: str, version: str, doing: str, endpoint: Endpoint, action: Callable[[APIClient], _T]) -> _T:
    with engine_errors(doing, endpoint):
        api = APIClient(base_url=url, version=version)
        try:
            return action(api)
        except HTTPError as error:  # the connection ended in the middle of what is told
            raise no_engine(endpoint) from error
        finally:
            api.close()


class _Line:
    """A socket of ours behind which the engine is, for one caller."""

    def __init__(self, endpoint: Endpoint, folder: Path) -> None:
        self._endpoint = endpoint
        self._folder = folder
        self._server: asyncio.Server | None = None
        self._carrying: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """Where it begins."""
        return f"unix://{self._folder}/s"

    @classmethod
    async def laid(cls, endpoint: Endpoint) -> _Line:
        """A line to the engine; nobody but this user can take it."""
        line = cls(endpoint, await in_thread(own_folder, _FOLDER))
        try:
            line._server = await asyncio.start_unix_server(line._taken, line._folder / "s", limit=_PIECE)
        except BaseException:
            await line.cleared()
            raise
        return line

    def cut(self) -> None:
        """Ends it, whatever is on it."""
        if self._server is not None:
            self._server.close()
        for each in self._carrying:
            each.cancel()

    async def cleared(self) -> None:
        """Takes away what is left of one that is cut."""
        if self._carrying:
            await asyncio.wait(set(self._carrying))
        await in_thread(shutil.rmtree, self._folder, ignore_errors=True)

    async def _taken(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        this = asyncio.current_task()
        assert this is not None
        self._carrying.add(this)
        try:
            await self._carry(reader, writer)
        except (OSError, EngineError, asyncio.CancelledError):
            pass  # the other end sees as much as there is to see: that the connection has ended
        finally:
            writer.transport.abort()
            self._carrying.discard(this)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await open_to(self._endpoint)
        ways = {
            asyncio.ensure_future(_copied(reader, far_writer)),
            asyncio.ensure_future(_copied(far_reader, writer)),
        }
        try:
            # The client never ends its half alone: whoever ends has ended the call.
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            await _drained(writer)
        finally:
            for way in ways:
                way.cancel()
            far_writer.transport.abort()
            await asyncio.wait(ways)


async def _copied(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    try:
        while data := await source.read(_PIECE):
            target.write(data)
            await target.drain()
    except OSError:
        return


async def _drained(writer: asyncio.StreamWriter) -> None:
    """Sends what is left to send, before the connection is broken off."""
    writer.close()
    try:
        await writer.wait_closed()
    except OSError:
        return
