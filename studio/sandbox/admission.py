"""Admission: a further sandbox starts only where the machine has room for it; else it is said what to stop."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Protocol

from studio.base.aio import in_thread
from studio.base.text import sized
from studio.domain.errors import EngineError
from studio.domain.ids import RunId

PER_CORE = 8
"""So many sandboxes are awake at once for each core, where the settings name no number: most wait for a model."""

RESTED_SECONDS = 5.0
"""Who was not used for so long may be put to sleep to make room: its next use wakes it within a step's time."""

SERVED_SECONDS = 60.0
"""The same for one in which processes run behind: somebody may be looking at what they serve."""

ANSWER_SECONDS = 5.0
"""So long one that is to sleep is waited for, while the next one waits to start."""

STARTING_BYTES = 256 << 20
"""So much memory is kept for each container that is coming up: what it takes shows only once it stands."""


@dataclass(frozen=True, slots=True)
class Floor:
    """What must stay free of memory and disk, in bytes, and how many sandboxes may be awake at once (0: by cores)."""

    memory: int
    disk: int
    at_once: int = 0

    @property
    def awake(self) -> int:
        """How many may be awake at once."""
        return self.at_once or PER_CORE * (os.cpu_count() or 1)


@dataclass(frozen=True, slots=True)
class Machine:
    """What is free now, in bytes; None for what this machine does not tell."""

    memory: int | None
    disk: int


class Lack(Enum):
    """What there is too little of."""

    MEMORY = "memory"
    DISK = "disk"
    PLACES = "places"


@dataclass(frozen=True, slots=True)
class Short:
    """What there is too little of, in words."""

    of: Lack
    words: str


class Resting(Protocol):
    """Whether a sandbox sleeps, and for how long nobody used it."""

    @property
    def asleep(self) -> bool:
        """Whether it is paused."""
        ...

    @property
    def unused(self) -> float:
        """Seconds since it was used."""
        ...


class Held(Protocol):
    """An open sandbox, as far as it matters for room."""

    id: RunId
    holds_processes: bool

    @property
    def sleep(self) -> Resting:
        """How it rests."""
        ...

    @property
    def busy(self) -> bool:
        """Whether somebody waits for something in it."""
        ...

    async def look_behind(self) -> None:
        """Notes in `holds_processes` whether something runs behind. Raises EngineError."""
        ...


class Waiting(Protocol):
    """The pool of containers that no run has yet, as far as it matters for room."""

    @property
    def size(self) -> int:
        """How many are up, or coming up."""
        ...

    async def give_up_one(self) -> bool:
        """Ends one; whether there was one. Raises EngineError."""
        ...


class Admission:
    """Looks before a sandbox is started, makes room where that costs nobody anything, and refuses otherwise."""

    def __init__(
        self,
        floor: Floor,
        machine: Callable[[], Machine],
        opened: Callable[[], Sequence[Held]],
        put_to_sleep: Callable[[RunId], Awaitable[bool]],
        retire: Callable[[RunId, str], Awaitable[bool]],
        pool: Waiting,
    ) -> None:
        self._floor = floor
        self._machine = machine
        self._opened = opened
        self._put_to_sleep = put_to_sleep
        self._retire = retire
        self._pool = pool
        self._one = asyncio.Lock()
        self._starting = 0
        self._coming = 0
        self._is_up = asyncio.Event()

    @asynccontextmanager
    async def place(self, services: int) -> AsyncIterator[None]:
        """Room for one more with so many services, kept for the time in which it starts.

        Where memory is short while others start, one of those is waited for. By the end of the block this one is among
        the opened, or did not start. Raises EngineError that says what is short and what to stop.
        """
        containers = 1 + services
        async with self._one:
            while True:
                self._is_up.clear()
                if (short := await self._short(containers)) is None:
                    break
                if await self._made_room(short):
                    continue
                if short.of is not Lack.MEMORY or not (self._coming or self._is_up.is_set()):
                    raise self._refusal(short)
                # How much those take that are coming up is seen when one of them is up.
                await self._is_up.wait()
            self._starting += 1
            self._coming += containers
        try:
            yield
        finally:
            self._starting -= 1
            self._coming -= containers
            self._is_up.set()

    async def has_room(self) -> bool:
        """Whether there is room for one more as things are: nothing is done to make some."""
        return await self._short(1) is None

    async def _short(self, containers: int) -> Short | None:
        # Taken first: one that stands while this is read is counted twice rather than not at all.
        coming = self._coming
        free = await in_thread(self._machine)
        if free.disk < self._floor.disk:
            return Short(Lack.DISK, _too_little("disk", free.disk, self._floor.disk))
        # The sandbox itself is small: only what comes with it, and what others are about to take, needs more.
        kept = self._floor.memory + (coming + containers - 1) * STARTING_BYTES
        if free.memory is not None and free.memory < kept:
            return Short(Lack.MEMORY, _too_little("memory", free.memory, kept))
        awake = sum(not one.sleep.asleep for one in self._opened()) + self._starting + self._pool.size
        return Short(Lack.PLACES, f"{awake} are awake, which are the most") if awake >= self._floor.awake else None

    async def _made_room(self, short: Short) -> bool:
        # What waits for nobody goes first.
        if short.of is not Lack.DISK and await self._pool.give_up_one():
            return True
        for one in sorted(self._opened(), key=lambda one: one.sleep.unused, reverse=True):
            match short.of:
                case Lack.MEMORY if one.sleep.asleep and not one.holds_processes:
                    if await self._retire(one.id, "its memory was needed for another sandbox"):
                        return True
                case Lack.PLACES if not one.sleep.asleep and not one.busy and one.sleep.unused >= RESTED_SECONDS:
                    if await self._fell_asleep(one):
                        return True
                case _:
                    continue
        return False

    async def _fell_asleep(self, one: Held) -> bool:
        """Whether it sleeps now; one that is broken, or does not answer, keeps nobody else from starting."""
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                return await _rests(one) and await self._put_to_sleep(one.id)
        except (EngineError, TimeoutError):
            return False

    def _refusal(self, short: Short) -> EngineError:
        stop = max((one for one in self._opened() if not one.busy), key=lambda one: one.sleep.unused, default=None)
        if short.of is Lack.DISK:
            action = "See what takes it: studio sandbox disk"
        elif stop is None:
            action = "Wait until an agent is done, or stop one: studio runs cancel RUN"
        else:
            minutes = stop.sleep.unused / 60
            action = f"Stop one that is not needed, unused for {minutes:.0f} minutes: studio sandbox stop {stop.id}"
        return EngineError(f"There is no room for another sandbox: {short.words}.", action, retryable=True)


async def _rests(one: Held) -> bool:
    if one.sleep.unused >= SERVED_SECONDS:
        return True
    await one.look_behind()
    return not one.holds_processes


def _too_little(of: str, free: int, kept: int) -> str:
    return f"{sized(free)} of {of} are free, and {sized(kept)} are kept free"


def this_machine(home: Path) -> Machine:
    """What is free on this machine, the disk being that of `home`. Blocks."""
    return Machine(_available_memory(), shutil.disk_usage(home).free)


def _available_memory() -> int | None:
    try:
        text = Path("/proc/meminfo").read_text("ascii")
    except OSError:
        return None  # not Linux: its engine runs in a virtual machine with memory of its own
    for line in text.splitlines():
        name, _, value = line.partition(":")
        if name == "MemAvailable":
            return int(value.split()[0]) * 1024
    return None
