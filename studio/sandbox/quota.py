"""The quota: no run fills the disk, for folders and volumes that are mounted have no wall of their own."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from studio.base.aio import in_thread
from studio.base.log import logger
from studio.base.text import sized
from studio.contracts.clock import Clock
from studio.contracts.sandbox_engine import SandboxEngine
from studio.domain.errors import EngineError, OutsideError, StudioError
from studio.domain.ids import RunId
from studio.sandbox.box import Sandbox
from studio.sandbox.caches import CACHE
from studio.sandbox.measure import Measured, measured
from studio.sandbox.sandboxes import Sandboxes
from studio.sandbox.shape import WORKDIR
from studio.sandbox.volume_use import VolumeUse

log = logger("sandbox")

LOOK_SECONDS = 3.0
"""How often the disk's free space is read, which costs nothing; files are counted only where there is a reason."""

EVERY_SECONDS = 60.0
"""How often the files of a sandbox that is used are counted when nothing else is a reason to."""

FELL_BYTES = 256 << 20
"""When so much less is free than at the last count of all, somebody may be about to fill the disk."""

FELL_AT_FLOOR_BYTES = 32 << 20
"""The same where no more is free than is to stay free."""

SLACK_BYTES = 64 << 20
"""So much more than it has may a run have that was stopped, because to delete files it must be able to run."""

MOST_STOPS = 5
"""Who was stopped so often, and never had less than it may have, is given no more slack."""

_REST = 4
"""Between two counts of all there passes so many times what one took: counting is not to be all that a disk does."""

End = Callable[[Sandbox, str], Awaitable[None]]
"""Closes a sandbox at once for this reason, whoever works in it; none that took its place."""


@dataclass(frozen=True, slots=True)
class _Stops:
    """How often somebody with too much was stopped, and what it may have since."""

    times: int
    allowed: int


