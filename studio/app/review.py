"""The review door: see what a run changed, bring it home, or put it away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from studio.agents.journal import Journal
from studio.agents.keeping import Keeper
from studio.agents.live import LiveRuns
from studio.base.log import logger
from studio.checkpoints.checkpoints import Checkpoints
from studio.domain.changes import Diff, Merged
from studio.domain.errors import AlreadyMerged, FilesElsewhere, OutsideError, UserError
from studio.domain.events import BranchMerged, Event, FilesRestored, Recorded, RunStarted, SnapshotTaken, TurnStarted
from studio.domain.ids import ProjectId, RunId
from studio.domain.projects import Project
from studio.domain.runs import NEXT_STATES, Run, RunState, require_next
from studio.events.recorder import Recorder
from studio.events.whole import whole_log
from studio.store import event_log, projects, runs
from studio.store.database import Database
from studio.workflow.acts import Acts, act
from studio.workspace.workspaces import Workspaces

log = logger("app")


@dataclass(frozen=True, slots=True)
class BranchView:
    """A run's branch that differs from its base: how many files and lines."""

    run: Run
    files: int
    added: int
    removed: int


@dataclass(frozen=True, slots=True)
class TurnChanges:
    """What one turn of a run changed."""

    run: Run
    diff: Diff


