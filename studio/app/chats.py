"""The chats door: say something to an agent, follow its runs, stop them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from studio.agents.experiments import Experiments, join
from studio.agents.history import History
from studio.agents.journal import Journal
from studio.agents.roles import Roles
from studio.agents.turns import STOPPED, STOPPED_NEXT
from studio.app.choices import Choices
from studio.app.opened import require_open
from studio.app.pictures import keep_images
from studio.app.references import References
from studio.base.aio import in_thread
from studio.board.briefs import purpose_of
from studio.board.handovers import Handover, handover_of, take_over, waits_no_more
from studio.board.mail import Mail
from studio.checkpoints.checkpoints import Checkpoints
from studio.contracts.clock import Clock
from studio.domain.briefs import NO_PURPOSE, Purpose
from studio.domain.changes import Base
from studio.domain.errors import EngineError, UserError
from studio.domain.events import ExperimentJoined, Recorded
from studio.domain.ids import ProjectId, RunId, TurnId
from studio.domain.images import Image
from studio.domain.models import ModelRef
from studio.domain.roles import Limits
from studio.domain.runs import STOPPABLE, Outcome, Run, RunState, branch_name, require_addressable
from studio.domain.tools import ApprovalMode
from studio.events.recorder import Recorder
from studio.events.whole import newest_log, whole_log
from studio.store import event_log, projects, runs
from studio.store.database import Database
from studio.workflow.acts import Acts, act
from studio.workflow.turns import Turns
from studio.workspace.workspaces import Workspaces

TITLE_CHARACTERS = 80


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that was accepted: the run it went to, the turn it started and the log's number before it."""

    run: RunId
    turn: TurnId
    since: int


