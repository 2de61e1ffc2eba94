"""Worker: one thread that owns one database connection and does one thing after the other on it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, Engine

from studio.store.faults import as_store_errors

P = ParamSpec("P")
R = TypeVar("R")


class Worker:
    """Hands work to its thread in the order it comes; the connection is never seen by another thread."""

    def __init__(self, engine: Engine, name: str) -> None:
        self._engine = engine
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._connection: Connection | None = None

    def submit(
        self, work: Callable[Concatenate[Connection, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> asyncio.Future[R]:
        """Queues `work(connection, …)`; whoever stops waiting for it does not stop the work.

        It raises what the work raises, with the database's own failures as StoreError.
        """

        def run() -> R:
            with as_store_errors():
                if self._connection is None:
                    self._connection = self._engine.connect()
                return work(self._connection, *args, **kwargs)

        return asyncio.get_running_loop().run_in_executor(self._thread, run)

    async def close(self) -> None:
        """Ends what is queued, then the connection and the thread."""
        try:
            await settled(asyncio.get_running_loop().run_in_executor(self._thread, self._disconnect))
        finally:
            self._thread.shutdown(wait=True)

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
        try:
            await asyncio.wait((future,))
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None and future.exception() is None:
        raise cancelled
    return future.result()
