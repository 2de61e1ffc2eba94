"""Seat: the one place of a data folder from which work is done; it is inherited when its holder is gone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from studio.base.aio import in_thread
from studio.base.log import logger
from studio.contracts.clock import Clock
from studio.domain.clock import to_text
from studio.domain.errors import StoreError, StudioError
from studio.store.lock import EngineLock, Holder

log = logger("workflow")

T = TypeVar("T")

LOOK_SECONDS = 0.5
"""How often a process without the seat looks whether it is free."""

BRIEF_SECONDS = 60.0
RETRY_SECONDS = 0.1


class Seat:
    """Held by one process at a time. A `brief` one changes something and goes; any other runs the engine."""

    def __init__(self, lock: EngineLock, clock: Clock, *, brief: bool) -> None:
        self._lock = lock
        self._clock = clock
        self._brief = brief
        self._settled: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @property
    def taken(self) -> bool:
        """Whether this process has the seat and all that belongs to it stands."""
        return self._settled.done() and self._settled.exception() is None

    async def take(self) -> bool:
        """Tries to lock the seat; False when an engine holds it. Waits for one who holds it only for a moment.

        Raises StoreError when that moment lasts too long.
        """
        patience = self._clock.monotonic() + BRIEF_SECONDS
        while not await self._locked():
            if _runs_engine(await in_thread(self._lock.holder)):
                return False
            if self._clock.monotonic() > patience:
                raise StoreError(
                    "Another studio command is still changing the data folder.", "Try again when it has ended."
                )
            await self._clock.sleep(RETRY_SECONDS)
        return True

    async def has_engine(self) -> bool:
        """Whether this process or another one runs the engine now. Raises StoreError."""
        return self.taken or _runs_engine(await in_thread(self._lock.holder))

    def sit(self) -> None:
        """Says that everything which belongs to the locked seat stands."""
        self._settled.set_result(None)

    async def inherit(self, stand_up: Callable[[], Awaitable[None]]) -> None:
        """Waits until nobody holds the seat, then takes it; when `stand_up` fails, all who wait for it are told."""
        while await in_thread(self._lock.holder) is not None or not await self._locked():
            await self._clock.sleep(LOOK_SECONDS)
        log.info("seat_inherited")
        try:
            await stand_up()
        except Exception as error:
            log.exception("seat_not_usable")
            self._settled.set_exception(_not_taken_over(error))
            self._settled.exception()  # read once here, so that nobody has to be waiting
            self._lock.release()
        else:
            self.sit()

    async def mine(self) -> None:
        """Returns once this process has the seat; raises what has kept it from using it."""
        await asyncio.shield(self._settled)

    async def not_usable(self) -> None:
        """Raises what has kept this process from using the seat it inherited; waits for ever otherwise."""
        await self.mine()
        await asyncio.get_running_loop().create_future()

    async def engine(self) -> str:
        """The mark of the engine that works now, which no other one ever has; waits until there is one."""
        while not _runs_engine(holder := await in_thread(self._lock.holder)):
            await self._clock.sleep(RETRY_SECONDS)
        assert holder is not None
        assert holder.started is not None
        return f"{holder.pid}:{to_text(holder.started)}"

    async def unless_mine(self, work: Coroutine[Any, Any, T]) -> T | None:
        """What `work` returns; None, with the work cancelled, once this process has the seat."""
        working, mine = asyncio.ensure_future(work), asyncio.ensure_future(self.mine())
        try:
            await asyncio.wait({working, mine}, return_when=asyncio.FIRST_COMPLETED)
            if working.done():
                return working.result()
            return mine.result()
        finally:
            working.cancel()
            mine.cancel()

    async def _locked(self) -> bool:
        locking = asyncio.ensure_future(in_thread(self._lock.acquire, brief=self._brief))
        try:
            return await asyncio.shield(locking)
        except asyncio.CancelledError:
            # The thread goes on: a lock that it gets is not left behind.
            if await locking:
                self._lock.release()
            raise


def _not_taken_over(error: Exception) -> StoreError:
    why = error.sentence if isinstance(error, StudioError) else f"{type(error).__name__}."
    return StoreError(
        f"The Studio that did the work has ended, and this one cannot take over: {why}",
        "Start Studio again: the work is taken up then. The details are in logs/studio.log of the data folder.",
    )


def _runs_engine(holder: Holder | None) -> bool:
    return holder is not None and not holder.brief and holder.pid is not None
