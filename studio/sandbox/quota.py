"""The quota: no run fills the disk with its files, for a folder that is mounted has no wall of its own."""

from __future__ import annotations

import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path

from studio.base.aio import in_thread
from studio.base.log import logger
from studio.base.text import sized
from studio.contracts.clock import Clock
from studio.contracts.sandbox_engine import SandboxEngine
from studio.domain.errors import EngineError
from studio.domain.ids import RunId
from studio.sandbox.box import Sandbox
from studio.sandbox.measure import folder_bytes
from studio.sandbox.sandboxes import Sandboxes

log = logger("sandbox")

LOOK_SECONDS = 3.0
"""How often the disk's free space is read, which costs nothing; files are counted only where there is a reason."""

EVERY_SECONDS = 60.0
"""How often the files of a sandbox that is used are counted when nothing else is a reason to."""

FELL_BYTES = 256 << 20
"""Who writes that much between two looks may be about to fill the disk."""

SLACK_BYTES = 64 << 20
"""So much more than it has may a run have that was stopped, because to delete files it must be able to run."""

End = Callable[[RunId, str], Awaitable[None]]
"""Closes a run's sandbox at once for this reason, whoever works in it."""


class Quota:
    """Counts the files of sandboxes that are used, and stops the one whose run has more than `most` bytes."""

    seconds = LOOK_SECONDS

    def __init__(
        self, engine: SandboxEngine, sandboxes: Sandboxes, clock: Clock, home: Path, most: int, end: End
    ) -> None:
        self._engine = engine
        self._sandboxes = sandboxes
        self._clock = clock
        self._home = home
        self._most = most
        self._end = end
        self._free: int | None = None
        self._counted: dict[RunId, float] = {}
        self._allowed: dict[RunId, int] = {}

    async def look(self) -> None:
        """Counts where there is a reason to, and stops who has too much. Raises EngineError, OutsideError."""
        awake = [one for one in self._sandboxes.opened() if one.broken is None and not one.sleep.asleep]
        free = (await in_thread(shutil.disk_usage, self._home)).free
        fell = self._free is not None and self._free - free >= FELL_BYTES
        self._free = free
        for sandbox in awake:
            if fell or self._is_due(sandbox):
                await self._count(sandbox)

    def _is_due(self, sandbox: Sandbox) -> bool:
        counted = self._counted.get(sandbox.id)
        return counted is None or (sandbox.sleep.used >= counted and self._clock.monotonic() - counted >= EVERY_SECONDS)

    async def _count(self, sandbox: Sandbox) -> None:
        self._counted[sandbox.id] = self._clock.monotonic()
        found = await folder_bytes(sandbox.folder)
        sandbox.disk_bytes = found
        if found > max(self._most, self._allowed.get(sandbox.id, 0)) and sandbox.broken is None:
            self._allowed[sandbox.id] = found + SLACK_BYTES
            await self._stop(sandbox, found)

    async def _stop(self, sandbox: Sandbox, found: int) -> None:
        log.warning("workspace_too_large", run=sandbox.id, bytes=found)
        reason = f"The files of run {sandbox.id} take {sized(found)}, and may take {sized(self._most)}"
        # Frozen first: what writes is not to go on writing while it is ended.
        await self._engine.pause(sandbox.container)
        sandbox.fail(
            EngineError(
                f"{reason}: its sandbox was stopped.",
                "Delete what is not needed (in its terminal), or raise sandbox_disk_mb, and send the message again.",
                retryable=True,
            )
        )
        await self._end(sandbox.id, reason)
