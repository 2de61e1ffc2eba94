"""Worker: one thread that owns one database connection and does one thing after the other on it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from queue import SimpleQueue
from threading import Thread
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, Engine

from studio.store.faults import as_store_errors

P = ParamSpec("P")
R = TypeVar("R")


class Worker:
    """Hands work to its thread in the order it comes; the connection is never seen by another thread.

    A bare queue: an executor's own future beside asyncio's costs as much as most of what is done here.
    """

    def __init__(self, engine: Engine, name: str) -> None:
        self._engine = engine
        self._queue: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        # The one at work when the program ends is cut off as by a kill, which the database outlives.
        self._thread = Thread(target=self._work, name=name, daemon=True)
        self._connection: Connection | None = None
        self._closed = False

    def submit(
        self, work: Callable[Concatenate[Connection, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> asyncio.Future[R]:
        """Queues `work(connection, …)`; whoever stops waiting for it does not stop the work.

        It raises what the work raises, with the database's own failures as StoreError. Raises RuntimeError itself
        after `close`.
        """

        def run() -> R:
            if self._connection is None:
                self._connection = self._engine.connect()
            return work(self._connection, *args, **kwargs)

        return self._enqueue(run)

    async def close(self) -> None:
        """Ends what is queued, then the connection and the thread."""
        try:
            await settled(self._enqueue(self._disconnect))
        finally:
            self._closed = True
            self._queue.put(None)
            self._thread.join()

    def _enqueue(self, work: Callable[[], R]) -> asyncio.Future[R]:
        if self._closed:
            raise RuntimeError("the connection's thread has ended")
        loop = asyncio.get_running_loop()
        future: asyncio.Future[R] = loop.create_future()

        def run() -> None:
            try:
                with as_store_errors():
                    result = work()
            except BaseException as error:
                _tell(loop, partial(_fail, future, error))
            else:
                _tell(loop, partial(_succeed, future, result))

        self._queue.put(run)
        if self._thread.ident is None:
            self._thread.start()
        return future

    def _work(self) -> None:
        while (work := self._queue.get()) is not None:
            work()
            # What it found may be large, and the next work may come late.
            del work

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


async def settled(future: asyncio.Future[R]) -> R:
    """Waits until `future` is done even when the caller is cancelled; the cancellation is raised afterwards.

    So a commit that has begun always has an outcome that its caller knows.
    """
    cancelled: asyncio.CancelledError | None = None
    while not future.done():
        waiter = asyncio.get_running_loop().create_future()
        future.add_done_callback(partial(_wake, waiter))
        try:
            await waiter
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None and future.exception() is None:
        raise cancelled
    return future.result()


def _tell(loop: asyncio.AbstractEventLoop, call: Callable[[], None]) -> None:
    # A loop that has ended has nobody left who waits.
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(call)


def _succeed(future: asyncio.Future[R], result: R) -> None:
    if not future.done():
        future.set_result(result)


def _fail(future: asyncio.Future[R], error: BaseException) -> None:
    if not future.done():
        future.set_exception(error)


def _wake(waiter: asyncio.Future[None], _: asyncio.Future[R]) -> None:
    if not waiter.done():
        waiter.set_result(None)
