"""Restoring: a run's chat goes back to an earlier point, as a fact that follows all others."""

from __future__ import annotations

from dataclasses import replace

from studio.checkpoints.checkpoints import Checkpoints
from studio.domain.errors import UserError
from studio.domain.events import ChatRestored
from studio.domain.ids import RestoreId, RunId
from studio.domain.points import Point
from studio.domain.runs import Run, RunState, require_next
from studio.events.recorder import Unit
from studio.store import runs


def require_restorable(run: Run) -> None:
    """Raises UserError, worded for the person, when the run cannot go back as it stands."""
    if run.state is RunState.DISCARDED:
        raise UserError(f"Run {run.id} was discarded; it cannot go back.", "Start a new run with your message.")
    require_next(run, RunState.WORKING)


async def restore_chat(
    unit: Unit, checkpoints: Checkpoints, run: RunId, point: Point, restore: RestoreId, undoes: str = ""
) -> Run:
    """Makes the chat what it was at `point`, within the caller's unit; what the run waits for is withdrawn.

    The agent is shown nothing of what followed the point. All of it stays in the log, and what it took stays spent.
    Raises UserError when the run works or was discarded.
    """
    require_restorable(await runs.get(unit.connection, run))
    await checkpoints.void(unit, run)
    current = await runs.get(unit.connection, run)
    state = RunState.IDLE if current.state is RunState.WAITING else current.state
    restored = replace(current, state=state, outcome=None)
    await runs.save(unit.connection, restored)
    unit.record(ChatRestored(restore, point.at, point.turn, point.number, point.before, undoes))
    return restored
