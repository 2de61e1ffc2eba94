"""The terminals door: shells inside a run's container, for people."""

from __future__ import annotations

import sys

from studio.agents.live import LiveRuns
from studio.contracts.sandbox_engine import ExecStream
from studio.domain.errors import UserError
from studio.domain.ids import RunId
from studio.domain.runs import RunState
from studio.store import runs
from studio.store.database import Database
from studio.workflow.acts import Acts, act


class Terminals:
    """Shells inside containers."""

    def __init__(self, acts: Acts, database: Database, live_runs: LiveRuns) -> None:
        self.acts = acts
        self._database = database
        self._live_runs = live_runs

    @act
    async def command(self, run: RunId) -> tuple[str, ...]:
        """The argv of a local program that a terminal widget runs; it attaches to a shell in the run's container.

        Starts the container when it is not up. Raises EngineError, UserError for a run that was discarded.
        """
        async with self._database.reading() as connection:
            found = await runs.get(connection, run)
        if found.state is RunState.DISCARDED:
            raise UserError(f"Run {found.id} was discarded; it has no files any more.", "Start a new run.")
        live = await self._live_runs.visit(found)
        return (*program(), "attach", live.sandbox.container)


def program() -> tuple[str, ...]:
    """How this very program is started again, frozen or not.

    -P: the folder it is started in may hold an agent's files, none of which may be imported.
    """
    return (sys.executable,) if getattr(sys, "frozen", False) else (sys.executable, "-P", "-m", "studio")


__all__ = ["ExecStream", "Terminals", "program"]
