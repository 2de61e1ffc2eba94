"""The player: goes through a recorded run again with the turn loop of today, without model, network or container."""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from studio.agents.context import StepLimits
from studio.agents.journal import Journal
from studio.agents.replay.beside import snapshots_changed
from studio.agents.replay.canonical import canonical, digest
from studio.agents.replay.differing import changed_since, first_difference
from studio.agents.replay.fed import FedBreaker, FedClock, FedEngine, FedModel, FedRuns
from studio.agents.replay.fed_aids import FedAids
from studio.agents.replay.fed_router import FedLedger, FedPrices, FedRoutes
from studio.agents.replay.fed_turns import FedMail, FedRunner, StageRecorder
from studio.agents.replay.record import Record
from studio.agents.replay.stage import Break, Stage
from studio.agents.roles import Roles
from studio.agents.skills import Skills
from studio.agents.turns import TurnRunner
from studio.board.board import Board
from studio.checkpoints.checkpoints import Checkpoints
from studio.domain.briefs import Purpose
from studio.domain.checkpoints import CheckpointState
from studio.domain.codec import to_payload
from studio.domain.events import (
    ChatRestored,
    CheckpointDecided,
    Event,
    Recorded,
    RuleAdded,
    RunForked,
    RunSet,
    RunStarted,
    StepStarted,
    TurnStarted,
)
from studio.domain.ids import ProjectId, RunId, TurnId
from studio.domain.models import ModelRef
from studio.domain.projects import Project
from studio.domain.roles import Limits
from studio.domain.runs import Run, RunState
from studio.domain.tools import ApprovalMode
from studio.events.recorder import Unit
from studio.events.whole import whole_log
from studio.router.answers import NO_ANSWERS, Answers
from studio.router.router import Router
from studio.router.windows import Windows
from studio.store import checkpoints as checkpoints_table
from studio.store import projects, runs
from studio.store.connection import InThread
from studio.store.database import Database
from studio.store.event_log import Entry, append
from studio.workspace.workspaces import Workspaces


@dataclass(frozen=True, slots=True)
class Replay:
    """What a replay came to. `same` says that it recorded just what the run had recorded.

    `difference` tells where it went another way first, empty when it did not. `events` counts those of the run itself,
    `before` those of its source that a fork goes on from; the hashes are of both. `changed` says what of the record is
    not as it was made.
    """

    run: RunId
    events: int
    recorded: str
    replayed: str
    difference: str = ""
    before: int = 0
    changed: str = ""

    @property
    def same(self) -> bool:
        """Whether both tell the same story, and it is the one that was recorded."""
        return self.recorded == self.replayed and not self.difference and not self.changed


class Player:
    """Replays runs, each in a data folder of its own that is deleted after it."""

    def __init__(
        self, roles: Roles, skills: Skills, workspaces: Workspaces, windows: Windows, step: StepLimits
    ) -> None:
        self._roles = roles
        self._skills = skills
        self._workspaces = workspaces
        self._windows = windows
        self._step = step

    async def replay(self, record: Record, outputs: str = "") -> Replay:
        """Goes through the record, of which `outputs` are not kept as they were.

        Raises UserError for a run whose role is not there any more, and GitError.
        """
        run = record.run
        (await self._roles.at(run.project, run.base_commit)).get(run.role)
        stage = Stage(record)
        with tempfile.TemporaryDirectory(prefix="studio-replay-") as folder:
            database = await Database.open(Path(folder) / "replay.db")
            try:
                made = await self._play(record, stage, database)
            finally:
                await database.close()
        told, now = canonical(record.whole), canonical(made)
        changed = (changed_since(record.whole, record.changed), outputs)
        return Replay(
            run.id,
            len(record.log),
            digest(told),
            digest(now),
            stage.difference or first_difference(record.whole, told, now),
            len(record.before),
            " ".join(filter(None, (*changed, await snapshots_changed(self._workspaces, record)))),
        )

    async def _play(self, record: Record, stage: Stage, database: Database) -> tuple[Recorded, ...]:
        clock = FedClock(stage)
        recorder = StageRecorder(stage, database, clock)
        journal, checkpoints = Journal(database, recorder), Checkpoints(database, recorder, clock)
        router = Router(
            lambda _provider: FedModel(stage), FedPrices(stage), clock, FedLedger(stage), breaker=FedBreaker(clock)
        )
        runner = FedRunner(
            *(database, recorder, journal, checkpoints, FedRuns(stage, self._workspaces), router, FedRoutes(stage)),
            *(self._roles, clock, lambda _delta: None, self._windows, self._step, FedAids(self._skills, stage)),
            *(Board(database, recorder, clock), FedMail(stage, database, recorder, clock)),
            *(Answers(database, recorder, clock, NO_ANSWERS), FedEngine()),
        )
        runner.stage = stage
        outer = _Outer(stage, database, recorder, checkpoints)
        await outer.precede(record)
        while not stage.is_over and stage.broken is not Break.DIVERGED:
            turn = await outer.take(record.run)
            if turn is not None:
                await _run_turn(runner, stage, record.run.id, turn)
        async with database.reading() as connection:
            return await whole_log(connection, record.run.id)


