"""The restoring door: take a run back to an earlier turn, and take that back."""

from __future__ import annotations

from dataclasses import dataclass

from studio.agents.restoring import require_restorable, restore_chat
from studio.checkpoints.checkpoints import Checkpoints
from studio.domain.errors import UserError
from studio.domain.events import Recorded
from studio.domain.ids import RestoreId, RunId
from studio.domain.points import Point, point_of
from studio.domain.restores import What, newest_standing, restores
from studio.domain.runs import Run
from studio.events.recorder import Recorder
from studio.store import event_log, runs
from studio.store.database import Database
from studio.workflow.acts import Acts, act


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did: to which point, or, for one that was taken back, from which."""

    run: RunId
    restore: RestoreId
    what: What
    point: str
    taken_back: bool = False


class Restoring:
    """Nothing that a restore leaves behind is deleted: it stays in the log, and the restore can be taken back."""

    def __init__(self, acts: Acts, database: Database, recorder: Recorder, checkpoints: Checkpoints) -> None:
        self.acts = acts
        self._database = database
        self._recorder = recorder
        self._checkpoints = checkpoints

    async def restore(self, run: RunId, turn: int, what: What, *, before: bool = False) -> Restored:
        """Takes the run back to the point after one of its turns, counted from 1, or before it.

        Raises NotFound for a turn that it does not have, UserError when the run works or was discarded.
        """
        found, log = await self._run(run)
        point = point_of(log, turn, before=before)
        # Whoever asks names the act: asked again because an engine died, it is known to be the same.
        return await self._restore(found.id, RestoreId.new(), what, point)

    async def redo(self, run: RunId) -> Restored:
        """Takes the newest restore back. Raises UserError when there is none, or something happened after it."""
        found, log = await self._run(run)
        newest = newest_standing(log)
        if newest is None:
            raise _nothing_to_redo(found, any(not restore.undoes for restore in restores(log)))
        return await self._redo(found.id, RestoreId.new(), newest.id)

    @act
    async def _restore(self, run: RunId, restore: RestoreId, what: What, point: Point) -> Restored:
        """Restores, once however often it is asked for."""
        found, log = await self._run(run)
        done = Restored(found.id, restore, what, point.words)
        if any(made.id == restore for made in restores(log)):
            return done
        require_restorable(found)
        async with self._recorder.unit(found.project, found.id) as unit:
            await restore_chat(unit, self._checkpoints, found.id, point, restore)
        return done

    @act
    async def _redo(self, run: RunId, restore: RestoreId, undoes: str) -> Restored:
        """Takes the restore `undoes` back, once however often it is asked for."""
        found, log = await self._run(run)
        undone = next(made for made in restores(log) if made.id == undoes)
        done = Restored(found.id, restore, What.CHAT, undone.point, taken_back=True)
        if any(made.id == restore for made in restores(log)):
            return done
        newest = newest_standing(log)
        if newest is None or newest.id != undoes:
            raise _nothing_to_redo(found, gone_on=True)
        back = Point(0, "", False, undone.first - 1, "")
        async with self._recorder.unit(found.project, found.id) as unit:
            await restore_chat(unit, self._checkpoints, found.id, back, restore, undoes)
        return done

    async def _run(self, name: str) -> tuple[Run, tuple[Recorded, ...]]:
        async with self._database.reading() as connection:
            run = await runs.by_prefix(connection, name)
            return run, await event_log.since(connection, 0, run=run.id)


def _nothing_to_redo(run: Run, gone_on: bool) -> UserError:
    if gone_on:
        return UserError(
            f"Run {run.id} has gone on since its newest restore, or it was taken back already.",
            f"Go to any turn instead: studio runs restore {run.id} --turn N",
        )
    return UserError(f"Run {run.id} was not restored, so there is nothing to redo.", "See its turns: studio runs log")