class Chats:
    """Runs and what is said in them."""

    def __init__(
        self,
        acts: Acts,
        database: Database,
        recorder: Recorder,
        journal: Journal,
        checkpoints: Checkpoints,
        workspaces: Workspaces,
        turns: Turns,
        roles: Roles,
        choices: Choices,
        references: References,
        experiments: Experiments,
        mail: Mail,
        clock: Clock,
    ) -> None:
        self.acts = acts
        self._database = database
        self._recorder = recorder
        self._journal = journal
        self._checkpoints = checkpoints
        self._workspaces = workspaces
        self._turns = turns
        self._roles = roles
        self._choices = choices
        self._references = references
        self._experiments = experiments
        self._mail = mail
        self._clock = clock

    async def runs(self, project: ProjectId | None = None) -> tuple[Run, ...]:
        """All runs, or those of one project, newest first."""
        async with self._database.reading() as connection:
            return await runs.all_runs(connection, project)

    async def run(self, name: str) -> Run:
        """The run with this id or unambiguous beginning of one; raises NotFound."""
        async with self._database.reading() as connection:
            return await runs.by_prefix(connection, name)

    async def picture(self, project: ProjectId, image: str) -> bytes:
        """The bytes of an image that an event of the project's chats names. Raises NotFound when they are gone."""
        return await in_thread(self._workspaces.pictures(project).read, Image.parse(image))

    async def log(self, run: RunId, newest: int | None = None) -> tuple[Recorded, ...]:
        """Everything recorded of one run, in order; only its start and about the `newest` events where that is said.

        Those begin where a turn began.
        """
        async with self._database.reading() as connection:
            if newest is not None:
                return await newest_log(connection, run, newest)
            return await whole_log(connection, run)

    async def send(
        self,
        project: ProjectId,
        text: str,
        run: RunId | None = None,
        role: str = "engineer",
        model: str | None = None,
        approval: ApprovalMode | None = None,
        base: str | None = None,
        fallbacks: tuple[str, ...] = (),
        limits: Limits | None = None,
        images: tuple[bytes, ...] = (),
        work: str = "",
        purpose: Purpose = NO_PURPOSE,
    ) -> Sent:
        """Posts a message to a new run, or to `run`, and sets its agent to work; returns before it answers.

        A new run goes on with what the run `work` handed over to its role, when one is named, and is for `purpose`,
        else for that of `work`. Raises NotFound for a task or brief that is not there, UserError when a task has ended,
        the work waits no more, the project is archived, no model can be used, the run is working, the repository has
        nothing to start from, one of `images` cannot be shown to a model, or it refers to something that is not there.
        """
        if not text.strip():
            raise UserError("The message is empty.", "Say what is to be done.")
        # The title, the branch and from there the person's own history are made of it, none of which can be taken back.
        text = self._recorder.redacted(text)
        # Whoever asks names the turn: asked again because an engine died, the act is known to be the same.
        goes_to = RunId.new() if run is None else (await self.run(run)).id
        asked = Sent(goes_to, TurnId.new(), await self._last_seq())
        kept = await keep_images(self._workspaces.pictures(project), images)
        meant = await self._references.resolve(project, run, text)
        return await self._post(
            *(asked, run is None, project, text, role, model, approval, base, fallbacks, limits, kept, meant, work),
            purpose,
        )

    @act
    async def _post(
        self,
        asked: Sent,
        new: bool,
        project: ProjectId,
        text: str,
        role: str,
        model: str | None,
        approval: ApprovalMode | None,
        base: str | None,
        fallbacks: tuple[str, ...],
        limits: Limits | None,
        images: tuple[str, ...] = (),
        references: dict[str, str] | None = None,
        work: str = "",
        purpose: Purpose = NO_PURPOSE,
    ) -> Sent:
        """Begins the turn that was asked for, once however often it is asked for."""
        if await self._journal.has_begun(asked.turn, asked.since):
            return asked
        async with self._database.reading() as connection:
            await require_open(connection, project)
        text = self._recorder.redacted(text)  # this process may know keys that the asking one does not
        title, taken, joined = "", None, None
        if new:
            chosen, title, taken, joined = await self._new_run(
                asked.run, project, text, role, model, approval, base, fallbacks, limits, work, purpose
            )
        else:
            chosen = await self.run(asked.run)
        await self._turns.ready()
        async with self._recorder.unit(chosen.project, chosen.id) as unit:
            if new:
                if taken is not None:
                    await take_over(unit, self._mail, taken, chosen)
                begins = (taken.head, taken.giver.id) if taken and taken.has_files else ()
                await self._journal.start_run(unit, chosen, title, *begins)
                join(unit, joined)
            else:
                current = await runs.get(unit.connection, chosen.id)
                require_addressable(current)
                chosen = self._changed(current, model, approval, fallbacks, limits)
                await self._checkpoints.void(unit, chosen.id)
            working = await self._journal.start_turn(unit, chosen, text, asked.turn, images, references)
        await self._turns.start(working)
        return Sent(working.id, asked.turn, asked.since)

    @act
    async def cancel(self, run: RunId) -> Run:
        """Stops the run's turn, also in the middle of a command.

        Raises UserError when nothing goes on, EngineError when the sandbox does not let go of it in time.
        """
        found = await self.run(run)
        if found.state not in STOPPABLE:
            raise UserError(f"Run {found.id} is not working.", "There is nothing to stop.")
        await self._journal.request_cancel(found)
        if found.state is RunState.WORKING:
            if not await self._turns.cancel(found):
                raise EngineError(f"Run {found.id} is still stopping: its sandbox answers slowly.", "Look again soon.")
            return await self.run(found.id)
        history: History = await self._journal.history(found)
        async with self._recorder.unit(found.project, found.id) as unit:
            await self._checkpoints.void(unit, found.id)
            return await self._journal.end_turn(
                unit,
                found,
                history,
                Outcome.CANCELLED,
                reason=STOPPED,
                action=STOPPED_NEXT,
            )

    async def _new_run(
        self,
        run_id: RunId,
        project_id: ProjectId,
        text: str,
        role_name: str,
        model: str | None,
        approval: ApprovalMode | None,
        base_branch: str | None,
        fallbacks: tuple[str, ...],
        limits: Limits | None,
        work: str,
        purpose: Purpose,
    ) -> tuple[Run, str, Handover | None, ExperimentJoined | None]:
        """The run that is to be made, the title of its role, what it goes on with, and what it drew."""
        chosen = ModelRef.parse(model) if model else await self._choices.default_model()
        await self._choices.require(chosen)
        async with self._database.reading() as connection:
            project = await projects.get(connection, project_id)
            taken = await handover_of(connection, project_id, role_name, RunId(work)) if work else None
            meant = await purpose_of(
                connection, project_id, purpose.task, purpose.brief, taken.giver if taken is not None else None
            )
        if work and taken is None:
            raise waits_no_more(work, role_name)
        if taken is None or not taken.has_files:
            base = await self._workspaces.base(project, base_branch)
        else:
            # What an agent wrote is nobody's rules: those are of the person's commit below.
            base = Base(taken.giver.base_branch, taken.giver.base_commit)
        role = (await self._roles.at(project.id, base.commit)).get(role_name)
        run = Run(
            id=run_id,
            project=project.id,
            role=role.name,
            title=" ".join(text.split())[:TITLE_CHARACTERS],
            model=chosen,
            base_branch=base.branch,
            base_commit=base.commit,
            branch=branch_name(run_id, text),
            head=taken.head if taken and taken.has_files else base.commit,
            created=self._clock.now(),
            approval=approval or self._choices.default_approval(),
            limits=_limits(self._choices.default_limits(role.limits), limits),
            fallbacks=tuple(ModelRef.parse(name) for name in fallbacks),
            purpose=meant,
        )
        run, joined = await self._experiments.draw(run, role, project.name, named=model is not None)
        return run, role.title, taken, joined

    def _changed(
        self,
        run: Run,
        model: str | None,
        approval: ApprovalMode | None,
        fallbacks: tuple[str, ...],
        limits: Limits | None,
    ) -> Run:
        chosen = ModelRef.parse(model) if model else run.model
        self._choices.require_usable(chosen)
        return replace(
            run,
            model=chosen,
            approval=approval or run.approval,
            fallbacks=tuple(ModelRef.parse(name) for name in fallbacks) or run.fallbacks,
            limits=_limits(run.limits, limits),
        )

    async def _last_seq(self) -> int:
        async with self._database.reading() as connection:
            return await event_log.last_seq(connection)


def _limits(usual: Limits, wanted: Limits | None) -> Limits:
    """The wanted limits, with the usual ones where nothing is said."""
    if wanted is None:
        return usual
    return Limits(
        usual.steps if wanted.steps is None else wanted.steps,
        usual.seconds if wanted.seconds is None else wanted.seconds,
        usual.cost_nusd if wanted.cost_nusd is None else wanted.cost_nusd,
    )