async def _run_turn(runner: TurnRunner, stage: Stage, run: RunId, turn: TurnId) -> None:
    """Runs a turn to its end, again each time that the process that ran it had died."""
    while True:
        stage.broken = Break.NONE
        # A task of its own: what is broken off in it must not reach whoever asked for the replay.
        task = asyncio.ensure_future(runner.run(run, turn, cancelled_by_person=lambda: stage.broken is Break.STOPPED))
        await asyncio.wait({task})
        if not task.cancelled():
            task.result()
            return
        if stage.broken is not Break.KILLED:
            return


class _Outer:
    """Records again what people did, and what happened around the turns, as it stands in the record."""

    def __init__(self, stage: Stage, database: Database, recorder: StageRecorder, checkpoints: Checkpoints) -> None:
        self._stage = stage
        self._database = database
        self._recorder = recorder
        self._checkpoints = checkpoints
        self._decided_as: dict[str, str] = {}

    async def precede(self, record: Record) -> None:
        """Saves what a fork goes on from, all under its source's name: that is what it was told, not what it did."""
        source = next((event.source for item in record.log[:2] if isinstance(event := item.event, RunForked)), None)
        if source is None:
            return
        async with self._database.transaction() as connection:
            connection.at_commit(partial(_save_before, record, RunId(source), self._stage))

    async def take(self, run: Run) -> TurnId | None:
        """Takes the next event; gives the turn that began with it, if one did."""
        event = self._stage.now.event
        async with self._recorder.outer(run) as unit:
            match event:
                case RunStarted():
                    await projects.add(unit.connection, _project(run.project, self._stage))
                    await runs.add(unit.connection, _begun(run, event))
                case TurnStarted():
                    await runs.save(unit.connection, await self._working(unit, run, TurnId(event.turn)))
                case RunSet():
                    await runs.save(unit.connection, _as_set(await runs.get(unit.connection, run.id), event))
                case CheckpointDecided():
                    event = await self._decided(unit, run, event)
                case RuleAdded():
                    event = replace(event, checkpoint=self._decided_as.get(event.checkpoint, event.checkpoint))
                case _:
                    pass
            unit.record(_placed(event, self._stage))
        return TurnId(event.turn) if isinstance(event, TurnStarted) else None

    async def _working(self, unit: Unit, run: Run, turn: TurnId) -> Run:
        current = await runs.get(unit.connection, run.id)
        step = next((event for event in self._stage.following() if isinstance(event, StepStarted)), None)
        # Where the routing table chose, the run stands for it, and the step says what was tried first.
        named = step is not None and step.turn == turn and not step.route
        model = ModelRef.parse(step.model) if step is not None and named else current.model
        return replace(current, state=RunState.WORKING, turn=turn, outcome=None, model=model)

    async def _decided(self, unit: Unit, run: Run, event: CheckpointDecided) -> CheckpointDecided:
        """The decision on the question that the replay asked about the same call."""
        for asked in await checkpoints_table.of_run(unit.connection, run.id):
            if asked.call == event.call and asked.state is CheckpointState.OPEN:
                decided = replace(asked, state=CheckpointState(event.state), answer=event.answer, decided_by=event.by)
                await checkpoints_table.save(unit.connection, decided)
                self._decided_as[event.checkpoint] = asked.id
                return replace(event, checkpoint=asked.id)
        return event


def _save_before(record: Record, source: RunId, stage: Stage, connection: InThread) -> None:
    for recorded in record.before:
        event = _placed(recorded.event, stage)
        append(connection, recorded.time, recorded.project, source, [Entry(event.kind, to_payload(event))])


def _project(project: ProjectId, stage: Stage) -> Project:
    return Project(project, "replay", Path("/nowhere"), stage.now.time)


def _begun(run: Run, event: RunStarted) -> Run:
    """The run as it was when it began."""
    return Run(
        id=run.id,
        project=run.project,
        role=event.role,
        title=event.title,
        model=ModelRef.parse(event.model),
        base_branch=event.base_branch,
        base_commit=event.base_commit,
        branch=event.branch,
        head=event.first_commit,
        created=run.created,
        approval=ApprovalMode(event.approval),
        limits=Limits(event.max_steps, event.max_seconds, event.max_cost_nusd),
        fallbacks=tuple(ModelRef.parse(name) for name in event.fallbacks),
        purpose=Purpose(event.task, event.brief),
    )


def _as_set(run: Run, event: RunSet) -> Run:
    return replace(
        run,
        model=ModelRef.parse(event.model),
        approval=ApprovalMode(event.approval),
        limits=Limits(event.max_steps, event.max_seconds, event.max_cost_nusd),
        fallbacks=tuple(map(ModelRef.parse, event.fallbacks)),
    )


def _placed(event: Event, stage: Stage) -> Event:
    """The event with numbers of others as they are in the replay's own log, which begins with 1."""
    match event:
        case ChatRestored() | RunForked():
            return replace(event, until=stage.place(event.until))
        case _:
            return event
