"""The replay door: a recorded run is gone through again, and must come to the same."""

from __future__ import annotations

from studio.agents.replay.beside import outputs_changed
from studio.agents.replay.player import Player, Replay
from studio.agents.replay.record import read_record
from studio.domain.ids import RunId
from studio.store import runs
from studio.store.database import Database


class Replays:
    """Replays read the log only: no model is asked, no network used, no container started, nothing changed."""

    def __init__(self, database: Database, player: Player) -> None:
        self._database = database
        self._player = player

    async def replay(self, run: RunId) -> Replay:
        """Goes through all of a run. Raises UserError that says why it cannot be replayed."""
        async with self._database.reading() as connection:
            found = await runs.get(connection, run)
            record = await read_record(connection, found)
            outputs = await outputs_changed(connection, record)
        return await self._player.replay(record, outputs)
