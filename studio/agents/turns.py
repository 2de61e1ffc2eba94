"""One turn from its start in the log to its end in the log."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeVar

from studio.agents import reading
from studio.agents.aids import Aids
from studio.agents.approving import Approver
from studio.agents.asking import Asker
from studio.agents.calls import CallAnswerer
from studio.agents.compaction import Compactor
from studio.agents.context import Context, StepLimits
from studio.agents.failures import Failures
from studio.agents.guidance import Guidance
from studio.agents.handing import Handing
from studio.agents.history import HAND_OFF, History
from studio.agents.journal import Journal
from studio.agents.live import LiveRun, LiveRuns
from studio.agents.loop import End, TurnLoop
from studio.agents.outputs import Outputs
from studio.agents.parking import KnowsEngine, Parker, parked_words
from studio.agents.reading import open_to_read
from studio.agents.recalling import Recaller
from studio.agents.roles import Roles
from studio.agents.rule_files import BaseRules, WorkspaceRules
from studio.agents.services import ServiceNotes
from studio.base.aio import uncancel
from studio.base.log import logger
from studio.board.board import Board
from studio.board.desk import Desk
from studio.board.mail import Mail
from studio.checkpoints.checkpoints import Checkpoints
from studio.checkpoints.rules import Rules
from studio.contracts.clock import Clock
from studio.domain.errors import NothingLeft, Refused, StoreError, StudioError
from studio.domain.events import Delta
from studio.domain.ids import RunId, TurnId
from studio.domain.roles import Role, RoleList
from studio.domain.runs import Outcome, Run, RunState
from studio.domain.tasks import Task
from studio.events.recorder import Recorder
from studio.router.answers import Answers
from studio.router.router import Router
from studio.router.routing import Routes
from studio.router.windows import Windows
from studio.store import runs
from studio.store.database import Database
from studio.tools.handoff import hand_off_tool
from studio.tools.mcp import names_server
from studio.tools.table import EVERYBODYS, TOOLS
from studio.tools.tool import Tool

log = logger("agents")

T = TypeVar("T")

LEAVE_SECONDS = 15.0
SAVE_AGAIN_SECONDS = 5.0
STOPPED = "You stopped the turn."
STOPPED_NEXT = "Send a message to go on."
DISK_NEXT = "Free space or mend the data folder, then send a message to go on."
BUG_NEXT = "The details are in its log; send a message to try again."


class TurnRunner:
    """Runs turns; calling it again for a turn that was left half-way goes on where the log stands."""

    def __init__(
        self,
        database: Database,
        recorder: Recorder,
        journal: Journal,
        checkpoints: Checkpoints,
        live_runs: LiveRuns,
        router: Router,
        routes: Routes,
        roles: Roles,
        clock: Clock,
        on_delta: Callable[[Delta], None],
        windows: Windows,
        step: StepLimits,
        aids: Aids,
        board: Board,
        mail: Mail,
        answers: Answers,
        engine: KnowsEngine,
    ) -> None:
        self._engine = engine
        self._answers = answers
        self._database = database
        self._recorder = recorder
        self._journal = journal
        self._checkpoints = checkpoints
        self._live_runs = live_runs
        self._router = router
        self._routes = routes
        self._roles = roles
        self._clock = clock
        self._on_delta = on_delta
        self._windows = windows
        self._step = step
        self._aids = aids
        self._board, self._mail = board, mail
        self._handing = Handing(recorder, mail)

    async def run(self, run_id: RunId, turn: TurnId, *, cancelled_by_person: Callable[[], bool]) -> str:
        """Runs the turn to its end and returns the outcome's name; a turn that has ended is left alone.

        Cancelled by a person while the agent works, it ends the turn as cancelled; a turn whose stop the log
        knows of ends so at once. Cancelled otherwise (Studio is closing, or the end is being saved), it
        leaves the turn as it is, to be taken up again, and raises CancelledError. While the data folder
        cannot be written, it waits to save the end.
        """
        async with self._live_runs.clone_lock(run_id):
            return await self._run(run_id, turn, cancelled_by_person)

    async def _run(self, run_id: RunId, turn: TurnId, cancelled_by_person: Callable[[], bool]) -> str:
        run = await self._load(run_id)
        if run.turn != turn or run.state is not RunState.WORKING:
            return run.outcome.value if run.outcome else Outcome.CANCELLED.value
        history = await self._journal.history(run)
        if history.stopped:
            end = End(Outcome.CANCELLED, STOPPED, STOPPED_NEXT)
        else:
            if history.acted:
                history.apply(await self._saved(lambda: self._journal.resume_turn(run)))
            end = await self._end_of(run, history, cancelled_by_person)
        return await self._saved(lambda: self._finish(run, history, end))

    async def _end_of(self, run: Run, history: History, cancelled_by_person: Callable[[], bool]) -> End:
        loop: TurnLoop | None = None
        losses = self._engine.losses
        try:
            roles = await self._roles.at(run.project, run.base_commit)
            role = roles.get(run.role)
            role = replace(role, prompt=history.prompt or role.prompt)
            missing = await self._engine.missing()
            live = await (open_to_read(self._live_runs, run, missing) if missing else self._live_runs.open(run))
            aids, task = await self._aids.tools(run, role, live), await self._board.task(run.purpose.task)
            loop = self._loop(run, role, roles, live, aids, history, task)
            return await loop.run(history)
        except asyncio.CancelledError:
            if not cancelled_by_person():
                raise
            uncancel()
            await self._leave(loop, run, history)
            return End(Outcome.CANCELLED, STOPPED, STOPPED_NEXT)
        except NothingLeft as left:
            return self.parker().end(run, history, left)
        except Refused as refused:
            return End(Outcome.REFUSED, refused.sentence, refused.action)
        except StudioError as error:
            if (gone := await self._engine.behind(error, losses)) is not None:
                return self.parker().without_engine(run, history, gone)
            return End(Outcome.FAILED, error.sentence, error.action)
        except OSError as error:
            log.exception("turn_broke", run=run.id)
            return End(Outcome.FAILED, f"The disk refused: {error.strerror or error}.", DISK_NEXT)
        except Exception as bug:
            log.exception("turn_broke", run=run.id)
            return End(Outcome.FAILED, f"Studio itself failed: {type(bug).__name__}.", BUG_NEXT)

    async def _leave(self, loop: TurnLoop | None, run: Run, history: History) -> None:
        """Brings home what a stopped turn changed; what cannot be brought home now stays in the workspace."""
        if loop is None:
            return
        try:
            async with asyncio.timeout(LEAVE_SECONDS):
                await loop.snapshot(history)
        except Exception as error:
            # Whatever is wrong with the workspace, a person's stop ends the turn.
            log.warning("snapshot_after_stop_failed", run=run.id, error=str(error), exc_info=error)

    async def _finish(self, run: Run, history: History, end: End) -> str:
        async with self._recorder.unit(run.project, run.id) as unit:
            asked = await self._checkpoints.open(unit, end.question) if end.question else None
            if end.handed is not None:
                await self._handing.hand_over(unit, run, history, end.handed)
            await self._journal.end_turn(
                unit,
                run,
                history,
                end.outcome,
                reason=end.reason,
                action=end.action,
                checkpoint=asked.id if asked else "",
                **parked_words(end),
            )
        return end.outcome.value

    async def _saved(self, save: Callable[[], Awaitable[T]]) -> T:
        """What `save` returns, tried until the data folder takes it: a turn must not be left without an end."""
        while True:
            try:
                return await save()
            except StoreError as error:
                log.warning("not_saved_yet", error=str(error))
                await self._clock.sleep(SAVE_AGAIN_SECONDS)

    def tools(self, role: Role, roles: RoleList, aids: dict[str, Tool]) -> dict[str, Tool]:
        """The tools of a turn, by name; a replay has others of the same names."""
        others = [other.name for other in roles.roles if other.name != role.name]
        named = (*role.tools, *EVERYBODYS)
        tools = {name: TOOLS[name] for name in named if not names_server(name)} | aids
        return tools | {HAND_OFF: hand_off_tool(role.result, others)}

    def only_reads(self, live: LiveRun, history: History) -> bool:
        """Whether a turn has only what needs no sandbox; a replay goes by what was told then."""
        return isinstance(live, reading.ReadingRun)

    def guidance(self, run: Run, live: LiveRun, history: History) -> Guidance:
        """What tells a turn the project's own rules; a replay tells those that were told then."""
        files = BaseRules(live.workspaces, run) if history.origin.took_over else WorkspaceRules(live.folder)
        return Guidance(self._recorder, run, files, reading.told(live))

    def compactor(self, run: Run) -> Compactor:
        """What shortens a long chat for a turn; a replay shortens where that was done then."""
        return Compactor(self._recorder, run)

    def failures(self) -> Failures:
        """What tells a turn that its app failed; a replay tells what was told then."""
        return Failures(self._database, self._recorder)

    def services(self) -> ServiceNotes:
        """What tells a turn which services stand beside its sandbox; a replay tells what was told then."""
        return ServiceNotes(self._database, self._recorder)

    def parker(self) -> Parker:
        """What decides whether a turn is parked; a replay parks where that was done then."""
        return Parker(self._clock)

    def recaller(self, run: Run, role: Role) -> Recaller:
        """What finds replies that were given before; a replay finds those that were found then."""
        return Recaller(self._answers, run, role)

    def approver(self, run: Run, role: Role, tools: dict[str, Tool], rules: Rules) -> Approver:
        """What judges the calls of a turn; a replay knows what rules said then."""
        return Approver(run, tools, role.deny, rules)

    def _loop(
        self,
        run: Run,
        role: Role,
        roles: RoleList,
        live: LiveRun,
        aids: dict[str, Tool],
        history: History,
        task: Task | None,
    ) -> TurnLoop:
        tools = self.tools(role, roles, aids)
        tools = reading.those_that_read(tools) if self.only_reads(live, history) else tools
        outputs = Outputs(self._database, self._recorder)
        approver = self.approver(run, role, tools, Rules(self._database, self._recorder, self._clock))
        answerer = CallAnswerer(
            *(run, tools, live, self._journal, self._checkpoints, self._clock, self._on_delta, outputs, approver),
            title=role.title,
            desk=Desk(run, tuple(each.name for each in roles.roles), self._board, self._mail),
        )
        guidance = self.guidance(run, live, history)
        context = Context(self.compactor(run), self._windows, run, role, guidance, answerer.specs, self._step)
        recaller = self.recaller(run, role)
        asker = Asker(
            *(run, live, self._journal, self._router, self._clock, self._on_delta, context, recaller),
            *(self._routes, role, task),
        )
        return TurnLoop(
            *(run, role, live, answerer, self._journal, self._clock, context, asker, self._handing, self._mail),
            *(self.failures(), self.services()),
        )

    async def _load(self, run_id: RunId) -> Run:
        async with self._database.reading() as connection:
            return await runs.get(connection, run_id)
