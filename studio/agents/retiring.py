"""Retiring: closes the sandbox of a run that nobody works on, and says what must be kept of the others."""

from __future__ import annotations

from studio.agents.live import LiveRuns
from studio.agents.service_data_log import all_in_use
from studio.domain.ids import RunId
from studio.domain.runs import RunState
from studio.sandbox.box import Sandbox
from studio.sandbox.reaper import Known
from studio.store import projects, runs
from studio.store.database import Database


class Retiring:
    """Ends sandboxes from outside of turns; the files of a run stay, its next turn starts another sandbox."""

    def __init__(self, database: Database, live_runs: LiveRuns) -> None:
        self._database = database
        self._live_runs = live_runs

    async def retire(self, run: RunId, reason: str) -> bool:
        """Closes the run's sandbox unless its clone is being worked on; whether it is closed now."""
        lock, sandbox = self._live_runs.clone_lock(run), self._live_runs.held(run)
        if lock.locked():
            return False
        async with lock:
            if sandbox is not None:
                await self.end(sandbox, reason)
        return True

    async def end(self, sandbox: Sandbox, reason: str) -> None:
        """Closes this sandbox at once, whoever works in it, and none that took its place. Raises EngineError."""
        async with self._database.reading() as connection:
            found = await runs.get(connection, RunId(sandbox.id))
        await self._live_runs.close(found, reason, sandbox)


class Keeping:
    """Says what is still known, for whoever clears away the rest."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def known(self) -> Known:
        """The projects that there are, the runs that were not discarded, and what new ones begin with."""
        async with self._database.reading() as connection:
            there = await projects.all_projects(connection)
            kept = await runs.all_runs(connection)
            data = await all_in_use(connection)
        return Known(
            frozenset(project.id for project in there),
            frozenset(run.id for run in kept if run.state is not RunState.DISCARDED),
            frozenset(one.id for one in data),
        )
