"""Tasks: helpers for one asyncio loop on which nothing may block."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context, copy_context
from functools import partial
from typing import Any, ParamSpec, TypeVar

from studio.base.log import logger

P = ParamSpec("P")
R = TypeVar("R")

log = logger("tasks")


async def in_thread(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Runs a blocking call beside the loop and gives back what it returns or raises.

    Cancelling the caller stops the waiting only: a call that has begun goes on to its end.
    """
    return await asyncio.to_thread(function, *args, **kwargs)


async def to_end(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """As `in_thread`, but a caller who is cancelled meanwhile goes on only when the call has ended."""
    call = asyncio.ensure_future(in_thread(function, *args, **kwargs))
    try:
        return await asyncio.shield(call)
    except asyncio.CancelledError:
        await asyncio.wait((call,))
        raise


def uncancel() -> None:
    """Lets the current task go on after a cancellation that it has answered."""
    task = asyncio.current_task()
    while task is not None and task.cancelling():
        task.uncancel()


class Threads:
    """A few threads for calls that may hang: they keep each other waiting, never those of `in_thread`."""

    def __init__(self, count: int, name: str) -> None:
        self._pool = ThreadPoolExecutor(count, thread_name_prefix=name)

    async def run(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """As `in_thread`, on one of these threads; raises RuntimeError after `close`."""
        call = partial(copy_context().run, function, *args, **kwargs)
        return await asyncio.get_running_loop().run_in_executor(self._pool, call)

    def close(self) -> None:
        """Lets the threads end, each with the call it is in; what has not begun is cancelled."""
        self._pool.shutdown(wait=False, cancel_futures=True)


class Tasks:
    """The owner of spawned tasks: none is lost, none outlives `close`, none fails unheard."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[Any]] = set()
        self._closed = False

    def spawn(self, coro: Coroutine[Any, Any, R], name: str, context: Context | None = None) -> asyncio.Task[R]:
        """Starts `coro` on the running loop, in `context` if one is given; raises RuntimeError after `close`.

        A failure is logged under `name`, and raised to whoever awaits the task as well.
        """
        if self._closed:
            coro.close()
            raise RuntimeError(f"task {name} was spawned after its owner closed")
        task = asyncio.get_running_loop().create_task(coro, name=name, context=context)
        self._running.add(task)
        task.add_done_callback(self._ended)
        return task

    async def settle(self, seconds: float) -> None:
        """Waits until all that was spawned has ended by itself, but no longer than this."""
        if self._running:
            await asyncio.wait(tuple(self._running), timeout=seconds)

    async def close(self) -> None:
        """Cancels what still runs and waits until all of it has ended; safe to call twice."""
        self._closed = True
        while self._running:
            running = tuple(self._running)
            for task in running:
                task.cancel()
            await asyncio.wait(running)
            self._running.difference_update(running)

    def __len__(self) -> int:
        return len(self._running)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("task_failed", task=task.get_name(), error=repr(error), exc_info=error)
