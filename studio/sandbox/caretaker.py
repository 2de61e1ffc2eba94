"""The caretaker: looks after open sandboxes, lets unused ones sleep, and gives up those that slept for long."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from studio.base.aio import Tasks
from studio.base.log import logger
from studio.contracts.clock import Clock
from studio.domain.errors import EngineError, StudioError
from studio.domain.ids import RunId
from studio.sandbox.box import Sandbox
from studio.sandbox.sandboxes import Sandboxes

log = logger("sandbox")

LOOK_SECONDS = 15.0
"""How often it looks; nothing that a person waits for hangs on it."""

BUSY_PERCENT = 5.0
"""Of one core: what computes so much by itself is at work, whoever started it."""

Retire = Callable[[RunId, str], Awaitable[bool]]
"""Closes a run's sandbox for this reason, unless the run is being worked on; whether it is closed now."""


class Round(Protocol):
    """Something else that is looked after at the same time, every so many `seconds`."""

    seconds: float

    async def look(self) -> None:
        """Looks once. Raises StudioError, which ends this look and no more."""
        ...


@dataclass(frozen=True, slots=True)
class Bounds:
    """After how many seconds without use a sandbox sleeps, and after how many more it is closed; 0 is never."""

    sleep: float
    stop: float


class Caretaker:
    """One for the process that has the engine."""

    def __init__(
        self,
        sandboxes: Sandboxes,
        clock: Clock,
        bounds: Bounds,
        retire: Retire,
        others: tuple[Round, ...] = (),
    ) -> None:
        self._sandboxes = sandboxes
        self._clock = clock
        self._bounds = bounds
        self._retire = retire
        self._others = others
        self._tasks = Tasks()

    def start(self) -> None:
        """Looks from now on, until `close`."""
        self._tasks.spawn(self._run(self.look, LOOK_SECONDS), "caretaker of the sandboxes")
        for other in self._others:
            self._tasks.spawn(self._run(other.look, other.seconds), f"round of {type(other).__name__}")

    async def close(self) -> None:
        """Looks no more."""
        await self._tasks.close()

    async def look(self) -> None:
        """Looks at every open sandbox once. Raises EngineError when the engine does not answer."""
        if not self._sandboxes.opened():
            return
        await self._compare()
        for sandbox in self._sandboxes.opened():
            if sandbox.broken is None:
                await self._look_at(sandbox)

    async def _compare(self) -> None:
        """Takes in which containers somebody else paused, let go on, or ended."""
        before = {sandbox.id: sandbox.sleep.changes for sandbox in self._sandboxes.opened()}
        states = {state.id: state for state in await self._sandboxes.containers()}
        for sandbox in self._sandboxes.opened():
            state = states.get(sandbox.container)
            if sandbox.id not in before:
                continue
            if state is None or not (state.running or state.paused):
                sandbox.fail("The sandbox's container has ended, and everything in it with it.")
                continue
            sandbox.sleep.found(before[sandbox.id], paused=state.paused)
            if sandbox.sleep.asleep and sandbox.busy:
                await sandbox.sleep.wake()

    async def _look_at(self, sandbox: Sandbox) -> None:
        bounds, sleep = self._bounds, sandbox.sleep
        if sleep.asleep:
            if bounds.stop and sleep.unused >= bounds.stop and not sandbox.holds_processes:
                minutes = round(sleep.unused / 60)
                await self._retire(sandbox.id, f"nobody used it for {minutes} minute{'' if minutes == 1 else 's'}")
        elif bounds.sleep and sleep.unused >= bounds.sleep and not sandbox.busy:
            await self.put_to_sleep(sandbox.id)

    async def put_to_sleep(self, run: RunId) -> bool:
        """Pauses a run's sandbox unless it is at work; whether it sleeps now. Raises EngineError."""
        sandbox = self._sandboxes.get(run)
        if sandbox is None or sandbox.sleep.asleep:
            return sandbox is not None
        if (await sandbox.stats()).cpu_percent >= BUSY_PERCENT:
            sandbox.sleep.touch()
            return False
        await sandbox.look_behind()
        used = sandbox.sleep.used
        if not await sandbox.sleep.fall_asleep(lambda: sandbox.busy or sandbox.sleep.used != used):
            return False
        self._sandboxes.told.slept(sandbox)
        return True

    async def _run(self, look: Callable[[], Awaitable[None]], seconds: float) -> None:
        while True:
            await self._clock.sleep(seconds)
            try:
                await look()
            except EngineError as error:
                log.info("sandboxes_not_looked_at", error=str(error))
            except (StudioError, OSError) as error:
                log.warning("sandboxes_not_looked_at", error=str(error))
