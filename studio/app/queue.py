"""The queue door: messages that wait until an agent has stopped, and messages that stop it."""

from __future__ import annotations

from dataclasses import dataclass

from studio.agents.journal import Journal
from studio.agents.queue import Queueing
from studio.app.chats import Sent
from studio.app.choices import Choices
from studio.app.pictures import keep_images
from studio.app.references import References
from studio.domain.errors import EngineError, NotFound, UserError
from studio.domain.ids import RunId, TurnId
from studio.domain.models import ModelRef
from studio.domain.queue import Queue, QueuedMessage
from studio.domain.runs import Run, RunState
from studio.domain.tools import ApprovalMode
from studio.events.recorder import Recorder
from studio.store import event_log, runs
from studio.store.database import Database
from studio.workflow.acts import Acts, act
from studio.workflow.turns import Turns
from studio.workspace.workspaces import Workspaces


@dataclass(frozen=True, slots=True)
class Queued:
    """One run and what waits to be said in it."""

    run: Run
    queue: Queue


class Queues:
    """What people write while an agent works."""

    def __init__(
        self,
        acts: Acts,
        database: Database,
        recorder: Recorder,
        journal: Journal,
        queueing: Queueing,
        turns: Turns,
        workspaces: Workspaces,
        references: References,
        choices: Choices,
    ) -> None:
        self.acts = acts
        self._database = database
        self._recorder = recorder
        self._journal = journal
        self._queueing = queueing
        self._turns = turns
        self._workspaces = workspaces
        self._references = references
        self._choices = choices

    async def of(self, run: RunId) -> Queue:
        """What waits in one run."""
        return await self._queueing.queue(run)

    async def all(self) -> tuple[Queued, ...]:
        """Every run in which a message waits, oldest queue first."""
        found = [Queued(await self._run(run), await self.of(run)) for run in await self._queueing.runs_with_queue()]
        return tuple(item for item in found if item.queue.waiting)

    async def find(self, name: str) -> tuple[Run, QueuedMessage]:
        """The waiting message whose turn's id begins with `name`. Raises NotFound, or UserError when several do."""
        waiting = [(item.run, message) for item in await self.all() for message in item.queue.waiting]
        exact = [pair for pair in waiting if pair[1].turn == name]
        found = exact or [pair for pair in waiting if name and pair[1].turn.startswith(name)]
        if not found:
            raise NotFound(f"No queued message {name} waits.", "See those that do: studio queue")
        if len(found) > 1:
            several = ", ".join(message.turn for _, message in found)
            raise UserError(f"Several queued messages begin with {name}.", f"Write more of it: {several}.")
        return found[0]

    async def add(
        self,
        run: RunId,
        text: str,
        model: str | None = None,
        approval: ApprovalMode | None = None,
        images: tuple[bytes, ...] = (),
    ) -> Sent:
        """Queues a message; it begins a turn of its own once the agent has stopped, at once when none works.

        Raises UserError when it is empty, the run is discarded, the model cannot be used,
        an image not be shown, or what it refers to is not there.
        """
        asked, message = await self._asked(run, text, model, approval, images)
        return await self._add(asked, message)

    async def interrupt(
        self,
        run: RunId,
        text: str,
        model: str | None = None,
        approval: ApprovalMode | None = None,
        images: tuple[bytes, ...] = (),
    ) -> Sent:
        """Stops the agent, also in the middle of a command, and sends the message as the next turn, as one act.

        What else waits in the queue comes after it. Raises as `add`, and EngineError when the sandbox does not
        let go in time: the message goes once it does.
        """
        asked, message = await self._asked(run, text, model, approval, images)
        return await self._interrupt(asked, message)

    async def change(self, run: RunId, turn: TurnId, text: str) -> None:
        """Changes the text of a message that waits. Raises as `add`, and UserError when it was sent."""
        if not text.strip():
            raise UserError("The message is empty.", "Say what is to be done, or take it back.")
        text = self._recorder.redacted(text)
        meant = await self._references.resolve((await self._run(run)).project, run, text)
        await self._change(run, turn, text, meant)

    @act
    async def take_back(self, run: RunId, turn: TurnId) -> None:
        """Takes a message out of the queue. Raises UserError when it was sent."""
        await self._queueing.take_back(await self._run(run), turn)

    async def send_next(self, run: RunId) -> Sent:
        """Sends the message that is next although the queue is held. Raises UserError when none can go."""
        queue = await self.of(run)
        if not queue.waiting:
            raise UserError(f"Nothing waits in run {run}.", f"Say something: studio run MESSAGE --run {run}")
        return await self._send_next(Sent(run, queue.waiting[0].turn, await self._last_seq()))

    @act
    async def _add(self, asked: Sent, message: QueuedMessage) -> Sent:
        run = await self._run(asked.run)
        await self._turns.ready()
        await self._queueing.add(run, message)
        await self._turns.go_on(run.id)
        return asked

    @act
    async def _interrupt(self, asked: Sent, message: QueuedMessage) -> Sent:
        if await self._journal.has_begun(asked.turn, asked.since):
            return asked
        await self._turns.ready()
        run = await self._queueing.interrupt(await self._run(asked.run), message)
        if run.state is RunState.WORKING and not await self._turns.cancel(run):
            raise EngineError(
                f"Run {run.id} is still stopping: its sandbox answers slowly.",
                "Your message is sent once it has stopped.",
            )
        await self._turns.go_on(run.id, by_hand=asked.turn)
        return asked

    @act
    async def _change(self, run: RunId, turn: TurnId, text: str, references: dict[str, str]) -> None:
        await self._queueing.change(await self._run(run), turn, text, references)

    @act
    async def _send_next(self, asked: Sent) -> Sent:
        if await self._journal.has_begun(asked.turn, asked.since):
            return asked
        await self._turns.ready()
        if not await self._turns.go_on(asked.run, by_hand=asked.turn):
            raise UserError(
                f"Nothing can be sent in run {asked.run} now.",
                "Look whether it works, and whether its project is archived.",
            )
        return asked

    async def _asked(
        self, name: RunId, text: str, model: str | None, approval: ApprovalMode | None, images: tuple[bytes, ...]
    ) -> tuple[Sent, QueuedMessage]:
        """Whoever asks names the turn: asked again because an engine died, the act is known to be the same."""
        if not text.strip():
            raise UserError("The message is empty.", "Say what is to be done.")
        if model:
            self._choices.require_usable(ModelRef.parse(model))
        run = await self._run(name)
        kept = await keep_images(self._workspaces.pictures(run.project), images)
        asked = Sent(run.id, TurnId.new(), await self._last_seq())
        text = self._recorder.redacted(text)  # an act that another process does is kept in its queue
        meant = await self._references.resolve(run.project, run.id, text)
        mode = approval.value if approval else ""
        return asked, QueuedMessage(asked.turn, text, model or "", mode, kept, meant)

    async def _run(self, run: RunId) -> Run:
        async with self._database.reading() as connection:
            return await runs.get(connection, run)

    async def _last_seq(self) -> int:
        async with self._database.reading() as connection:
            return await event_log.last_seq(connection)
