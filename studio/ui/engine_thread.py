"""The engine thread: the loop the core lives on while a window is open."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Awaitable, Callable, Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

from studio.domain.events import Delta, Recorded
from studio.ui.batch import Batch

if TYPE_CHECKING:
    from studio.app.studio import Studio

T = TypeVar("T")

BATCH_SECONDS = 1 / 30
CLOSE_SECONDS = 4.0


class EngineThread:
    """Builds the core on a loop of its own, answers calls and gathers events.

    Callbacks run on the engine thread: `on_ready()`, `on_failed(error)` when the core cannot be built or its
    feed breaks, `on_batch(items)`, which is not called again before `batch_taken()`.
    """

    def __init__(
        self,
        build: Callable[[], Awaitable[Studio]],
        on_ready: Callable[[], None],
        on_failed: Callable[[Exception], None],
        on_batch: Callable[[list[Recorded | Delta]], None],
    ) -> None:
        self._build = build
        self._on_ready = on_ready
        self._on_failed = on_failed
        self._on_batch = on_batch
        self._loop = asyncio.new_event_loop()
        self._studio: asyncio.Future[Studio] = self._loop.create_future()
        self._stopping = asyncio.Event()
        self._calls: set[asyncio.Task[None]] = set()
        self._batch = Batch()
        self._batch_sent = False
        self._thread = threading.Thread(target=self._run, name="engine", daemon=True)

    def start(self) -> None:
        """Starts the thread; returns at once."""
        self._thread.start()

    def submit(
        self,
        make: Callable[[Studio], Awaitable[T]],
        done: Callable[[T], None],
        failed: Callable[[Exception], None],
    ) -> None:
        """Runs `make` with the core once it stands; exactly one of `done` and `failed` follows, unless stopped."""
        self._soon(lambda: self._spawn(self._answer(make, done, failed)))

    def batch_taken(self) -> None:
        """Says that the last batch has been dealt with."""
        self._soon(self._release)

    def stop(self, seconds: float = CLOSE_SECONDS) -> bool:
        """Cancels calls, closes the core and waits; False when it did not end in that time."""
        if self._thread.ident is None:
            self._loop.close()
            return True
        self._soon(self._stopping.set)
        self._thread.join(seconds + 0.5)
        return not self._thread.is_alive()

    def _soon(self, act: Callable[[], object]) -> None:
        # A loop that is closed has nothing left to do; the window may still say goodbye to it.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(act)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._main())
        finally:
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
            self._loop.close()

    async def _main(self) -> None:
        opening = asyncio.create_task(self._open())
        await self._stopping.wait()
        self._calls.add(opening)
        for task in tuple(self._calls):
            task.cancel()
        await asyncio.gather(*self._calls, return_exceptions=True)
        if self._studio.done() and not self._studio.cancelled() and self._studio.exception() is None:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._studio.result().close(), CLOSE_SECONDS)

    async def _open(self) -> None:
        try:
            studio = await self._build()
        except Exception as error:
            self._studio.set_exception(error)
            self._studio.exception()  # read once here, so that nobody has to have called by then
            self._on_failed(error)
            return
        self._studio.set_result(studio)
        self._on_ready()
        try:
            await self._gather(studio)
        except Exception as error:
            self._on_failed(error)

    async def _gather(self, studio: Studio) -> None:
        async for item in studio.feed.follow(await studio.feed.last()):
            first = not self._batch
            self._batch.add(item)
            if first and not self._batch_sent:
                self._loop.call_later(BATCH_SECONDS, self._send)

    def _send(self) -> None:
        if self._batch and not self._batch_sent:
            self._batch_sent = True
            self._on_batch(self._batch.take())

    def _release(self) -> None:
        self._batch_sent = False
        if self._batch:
            self._loop.call_later(BATCH_SECONDS, self._send)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(work)
        self._calls.add(task)
        task.add_done_callback(self._calls.discard)

    async def _answer(
        self,
        make: Callable[[Studio], Awaitable[T]],
        done: Callable[[T], None],
        failed: Callable[[Exception], None],
    ) -> None:
        try:
            # Shielded: one cancelled call must not cancel the core that all others wait for.
            answer = await make(await asyncio.shield(self._studio))
        except Exception as error:
            failed(error)
        else:
            done(answer)