class Review:
    """Diffs and merges of runs."""

    def __init__(
        self,
        acts: Acts,
        database: Database,
        recorder: Recorder,
        journal: Journal,
        checkpoints: Checkpoints,
        workspaces: Workspaces,
        live_runs: LiveRuns,
        keeper: Keeper,
    ) -> None:
        self._keeper = keeper
        self.acts = acts
        self._database = database
        self._recorder = recorder
        self._journal = journal
        self._checkpoints = checkpoints
        self._workspaces = workspaces
        self._live_runs = live_runs

    async def waiting(self, project: ProjectId) -> tuple[BranchView, ...]:
        """Branches of the project that changed something and are neither merged nor discarded, newest first."""
        async with self._database.reading() as connection:
            found = await runs.all_runs(connection, project)
            began = await event_log.since(connection, 0, project=project, kinds=(RunStarted.kind,))
        first = {item.run: item.event.first_commit for item in began if isinstance(item.event, RunStarted)}
        views = []
        for run in found:
            if run.state in (RunState.MERGED, RunState.DISCARDED) or run.head in (run.base_commit, first.get(run.id)):
                continue
            diff = await self._workspaces.diff(run, patches=False)
            views.append(BranchView(run, len(diff.files) + diff.left_out, diff.added, diff.removed))
        return tuple(views)

    async def diff(self, run: RunId, *, own: bool = False) -> Diff:
        """What the run's branch changes against its base; `own` leaves out what it took over of another run."""
        found = await self._run(run)
        began, giver = await self._taken_over(found)
        if began is None or giver is None:
            return await self._workspaces.diff(found)
        diff = await self._workspaces.diff(found, base=began.begins_at if own else None)
        return diff if own else replace(diff, after=giver)

    async def giver(self, run: RunId) -> Run | None:
        """The run with whose work this one's branch begins, if there is one."""
        return (await self._taken_over(await self._run(run)))[1]

    async def of_turn(self, run: RunId, turn: str) -> TurnChanges:
        """What the snapshots of one turn change against what was there before it. Raises UserError for none."""
        found = await self._run(run)
        async with self._database.reading() as connection:
            log = await whole_log(connection, found.id)
        before, after = _span([item.event for item in log], turn, _first_commit(log, found))
        return TurnChanges(found, await self._workspaces.diff(found, base=before, head=after))

    async def merge(
        self, run: RunId, into: str | None = None, head: str | None = None, *, newest: bool = True
    ) -> Merged:
        """Joins the run's branch into a branch of the checkout: the one it started from, or `into`.

        `head` is the commit that the person has seen, by default the run's newest snapshot as the log has it now;
        this and nothing else is merged. `newest` False leaves out what was changed in the workspace since then.
        Raises UserError, with nothing changed, when the branch is no longer what they saw, the run works,
        files conflict, or the checkout is in the way.
        """
        async with self._database.reading() as connection:
            since = await event_log.last_seq(connection)
        return await self._merge_once(run, into, head or (await self._run(run)).head, newest, since)

    @act
    async def _merge_once(self, run: RunId, into: str | None, head: str, newest: bool, since: int) -> Merged:
        """Merges, unless the log after number `since` tells that it was done: then that is the answer."""
        async with self._database.reading() as connection:
            done = await event_log.since(connection, since, run=run, kinds=(BranchMerged.kind,))
        for event in (item.event for item in done):
            if isinstance(event, BranchMerged) and into in (None, event.into):
                return Merged(event.into, event.commit, event.previous)
        found = await self._run(run)
        require_next(found, RunState.MERGED)
        if newest:
            # What was changed by hand in an open terminal is part of the branch; so is what runs in the background.
            await self._keeper.keep(found.id, start=False)
            found = await self._run(run)
        _require_seen(found, head)
        async with self._database.reading() as connection:
            project = await projects.get(connection, found.project)
        merged = await self._merged(project, found, into)
        async with self._recorder.unit(found.project, found.id) as unit:
            current = await runs.get(unit.connection, found.id)
            if current.head == found.head and RunState.MERGED in NEXT_STATES[current.state]:
                await runs.save(unit.connection, replace(current, state=RunState.MERGED))
            unit.record(BranchMerged(found.branch, merged.into, merged.commit, merged.previous))
        return merged

    async def _merged(self, project: Project, run: Run, into: str | None) -> Merged:
        try:
            return await self._workspaces.merge(project, run, into)
        except AlreadyMerged as already:
            if run.state is RunState.MERGED or run.head == run.base_commit:
                raise
            # A merge that Studio did not live to note, or that the person made by hand.
            return Merged(already.into, already.commit, already.commit)

    @act
    async def discard(self, run: RunId) -> Run:
        """Puts a run away: its container and workspace go, its snapshots stay in Studio's own repository.

        Raises FilesElsewhere, with the run put away, where files that were not brought home were kept at the engine.
        """
        found = await self._run(run)
        require_next(found, RunState.DISCARDED)
        async with self._recorder.unit(found.project, found.id) as unit:
            await self._checkpoints.void(unit, found.id)
            discarded = await self._journal.close_run(unit, found)
        kept = await self._live_runs.put_away(found, "the run was discarded")
        await self._workspaces.remove(found.id)
        if kept:
            raise FilesElsewhere(f"Run {found.id} was discarded. {kept}", "Delete them as well: studio sandbox prune")
        return discarded

    async def sweep(self) -> None:
        """Finishes what a killed process did not: the workspaces of discarded runs go. Only for the engine's start."""
        async with self._database.reading() as connection:
            discarded = await runs.in_state(connection, RunState.DISCARDED)
        kept = await self._workspaces.on_disk()
        for run in discarded:
            if run.id in kept:
                try:
                    await self._workspaces.remove(run.id)
                except OutsideError as error:
                    log.warning("workspace_left", run=run.id, error=str(error))

    async def _taken_over(self, run: Run) -> tuple[RunStarted | None, Run | None]:
        """How a run that takes over another's work began, and that other one."""
        async with self._database.reading() as connection:
            for item in await event_log.since(connection, 0, run=run.id, kinds=(RunStarted.kind,), limit=1):
                if isinstance(item.event, RunStarted) and item.event.takes_over:
                    return item.event, await runs.get(connection, RunId(item.event.takes_over))
        return None, None

    async def _run(self, name: str) -> Run:
        async with self._database.reading() as connection:
            return await runs.by_prefix(connection, name)


def _first_commit(log: Sequence[Recorded], run: Run) -> str:
    began = (item.event.first_commit for item in log if isinstance(item.event, RunStarted))
    return next(began, run.base_commit)


def _span(events: Sequence[Event], turn: str, base: str) -> tuple[str, str]:
    """The commits before and after a turn."""
    head, before, after = base, "", ""
    for event in events:
        if isinstance(event, TurnStarted) and event.turn == turn:
            before = head
        elif isinstance(event, SnapshotTaken):
            head = event.commit
            after = head if event.turn == turn else after
        elif isinstance(event, FilesRestored):
            head = event.commit
    if not before or not after:
        raise UserError("This turn changed no files.", "The whole branch is in Review.")
    return before, after


def _require_seen(run: Run, head: str) -> None:
    """Raises UserError unless `head`, what the person has looked at, is what would be merged."""
    if run.head != head:
        raise UserError(
            f"The branch of run {run.id} has changed since you looked. Nothing was merged.",
            f"Look again (studio diff {run.id}), then merge. If a program in its container keeps changing files: "
            f"studio merge {run.id} --commit {run.head[:12]} merges what you have seen and no more.",
        )
