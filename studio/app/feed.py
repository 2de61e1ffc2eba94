"""The feed door: what happened since, then what happens."""

from __future__ import annotations

from collections.abc import AsyncIterator

from studio.domain.events import Delta, Recorded
from studio.domain.ids import ProjectId, RunId
from studio.events.hub import Hub
from studio.events.replay import follow
from studio.store import event_log
from studio.store.database import Database


class Feed:
    """Catches up from the log, then follows live, without a gap and without a double."""

    def __init__(self, database: Database, hub: Hub) -> None:
        self._database = database
        self._hub = hub

    def follow(
        self, since: int = 0, run: RunId | None = None, project: ProjectId | None = None
    ) -> AsyncIterator[Recorded | Delta]:
        """Events after number `since`, of one run or project if named, mixed with the live pieces of streams."""
        return follow(self._database, self._hub, since, run=run, project=project)

    async def last(self) -> int:
        """The number of the newest event, 0 when there is none."""
        async with self._database.reading() as connection:
            return await event_log.last_seq(connection)
