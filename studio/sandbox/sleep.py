"""Sleep: a sandbox that nobody uses is paused, and whoever sends something into it wakes it first."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Protocol

from studio.contracts.clock import Clock
from studio.contracts.sandbox_engine import SandboxEngine
from studio.domain.errors import EngineError

_watching: ContextVar[bool] = ContextVar("watching", default=False)


@contextmanager
def only_watching() -> Iterator[None]:
    """What is asked of a sandbox in here is no use of it: somebody looks on, who is to keep none from its sleep."""
    token = _watching.set(True)
    try:
        yield
    finally:
        _watching.reset(token)


def is_watching() -> bool:
    """Whether what is done now is done by somebody who only looks on."""
    return _watching.get()


class Wakes(Protocol):
    """Makes sure that a container is awake before something goes in."""

    def touch(self) -> None:
        """Notes that it is used now."""
        ...

    async def wake(self) -> None:
        """Lets it go on if it sleeps, and notes that it is used. Raises EngineError."""
        ...


class SleepElsewhere:
    """Wakes a container whose sleep another process keeps, by asking the engine each time.

    That process finds out when it compares what it believes with what the engine says.
    """

    def __init__(self, engine: SandboxEngine, container: str) -> None:
        self._engine = engine
        self._container = container

    def touch(self) -> None:
        """Notes nothing: here nobody lets it sleep."""

    async def wake(self) -> None:
        """Lets it go on if it sleeps. Raises EngineError."""
        await self._engine.unpause(self._container)


class Sleep:
    """Whether one sandbox sleeps, and since when nobody has used it: its container, and those of services beside it.

    A paused container keeps its memory and all that runs in it. A sandbox that its engine was told to pause counts as
    asleep until it was told to go on, also when the engine gave no answer. `changes` counts how often either was said;
    `woke` is told, each time it went on, how many milliseconds that took; `used` is when it was used, by the clock.
    """

    def __init__(self, engine: SandboxEngine, container: str, clock: Clock) -> None:
        self._engine = engine
        self.containers: Callable[[], tuple[str, ...]] = lambda: (container,)
        self._clock = clock
        self.woke: Callable[[float], None] = _unheard
        self.used = clock.monotonic()
        self._resting = False
        self._changing = asyncio.Lock()
        self.changes = 0

    @property
    def asleep(self) -> bool:
        """Whether it is paused, or being paused."""
        return self._resting

    @property
    def unused(self) -> float:
        """Seconds since something went in or came out."""
        return self._clock.monotonic() - self.used

    def touch(self) -> None:
        """Notes that it is used now."""
        self.used = self._clock.monotonic()

    async def wake(self) -> None:
        """Lets it go on if it sleeps, and notes that it is used. Raises EngineError when the engine cannot wake it."""
        if not is_watching():
            self.touch()
        if self._resting:
            await self._go_on()

    async def fall_asleep(self, busy: Callable[[], bool]) -> bool:
        """Pauses it unless it is `busy` at that very moment; whether it sleeps now. Raises EngineError."""
        async with self._changing:
            if self._resting or busy():
                return self._resting
            # Said before the engine is: whoever wants in from here on waits for the lock and wakes it.
            self._resting = True
            self.changes += 1
            own, *beside = self.containers()
            await self._engine.pause(own)
            for service in beside:
                with suppress(EngineError):  # one that has ended keeps nobody awake
                    await self._engine.pause(service)
        return True

    def found(self, changes: int, *, paused: bool) -> None:
        """Takes in what the engine was asked for when there had been so many `changes`: others may pause it as well."""
        if self.changes == changes and not self._changing.locked() and paused != self._resting:
            self._resting = paused
            self.touch()

    async def _go_on(self) -> None:
        async with self._changing:
            if not self._resting:
                return
            began = self._clock.monotonic()
            self.changes += 1
            own, *beside = self.containers()
            for service in beside:
                with suppress(EngineError):
                    await self._engine.unpause(service)
            await self._engine.unpause(own)
            self._resting = False
        self.touch()
        self.woke((self._clock.monotonic() - began) * 1000)


def _unheard(milliseconds: float) -> None:
    """Takes what nobody wants to know."""
