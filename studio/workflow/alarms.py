"""Alarms: what is parked goes on when its time has come, also when that was while no Studio ran."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal, Protocol

from studio.base.aio import Tasks
from studio.base.log import logger
from studio.contracts.clock import Clock
from studio.domain.events import (
    BudgetRemoved,
    BudgetSet,
    EngineBack,
    ProjectAdded,
    ProviderRemoved,
    ProviderSet,
    Recorded,
    ReservationReleased,
    RoutingTableChanged,
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
"""How soon what failed is tried again; each further time for the same run waits twice as long."""

LONGEST_AGAIN_SECONDS = 300.0

_NEWS = TurnEnded | ProjectAdded
_REASONS = (
    *(BudgetSet, BudgetRemoved, ReservationReleased, SecretSaved),
    *(ProviderSet, ProviderRemoved, RoutingTableChanged),
    EngineBack,
)
"""After these what is parked may well go on at once."""


class KeepsParked(Protocol):
    """Knows what is parked (`agents/parking.Parking`)."""

    async def parked(self) -> tuple[Run, ...]:
        """The parked runs, the one that goes on first before all others."""
        ...

    async def has_news(self, parked: Run, kinds: Collection[str]) -> bool:
        """Whether anything of these kinds happened since the run was parked."""
        ...

    async def go_on(self, parked: Run, turn: TurnId) -> Run | None:
        """Saves the start of the turn that goes on; None when the run is gone, or not parked any more as it was."""
        ...


class BeginsTurns(Protocol):
    """Begins turns (`workflow/turns.Turns`)."""

    async def ready(self) -> None:
        """Makes sure that turns can be begun."""
        ...

    async def start(self, run: Run) -> None:
        """Begins the run's current turn."""
        ...


_Key = tuple[RunId, TurnId | None]


@dataclass(frozen=True, slots=True)
class _PutOff:
    """A run that could not be begun, so often, and is let alone until then by the monotonic clock."""

    times: int
    until: float


class Alarms:
    """Begins parked runs again, one after the other; for the one process that has the engine."""

    def __init__(self, parking: KeepsParked, turns: BeginsTurns, hub: Hub, clock: Clock) -> None:
        self._parking = parking
        self._turns = turns
        self._hub = hub
        self._clock = clock
        self._tasks = Tasks()
        self._news = asyncio.Event()
        self._due: dict[_Key, float] = {}
        self._put_off: dict[_Key, _PutOff] = {}
        self._looked_back = False

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
            except Exception as error:
                # Nobody else wakes what is parked: whatever went wrong, there is a next time.
                log.warning("parked_not_looked_at", error=str(error), exc_info=error)
                wait = AGAIN_SECONDS
            await self._until(wait)

    async def _begin_first(self) -> float | None:
        """Begins the parked run whose time has come first; gives seconds until the next look, None for no reason."""
        parked = await self._parking.parked()
        if not self._looked_back:
            await self._look_back(parked)
        keys = {_key(run) for run in parked}
        self._due = {key: due for key, due in self._due.items() if key in keys}
        self._put_off = {key: put_off for key, put_off in self._put_off.items() if key in keys}
        left = {run.id: self._left(run) for run in parked}
        first = min(parked, key=lambda run: left[run.id], default=None)
        if first is None:
            return None
        if left[first.id] > 0:
            return left[first.id]
        await self._turns.ready()
        working = await self._go_on(first)
        if working is not None:
            log.info("parked_goes_on", run=first.id, turn=working.turn)
            if not await self._start(working):
                self._tasks.spawn(self._start_again(working), f"start of {working.turn}")
            await self._clock.sleep(APART_SECONDS)
        return 0.0

    async def _look_back(self, parked: tuple[Run, ...]) -> None:
        """Lets those try at once for which something changed while nobody listened."""
        kinds = [reason.kind for reason in _REASONS]
        for run in parked:
            if await self._parking.has_news(run, kinds):
                self._due[_key(run)] = self._clock.monotonic()
        self._looked_back = True

    async def _go_on(self, parked: Run) -> Run | None:
        """The run, working; None when it does not go on, or cannot now: then it is put off and holds up no other."""
        try:
            return await self._parking.go_on(parked, TurnId.new())
        except Exception as error:
            log.warning("parked_not_begun_yet", run=parked.id, error=str(error), exc_info=error)
            before = self._put_off.get(_key(parked))
            times = before.times + 1 if before is not None else 1
            self._put_off[_key(parked)] = _PutOff(times, self._clock.monotonic() + _again(times))
            return None

    async def _start(self, working: Run) -> bool:
        try:
            await self._turns.start(working)
        except Exception as error:
            log.warning("turn_not_started_yet", run=working.id, turn=working.turn, error=str(error), exc_info=error)
            return False
        return True

    async def _start_again(self, working: Run) -> None:
        """Begins the turn as soon as that can be done: its run counts as working, nobody else would begin it."""
        times = 1
        await self._clock.sleep(_again(times))
        while not await self._start(working):
            times += 1
            await self._clock.sleep(_again(times))

    def _left(self, run: Run) -> float:
        """Seconds until a run goes on: by the time of day, but never more of them than were left when first seen."""
        assert run.parked_until is not None
        by_day = (run.parked_until - self._clock.now()).total_seconds()
        now = self._clock.monotonic()
        due = self._due.setdefault(_key(run), now + min(by_day, LONGEST_SECONDS))
        left = min(by_day, due - now)
        put_off = self._put_off.get(_key(run))
        return left if put_off is None else max(left, put_off.until - now)

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


def _key(run: Run) -> _Key:
    return run.id, run.turn


def _again(times: int) -> float:
    """Seconds until the next try of what has failed so often."""
    return min(AGAIN_SECONDS * 2.0 ** min(times - 1, 10), LONGEST_AGAIN_SECONDS)
