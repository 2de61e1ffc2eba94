"""Keeping: brings home what a person changed in a run's workspace between two turns."""

from __future__ import annotations

from studio.agents.journal import Journal, snapshot_taken
from studio.agents.live import LiveRuns
from studio.base.log import logger
from studio.domain.errors import StudioError
from studio.domain.ids import RunId
from studio.domain.runs import RunState
from studio.store import runs
from studio.store.database import Database

log = logger("agents")

MESSAGE = "Changes made by hand"


class Keeper:
    """Takes snapshots outside of turns; a run that is working takes its own."""

    def __init__(self, database: Database, live_runs: LiveRuns, journal: Journal) -> None:
        self._database = database
        self._live_runs = live_runs
        self._journal = journal

    async def keep(self, run_id: RunId, *, start: bool) -> bool:
        """Takes a snapshot if the workspace changed; returns whether everything in it is safe now.

        `start` brings the run's container up for it when it is down and its image is there. A container that
        cannot be used is no error: the files lie in the workspace, and the next turn takes the snapshot.
        """
        if not self._live_runs.is_open(run_id) and not (start and await self._live_runs.can_open_at_once()):
            return False
        lock = self._live_runs.clone_lock(run_id)
        if lock.locked():
            return False
        async with lock:
            return await self._keep(run_id)

    async def _keep(self, run_id: RunId) -> bool:
        async with self._database.reading() as connection:
            run = await runs.get(connection, run_id)
        if run.state in (RunState.WORKING, RunState.DISCARDED):
            return False
        try:
            live = await self._live_runs.open(run)
            taken = await live.snapshot(run.head, MESSAGE) if await live.changed(run.head) else None
        except StudioError as error:
            log.warning("snapshot_by_hand_failed", run=run.id, error=str(error))
            return False
        if taken is not None:
            await self._journal.snapshot_by_hand(run, snapshot_taken(taken))
        return True
