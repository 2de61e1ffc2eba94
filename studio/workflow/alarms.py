"""Alarms: what is parked goes on when its time has come, also when that was while no Studio ran."""

from __future__ import annotations

import asyncio
from typing import Literal, Protocol

from studio.base.aio import Tasks
from studio.base.log import logger
from studio.contracts.clock import Clock
from studio.domain.errors import StoreError
from studio.domain.events import (
    BudgetRemoved,
    BudgetSet,
    ProjectAdded,
    ProviderSet,
    Recorded,
    ReservationReleased,
    SecretSaved,
    TurnEnded,
)
from studio.domain.ids import RunId, TurnId
from studio.domain.runs import Run
from studio.events.hub import Gap, Hub

log = logger("workflow")

APART_SECONDS = 3.0
"""How far apart runs go on whose time has come together: what stopped one of them would stop all at once."""

LOOK_SECONDS = 30.0
"""How often the time of day is looked at: it may have been set, or the machine have slept."""

LONGEST_SECONDS = 32 * 86_400.0
"""Nothing is parked for longer; a moment that is further away was reckoned while the clock was wrong."""

AGAIN_SECONDS = 5.0

_NEWS = TurnEnded | ProjectAdded
_REASONS = BudgetSet | BudgetRemoved | ReservationReleased | SecretSaved | ProviderSet
"""After these what is parked may well go on at once."""


class KeepsParked(Protocol):
    """Knows what is parked (`agents/parking.Parking`)."""

    async def parked(self) -> tuple[Run, ...]:
        """The parked runs, the one that goes on first before all others."""
        ...

    async def go_on(self, parked: Run, turn: TurnId) -> Run | None:
        """Saves the start of the turn that goes on; None when the run is not parked any more as it was."""
        ...


class BeginsTurns(Protocol):
    """Begins turns (`workflow/turns.Turns`)."""

    async def ready(self) -> None:
        """Makes sure that turns can be begun."""
        ...

    async def start(self, run: Run) -> None:
        """Begins the run's current turn."""
        ...


class Alarms:
    """Begins parked runs again, one after the other; for the one process that has the engine."""

    def __init__(self, parking: KeepsParked, turns: BeginsTurns, hub: Hub, clock: Clock) -> None:
        self._parking = parking
        self._turns = turns
        self._hub = hub
        self._clock = clock
        self._tasks = Tasks()
        self._news = asyncio.Event()
        self._due: dict[tuple[RunId, TurnId | None], float] = {}

    def listen(self) -> None:
        """Watches over what is parked from now on."""
        self._tasks.spawn(self._hear(), "ear of the alarms")
        self._tasks.spawn(self._watch(), "alarms")

    async def close(self) -> None:
        """Begins nothing any more."""
        await self._tasks.close()

    async def _hear(self) -> None:
        with self._hub.subscribe(deltas=False) as happening:
            async for item in happening:
                if isinstance(item, Recorded) and isinstance(item.event, _REASONS):
                    self._due = dict.fromkeys(self._due, self._clock.monotonic())
                elif not isinstance(item, Gap) and not (isinstance(item, Recorded) and isinstance(item.event, _NEWS)):
                    continue
                self._news.set()

    async def _watch(self) -> None:
        while True:
            self._news.clear()
            try:
                wait = await self._begin_first()
            except StoreError as error:
                log.warning("parked_not_begun_yet", error=str(error))
                wait = AGAIN_SECONDS
            await self._until(wait)

    async def _begin_first(self) -> float | None:
        """Begins the parked run whose time has come first; gives seconds until the next look, None for no reason."""
        parked = await self._parking.parked()
        self._due = {key: due for key, due in self._due.items() if key in {(run.id, run.turn) for run in parked}}
        left = {run.id: self._left(run) for run in parked}
        first = min(parked, key=lambda run: left[run.id], default=None)
        if first is None:
            return None
        if left[first.id] > 0:
            return left[first.id]
        await self._turns.ready()
        working = await self._parking.go_on(first, TurnId.new())
        if working is not None:
            log.info("parked_goes_on", run=first.id, turn=working.turn)
            await self._turns.start(working)
            await self._clock.sleep(APART_SECONDS)
        return 0.0

    def _left(self, run: Run) -> float:
        """Seconds until a run goes on: by the time of day, but never more of them than were left when first seen."""
        assert run.parked_until is not None
        by_day = (run.parked_until - self._clock.now()).total_seconds()
        now = self._clock.monotonic()
        due = self._due.setdefault((run.id, run.turn), now + min(by_day, LONGEST_SECONDS))
        return min(by_day, due - now)

    async def _nap(self, seconds: float) -> Literal[True]:
        await self._clock.sleep(seconds)
        return True

    async def _until(self, seconds: float | None) -> None:
        """Waits so long, or until there is news."""
        waits = [asyncio.create_task(self._news.wait(), name="news of what is parked")]
        if seconds is not None:
            waits.append(asyncio.create_task(self._nap(min(seconds, LOOK_SECONDS)), name="nap of the alarms"))
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)
