"""Tail: brings what other processes write to this data folder to this process's hub."""

from __future__ import annotations

from studio.contracts.clock import Clock
from studio.events.hub import Hub
from studio.store import event_log
from studio.store.database import Database

INTERVAL_SECONDS = 0.1
PAGE = 500


class Tail:
    """Looks at the database every `interval` seconds; while nobody writes, one look costs microseconds."""

    def __init__(self, database: Database, hub: Hub, clock: Clock, interval: float = INTERVAL_SECONDS) -> None:
        self._database = database
        self._hub = hub
        self._clock = clock
        self._interval = interval

    async def run(self) -> None:
        """Publishes what is saved from now on until it is cancelled; raises StoreError when reading fails."""
        async with self._database.watching() as version:
            seen = await version()
            last = await self._last_seq()
            # Whoever listened before the first look may lack what was saved just before it.
            self._hub.refresh()
            while True:
                await self._clock.sleep(self._interval)
                if (now := await version()) != seen:
                    seen = now
                    last = await self._publish_after(last)

    async def _publish_after(self, last: int) -> int:
        while True:
            async with self._database.reading() as connection:
                page = await event_log.since(connection, last, limit=PAGE)
            if not page:
                return last
            self._hub.publish(*page)
            last = page[-1].seq

    async def _last_seq(self) -> int:
        async with self._database.reading() as connection:
            return await event_log.last_seq(connection)
