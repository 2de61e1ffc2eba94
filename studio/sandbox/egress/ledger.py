"""The ledger of connections; the only writer of it."""

from __future__ import annotations

from studio.contracts.clock import Clock
from studio.domain.ids import ProjectId, RunId
from studio.domain.network import Attempt, Destination, Passed
from studio.store import connections
from studio.store.database import Database


class ConnectionLedger:
    """Every attempt is written down before anything of it is let through."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def refuse(
        self, project: ProjectId, run: RunId, wanted: Destination, how: str, passed: Passed, reason: str
    ) -> None:
        """Notes what was not let through. Raises StoreError."""
        now = self._clock.now()
        attempt = Attempt(0, project, run, now, wanted, how, passed, reason, ended=now)
        async with self._database.transaction() as connection:
            await connections.add(connection, attempt)

    async def begin(
        self, project: ProjectId, run: RunId, wanted: Destination, how: str, reason: str, address: str
    ) -> int:
        """Notes what is let through and where it leads, and gives its number. Raises StoreError."""
        attempt = Attempt(0, project, run, self._clock.now(), wanted, how, Passed.ALLOWED, reason, address)
        async with self._database.transaction() as connection:
            return await connections.add(connection, attempt)

    async def end(self, number: int, reason: str, sent: int, received: int) -> None:
        """Notes how it ended and what it moved. Raises StoreError."""
        async with self._database.transaction() as connection:
            await connections.end(connection, number, reason, sent, received, self._clock.now())
