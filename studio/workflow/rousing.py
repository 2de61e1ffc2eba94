"""Rousing: begins the turn of a run whose app failed while its agent was at rest, where its role wants that."""

from __future__ import annotations

from typing import Protocol

from studio.base.aio import Tasks
from studio.base.log import logger
from studio.contracts.clock import Clock
from studio.domain.errors import StoreError, StudioError
from studio.domain.events import PreviewFailed, Recorded, TurnEnded
from studio.domain.ids import RunId, TurnId
from studio.domain.runs import Run
from studio.events.hub import Hub

log = logger("workflow")

SETTLE_SECONDS = 3.0
"""One fault is mostly told of more than once, and a page that is just being mended fails for a moment."""
AGAIN_SECONDS = 5.0
"""How long to wait before a turn is begun again that the data folder did not take."""


class Rouses(Protocol):
    """Knows which runs may be roused (`agents/rousing.Rouser`)."""

    async def due(self, run_id: RunId) -> float | None:
        """In how many seconds the run may be roused; None where it is not to be."""
        ...

    async def rouse(self, run_id: RunId, turn: TurnId) -> Run | None:
        """Saves the start of its turn; None when it is not to be roused any more."""
        ...


class BeginsTurns(Protocol):
    """Begins turns (`workflow/turns.Turns`)."""

    async def ready(self) -> None:
        """Makes sure that turns can be begun."""
        ...

    async def start(self, run: Run) -> None:
        """Begins the run's current turn."""
        ...


class Rousing:
    """Listens for what fails, and for turns that end before their agent could be told of it.

    What it misses, because it was too slow or no Studio ran, is told with the next turn.
    """

    def __init__(self, rouser: Rouses, turns: BeginsTurns, hub: Hub, clock: Clock) -> None:
        self._rouser = rouser
        self._turns = turns
        self._hub = hub
        self._clock = clock
        self._tasks = Tasks()
        self._waiting: set[RunId] = set()

    def listen(self) -> None:
        """Rouses runs from now on."""
        self._tasks.spawn(self._hear(), "ear of rousing")

    async def close(self) -> None:
        """Begins nothing any more."""
        await self._tasks.close()

    async def _hear(self) -> None:
        with self._hub.subscribe(deltas=False) as happening:
            async for item in happening:
                if not isinstance(item, Recorded) or item.run is None or item.run in self._waiting:
                    continue
                if isinstance(item.event, PreviewFailed | TurnEnded):
                    self._waiting.add(item.run)
                    self._tasks.spawn(self._follow(item.run), f"rousing of {item.run}")

    async def _follow(self, run: RunId) -> None:
        try:
            wait: float | None = SETTLE_SECONDS
            while wait:
                await self._clock.sleep(wait)
                wait = await self._rouser.due(run)
            # What fails from here on is heard anew: it may come too late for this turn.
            self._waiting.discard(run)
            if wait is not None:
                await self._begin(run)
        except StudioError as error:
            log.warning("not_roused", run=run, error=str(error))
        finally:
            self._waiting.discard(run)

    async def _begin(self, run: RunId) -> None:
        await self._turns.ready()
        working = await self._rouser.rouse(run, TurnId.new())
        if working is not None:
            log.info("run_roused", run=run, turn=working.turn)
            await self._start(working)

    async def _start(self, working: Run) -> None:
        """Begins the turn as soon as that can be done: its run counts as working, nobody else would begin it."""
        while True:
            try:
                await self._turns.start(working)
                return
            except StoreError as error:
                log.warning("turn_not_started_yet", run=working.id, turn=working.turn, error=str(error))
                await self._clock.sleep(AGAIN_SECONDS)