class Quota:
    """Counts what sandboxes that are awake write, and stops those whose run, or whose project's caches, has too much.

    `most` is what a run may have in its folder and the volumes of its services, and a project in the volumes that its
    runs share. `floor` is what is to stay free of the disk: below it, who wrote most is stopped.
    """

    seconds = LOOK_SECONDS

    def __init__(
        self,
        engine: SandboxEngine,
        sandboxes: Sandboxes,
        clock: Clock,
        home: Path,
        most: int,
        end: End,
        floor: int = 0,
        free: Callable[[Path], int] = lambda home: shutil.disk_usage(home).free,
    ) -> None:
        self._engine = engine
        self._sandboxes = sandboxes
        self._clock = clock
        self._home = home
        self._most = most
        self._end = end
        self._floor = floor
        self._free = free
        self._volumes = VolumeUse(engine, sandboxes.ours, clock)
        self._before: int | None = None
        self._rests_until = 0.0
        self._counted: dict[str, float] = {}
        self._sizes: dict[str, int] = {}
        self._stops: dict[str, _Stops] = {}
        self._ending: dict[RunId, tuple[Sandbox, str]] = {}

    async def look(self) -> None:
        """Counts where there is a reason to, and stops who has too much. Raises EngineError, OutsideError."""
        await self._end_those_left()
        opened = self._sandboxes.opened()
        self._forget_all_but({key for one in opened for key in (one.id, one.project)})
        awake = [one for one in opened if one.broken is None and not one.sleep.asleep]
        free = await in_thread(self._free, self._home)
        at_floor = free < self._floor
        before = self._before = free if self._before is None else max(self._before, free)
        if before - free >= (FELL_AT_FLOOR_BYTES if at_floor else FELL_BYTES):
            if at_floor:
                await self._hold_at_floor(awake, free)
            elif self._clock.monotonic() >= self._rests_until:
                await self._count(awake, free)
        elif due := [one for one in awake if self._is_due(one)]:
            await self._count(due)

    def _is_due(self, sandbox: Sandbox) -> bool:
        counted = self._counted.get(sandbox.id)
        return counted is None or (sandbox.sleep.used >= counted and self._clock.monotonic() - counted >= EVERY_SECONDS)

    async def _count(self, sandboxes: Sequence[Sandbox], free: int | None = None) -> Mapping[str, int]:
        """Counts what these and their projects have, and stops who has too much; returns by how much each grew.

        `free` is what was free before a count of all.
        """
        began = self._clock.monotonic()
        volumes = await self._volumes.by_owner(fresh=free is not None)
        grew: dict[str, int] = {}
        for sandbox in sandboxes:
            self._counted[sandbox.id] = began
            files = await self._files(sandbox)
            kept = volumes.get(sandbox.id, 0)
            # Carried files lie in a volume as well, where not all of them may fit home: they count once.
            sandbox.disk_bytes = files.bytes if sandbox.carrier is None else max(files.bytes, kept)
            self._grow(grew, sandbox.id, files.bytes + kept if sandbox.carrier is None else sandbox.disk_bytes)
            self._grow(grew, sandbox.project, volumes.get(sandbox.project, 0))
            if not files.whole:  # who hides files from the count is the first to be suspected
                grew[sandbox.id] = max(grew[sandbox.id], FELL_AT_FLOOR_BYTES)
        if free is not None:
            self._before = free
            now = self._clock.monotonic()
            self._rests_until = now + _REST * (now - began)
        for key in dict.fromkeys(key for one in sandboxes for key in (one.id, one.project)):
            if self._is_too_much(key):
                await self._stop_over(key)
        return grew

    def _grow(self, grew: dict[str, int], key: str, found: int) -> None:
        grew[key] = max(grew.get(key, 0), found - self._sizes.get(key, found))
        self._sizes[key] = found

    async def _files(self, sandbox: Sandbox) -> Measured:
        try:
            return await measured(sandbox.folder)
        except OutsideError as error:
            log.warning("files_not_counted", run=sandbox.id, error=str(error))
            return Measured(sandbox.disk_bytes or 0, whole=False)

    def _forget_all_but(self, keys: set[str]) -> None:
        for kept in (self._counted, self._sizes):
            for key in kept.keys() - keys:
                del kept[key]

    def _is_too_much(self, key: str) -> bool:
        found = self._sizes[key]
        if found <= self._most:
            self._stops.pop(key, None)
            return False
        return key not in self._stops or found > self._stops[key].allowed

    async def _stop_over(self, key: str) -> None:
        """Stops the run of that id, or the runs of that project, which have too much."""
        found, stops = self._sizes[key], self._stops.get(key, _Stops(0, 0))
        for sandbox in self._whose(key):
            if key == sandbox.id:
                volumes = found - (sandbox.disk_bytes or 0)
                beside = f", with {sized(volumes)} in its services' volumes," if volumes > 0 else ""
                reason, place = f"The files of run {key}{beside}", WORKDIR
            else:
                reason, place = f"The caches of project {key}", CACHE
            reason = f"{reason} take {sized(found)}, and may take {sized(self._most)}"
            if stops.times < MOST_STOPS:
                action = f"Delete what is not needed below {place} (in its terminal), or raise sandbox_disk_mb"
            else:
                action = "It was stopped so several times, and each new sandbox is as well: raise sandbox_disk_mb"
            if await self._stop(sandbox, reason, f"{action}, and send the message again."):
                allowed = found + SLACK_BYTES if stops.times < MOST_STOPS else stops.allowed
                self._stops[key] = _Stops(stops.times + 1, allowed)

    async def _hold_at_floor(self, awake: Sequence[Sandbox], free: int) -> None:
        """Freezes all that are awake while it is found out who wrote most; that one is stopped, the others go on."""
        await asyncio.gather(*map(self._freeze, awake))
        try:
            grew = await self._count(awake, free)
            key = max(grew, key=lambda one: grew[one], default="")
            if key and grew[key] >= FELL_AT_FLOOR_BYTES // 2:
                short = f"{sized(free)} of disk are free, and {sized(self._floor)} are to stay free"
                for sandbox in self._whose(key):
                    reason = f"{short}; run {sandbox.id} wrote most of late, {sized(grew[key])}"
                    await self._stop(sandbox, reason, "Make room (studio sandbox disk), and send the message again.")
        finally:
            for sandbox in awake:
                if sandbox.broken is None and not sandbox.sleep.asleep:
                    for container in reversed(sandbox.containers):
                        with suppress(EngineError):  # the caretaker finds what still sleeps
                            await self._engine.unpause(container)

    def _whose(self, key: str) -> list[Sandbox]:
        return [one for one in self._sandboxes.opened() if one.broken is None and key in (one.id, one.project)]

    async def _freeze(self, sandbox: Sandbox) -> None:
        for container in sandbox.containers:
            with suppress(EngineError):  # one that has ended writes nothing, and the others are to be frozen
                await self._engine.pause(container)

    async def _stop(self, sandbox: Sandbox, reason: str, action: str) -> bool:
        """Stops a sandbox, with its services; whether it is gone. One that is not gone is tried again."""
        log.warning("too_much_on_disk", run=sandbox.id, reason=reason)
        # Frozen first: what writes is not to go on writing while it is ended.
        await self._freeze(sandbox)
        sandbox.fail(EngineError(f"{reason}: its sandbox was stopped.", action, retryable=True))
        self._ending[sandbox.id] = sandbox, reason
        await self._end_those_left()
        return sandbox.id not in self._ending

    async def _end_those_left(self) -> None:
        for run, (sandbox, reason) in tuple(self._ending.items()):
            try:
                if self._sandboxes.held(run) is sandbox:
                    await self._end(sandbox, reason)
            except StudioError as error:
                log.warning("sandbox_not_stopped", run=run, error=str(error))
            else:
                del self._ending[run]
                self._counted.pop(run, None)
