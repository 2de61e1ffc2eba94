"""Whether the engine lives: asked on a connection of its own, beside every call that may hang."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from studio.adapters.docker.find import Endpoint
from studio.adapters.docker.mapped import engine_error, no_engine
from studio.adapters.docker.stream import open_to
from studio.adapters.docker.way import Way
from studio.domain.errors import EngineError, EngineGone

_T = TypeVar("_T")
_QUIET = "%7B%22type%22%3A%5B%22daemon%22%5D%7D"
"""The filter `{"type":["daemon"]}`: what is told of the engine itself, which is next to nothing."""


async def ping(way: Way, seconds: float) -> None:
    """Returns once the engine has answered. Raises EngineGone within so many seconds, EngineError when it refuses."""
    try:
        async with asyncio.timeout(seconds):
            line = await _asked(await way.ready(), "/_ping")
    except TimeoutError as error:
        raise hung(str(way)) from error
    if b" 200 " not in line:
        raise EngineError(
            f"What answers at {way} is no container engine that is well: {line[:100]!r}",
            "Look at its log, and at: docker info",
        )


async def until_gone(endpoint: Endpoint) -> None:
    """Returns when the engine ends a stream that it otherwise never ends. Raises EngineError when it gives none."""
    reader, writer = await _opened(endpoint)
    try:
        writer.write(_request(f"/events?filters={_QUIET}"))
        line = await reader.readline()
        if b" 200 " not in line:
            raise EngineError("The container engine tells nothing of itself.")
        while await reader.read(4096):
            pass
    except (OSError, asyncio.LimitOverrunError):
        return
    finally:
        writer.transport.abort()


def hung(url: str) -> EngineGone:
    """Somebody takes calls at `url` and answers none."""
    return EngineGone(
        f"The container engine at {url} takes calls and answers none: it hangs.",
        "See whether it is busy, or restart it: sudo systemctl restart docker",
        hung=True,
    )


class Calls:
    """Calls under way, all of which can be given up at once."""

    def __init__(self) -> None:
        self._under_way: set[asyncio.Future[EngineGone]] = set()
        self._gone: EngineGone | None = None

    def require(self) -> None:
        """Raises what all calls were given up for, until the engine was found to be well."""
        if self._gone is not None:
            raise EngineGone(self._gone.sentence, self._gone.action, hung=self._gone.hung)

    def is_well(self) -> None:
        """Lets calls be made again."""
        self._gone = None

    async def run(self, call: Awaitable[_T]) -> _T:
        """What the call gives; what it was given up for is raised in its place."""
        task = asyncio.ensure_future(call)
        given_up: asyncio.Future[EngineGone] = asyncio.get_running_loop().create_future()
        self._under_way.add(given_up)
        try:
            await asyncio.wait((task, given_up), return_when=asyncio.FIRST_COMPLETED)
            if not task.done():
                raise given_up.result()
            return task.result()
        finally:
            self._under_way.discard(given_up)
            if task.cancel():
                # What it holds is let go of before whoever asked goes on, and tidies up.
                await asyncio.wait((task,))

    def give_up(self, reason: EngineGone) -> None:
        """Ends the waiting for all of them, and lets none begin; what runs on a thread goes on there, unheard."""
        self._gone = reason
        for one in self._under_way:
            if not one.done():
                one.set_result(reason)


async def _asked(endpoint: Endpoint, path: str) -> bytes:
    """The first line of the answer. Raises EngineGone when the connection ends before there is one."""
    reader, writer = await _opened(endpoint)
    try:
        writer.write(_request(path))
        line = await reader.readline()
    except (OSError, ValueError) as error:
        raise no_engine(endpoint) from error
    finally:
        writer.transport.abort()
    if not line:
        raise no_engine(endpoint)
    return line


async def _opened(endpoint: Endpoint) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    try:
        return await open_to(endpoint)
    except OSError as error:
        raise engine_error(error, "finding out whether it is there", endpoint) from error


def _request(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: engine\r\n\r\n".encode("ascii")
