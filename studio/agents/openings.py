"""Openings: one caller at a time brings a run's sandbox up, and nobody that of a run which goes for good."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from studio.domain.errors import UserError
from studio.domain.ids import RunId


@dataclass(slots=True)
class _Door:
    """What those hold who open the same run; `limit` ends whoever is in it."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    limit: asyncio.Timeout | None = None
    shut: bool = False


class Openings:
    """Callers who wait for each other, by run."""

    def __init__(self) -> None:
        self._doors: dict[RunId, _Door] = {}

    def is_opening(self, run: RunId) -> bool:
        """Whether somebody brings the run's sandbox up now."""
        door = self._doors.get(run)
        return door is not None and door.lock.locked()

    @asynccontextmanager
    async def opening(self, run: RunId) -> AsyncIterator[None]:
        """Held by whoever brings the sandbox up. Raises UserError, in the middle too, once the run goes for good."""
        door = self._doors.setdefault(run, _Door())
        _require_there(run, door)
        async with door.lock:
            _require_there(run, door)
            try:
                async with asyncio.timeout(None) as door.limit:
                    yield
            except TimeoutError:
                _require_there(run, door)
                raise
            finally:
                door.limit = None
            _require_there(run, door)

    @asynccontextmanager
    async def going(self, run: RunId) -> AsyncIterator[None]:
        """Held while the run is put away, once whoever opened it has given up."""
        door = self._doors.setdefault(run, _Door())
        door.shut = True
        if door.limit is not None:
            door.limit.reschedule(asyncio.get_running_loop().time())
        try:
            async with door.lock:
                yield
        finally:
            if self._doors.get(run) is door:
                del self._doors[run]


def _require_there(run: RunId, door: _Door) -> None:
    if door.shut:
        raise UserError(f"Run {run} has just been put away; it has no sandbox any more.", "Start a new run.")
