"""Restoring: a run goes back to an earlier point, as facts that follow all others; nothing is taken away."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from studio.agents.journal import Journal, snapshot_taken
from studio.agents.live import LiveRun, LiveRuns
from studio.checkpoints.checkpoints import Checkpoints
from studio.domain.changes import PutBack
from studio.domain.errors import UserError
from studio.domain.events import ChatRestored, FilesRestored
from studio.domain.ids import RestoreId, RunId
from studio.domain.points import Point
from studio.domain.restores import Restore, What
from studio.domain.runs import LATER, Run, RunState, require_next
from studio.events.recorder import Recorder, Unit
from studio.store import runs
from studio.store.database import Database

MESSAGE = "Changes made before files were put back"

Then = Callable[[Unit, Run], Awaitable[None]]
"""What follows a restore in the unit that records it, given the run as it is restored."""


def require_restorable(run: Run) -> None:
    """Raises UserError, worded for the person, when the run cannot go back as it stands."""
    if run.state is RunState.DISCARDED:
        raise UserError(f"Run {run.id} was discarded; it cannot go back.", f"Go on from it: studio runs fork {run.id}")
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
    state = RunState.IDLE if current.state in LATER else current.state
    restored = replace(current, state=state, outcome=None)
    await runs.save(unit.connection, restored)
    unit.record(ChatRestored(restore, point.at, point.turn, point.number, point.before, undoes))
    return restored


class Restorer:
    """Takes runs back, with the container's help where files are concerned."""

    def __init__(
        self,
        database: Database,
        recorder: Recorder,
        journal: Journal,
        checkpoints: Checkpoints,
        live_runs: LiveRuns,
    ) -> None:
        self._database = database
        self._recorder = recorder
        self._journal = journal
        self._checkpoints = checkpoints
        self._live_runs = live_runs

    async def restore(
        self,
        run: Run,
        restore: RestoreId,
        what: What,
        point: Point,
        undone: Restore | None = None,
        then: Then | None = None,
    ) -> None:
        """Takes the run, as the caller has seen it, back to `point`; `undone` is the restore that this takes back.

        `then` follows where the chat went back. What lies in the workspace is in a snapshot before a file is touched,
        or, where `undone` is set, must be as that restore left it. Raises UserError when the run works, was discarded,
        or went on meanwhile, and OutsideError or PolicyRefused, with no file changed, when the container or Git cannot
        do it.
        """
        require_restorable(run)
        undoes = undone.id if undone else ""
        if what is What.CHAT:
            async with self._recorder.unit(run.project, run.id) as unit:
                _require_same(run, await runs.get(unit.connection, run.id))
                restored = await restore_chat(unit, self._checkpoints, run.id, point, restore, undoes)
                if then is not None:
                    await then(unit, restored)
            return
        async with self._live_runs.clone_lock(run.id):
            await self._require_unchanged(run)
            live = await self._live_runs.open(run)
            await (self._require_untouched(live) if undone else self._keep(live, run))
            head = (await self._load(run.id)).head
            done = await live.put_back(head, point.commit, undone.kept if undone else "")
            await self._record(run, restore, what, point, done, undoes, then)

    async def _require_unchanged(self, seen: Run) -> None:
        """A turn that began while this waited for the clone is not what the person looked at."""
        _require_same(seen, await self._load(seen.id))

    async def _keep(self, live: LiveRun, run: Run) -> None:
        run = await self._load(run.id)
        taken = await live.snapshot(run.head, MESSAGE) if await live.changed(run.head) else None
        if taken is None:
            return
        await self._journal.snapshot_by_hand(run, snapshot_taken(taken))
        require_restorable(await self._load(run.id))

    async def _require_untouched(self, live: LiveRun) -> None:
        if await live.touched():
            raise UserError(
                f"Files of run {live.run.id} have changed since its newest restore.",
                f"Go to any turn instead: studio runs restore {live.run.id} --turn N",
            )

    async def _record(
        self, run: Run, restore: RestoreId, what: What, point: Point, done: PutBack, undoes: str, then: Then | None
    ) -> None:
        event = FilesRestored(
            restore,
            point.commit,
            done.commit,
            done.parent,
            point.turn,
            point.number,
            point.before,
            undoes,
            done.files,
            done.left_out,
            done.kept,
            done.kept_files,
            done.milliseconds,
        )
        async with self._recorder.unit(run.project, run.id) as unit:
            current = await runs.get(unit.connection, run.id)
            # A message may have come meanwhile: its turn waits for the clone, and finds the files as they are now.
            works = current.state is RunState.WORKING
            if not works:
                await self._checkpoints.void(unit, run.id)
            if what is What.BOTH and not works:
                # The chat first: what it leaves out must not hold the fact about the files.
                current = await restore_chat(unit, self._checkpoints, run.id, point, restore, undoes)
            state = current.state if works or current.state is RunState.DISCARDED else RunState.IDLE
            current = replace(current, head=done.commit, state=state)
            await runs.save(unit.connection, current)
            unit.record(event)
            if then is not None and what is What.BOTH and not works:
                await then(unit, current)
        if what is What.BOTH and works:
            raise UserError(
                f"The files of run {run.id} are as they were {point.words}; its chat is not: a message came meanwhile.",
                f"Wait for its answer, then: studio runs restore {run.id} --turn {point.number} --chat",
            )

    async def _load(self, run: RunId) -> Run:
        async with self._database.reading() as connection:
            return await runs.get(connection, run)


def _require_same(seen: Run, run: Run) -> None:
    """Raises UserError, worded for the person, when the run cannot go back, or is not what they looked at."""
    require_restorable(run)
    if run.turn != seen.turn:
        raise UserError(f"Run {run.id} has gone on meanwhile.", f"Look at it again: studio runs log {run.id}")
