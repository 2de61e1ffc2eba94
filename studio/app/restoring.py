"""The restoring door: take a run back to an earlier turn, and take that back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from studio.agents.restoring import Restorer, require_restorable
from studio.domain.errors import UserError
from studio.domain.events import FilesRestored, Recorded, SnapshotTaken, TurnStarted
from studio.domain.ids import RestoreId, RunId
from studio.domain.points import Point, point_of
from studio.domain.restores import What, newest_standing, restores
from studio.domain.runs import Run
from studio.events.whole import whole_log
from studio.store import runs
from studio.store.database import Database
from studio.workflow.acts import Acts, act


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did: to which point, or, for one that was taken back, from which.

    `commit` is the run's newest snapshot now. `kept_files` stood in the way and are in the commit `kept`.
    """

    run: RunId
    restore: RestoreId
    what: What
    point: str
    taken_back: bool = False
    commit: str = ""
    files: tuple[str, ...] = ()
    left_out: int = 0
    kept: str = ""
    kept_files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SnapshotView:
    """One commit of a run's branch.

    Made in step `step` of turn `turn`, by hand after that turn (step 0), or by a restore, which `restore` then names.
    """

    turn: int
    step: int
    time: datetime
    commit: str
    files: tuple[str, ...]
    left_out: int = 0
    restore: str = ""
    kept: str = ""


class Restoring:
    """Nothing that a restore leaves behind is deleted: it stays in the log and in the branch."""

    def __init__(self, acts: Acts, database: Database, restorer: Restorer) -> None:
        self.acts = acts
        self._database = database
        self._restorer = restorer

    async def snapshots(self, run: RunId) -> tuple[SnapshotView, ...]:
        """Every snapshot of a run, oldest first, those that restores made too."""
        _, log = await self._run(run)
        return _snapshots(log)

    async def restore(self, run: RunId, turn: str, what: What, *, before: bool = False) -> Restored:
        """Takes the run back to the point after a turn, or before it; `turn` is its number, from 1, or its id.

        Raises NotFound for a turn that it does not have, UserError when the run works or was discarded, OutsideError
        or PolicyRefused, with no file changed, when its container or Git cannot do it.
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
        if not _is_done(log, restore):
            await self._restorer.restore(found, restore, what, point)
        return await self._done(found.id, restore, point.words)

    @act
    async def _redo(self, run: RunId, restore: RestoreId, undoes: str) -> Restored:
        """Takes the restore `undoes` back, once however often it is asked for."""
        found, log = await self._run(run)
        undone = next(made for made in restores(log) if made.id == undoes)
        if not _is_done(log, restore):
            newest = newest_standing(log)
            if newest is None or newest.id != undoes:
                raise _nothing_to_redo(found, gone_on=True)
            require_restorable(found)
            back = Point(0, "", False, undone.first - 1, undone.files_from)
            await self._restorer.restore(found, restore, undone.what, back, undone)
        return await self._done(found.id, restore, undone.point)

    async def _done(self, run: RunId, restore: RestoreId, point: str) -> Restored:
        found, log = await self._run(run)
        made = next(one for one in restores(log) if one.id == restore)
        done = Restored(found.id, restore, made.what, point, bool(made.undoes), found.head)
        for event in (item.event for item in log):
            if isinstance(event, FilesRestored) and event.restore == restore:
                return Restored(
                    *(found.id, restore, made.what, point, bool(made.undoes)),
                    *(event.commit, event.files, event.left_out, event.kept, event.kept_files),
                )
        return done

    async def _run(self, name: str) -> tuple[Run, tuple[Recorded, ...]]:
        async with self._database.reading() as connection:
            run = await runs.by_prefix(connection, name)
            return run, await whole_log(connection, run.id)


def _is_done(log: tuple[Recorded, ...], restore: RestoreId) -> bool:
    return any(made.id == restore for made in restores(log))


def _snapshots(log: tuple[Recorded, ...]) -> tuple[SnapshotView, ...]:
    made: list[SnapshotView] = []
    number = 0
    for recorded in log:
        match recorded.event:
            case TurnStarted():
                number += 1
            case SnapshotTaken() as taken:
                step = taken.step if taken.turn else 0
                made.append(SnapshotView(number, step, recorded.time, taken.commit, taken.files, taken.left_out))
            case FilesRestored() as back:
                view = SnapshotView(number, 0, recorded.time, back.commit, back.files, back.left_out)
                made.append(replace(view, restore=back.restore, kept=back.kept))
            case _:
                pass
    return tuple(made)


def _nothing_to_redo(run: Run, gone_on: bool) -> UserError:
    if gone_on:
        return UserError(
            f"Run {run.id} has gone on since its newest restore, or it was taken back already.",
            f"Go to any turn instead: studio runs restore {run.id} --turn N",
        )
    return UserError(
        f"Run {run.id} was not restored, so there is nothing to redo.",
        f"See where it can go back to: studio runs snapshots {run.id}",
    )
