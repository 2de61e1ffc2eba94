"""The journal: the one writer of what happens within a run's turns."""

from __future__ import annotations

from dataclasses import replace

from studio.agents.context import Shown
from studio.agents.history import History
from studio.agents.paying import model_failed, note_usage, settle_failed, settle_replied, usage_recorded
from studio.agents.setting import note_setting
from studio.agents.stuck import Finding
from studio.domain.changes import Snapshot
from studio.domain.clock import from_text
from studio.domain.errors import UserError
from studio.domain.events import (
    AgentNudged,
    CallDenied,
    CancelRequested,
    Event,
    MessagePosted,
    Recorded,
    RunDiscarded,
    RunStarted,
    SandboxStarted,
    SandboxStopped,
    SnapshotFailed,
    SnapshotTaken,
    StepStarted,
    ToolAnswered,
    ToolCalled,
    ToolStarted,
    TurnEnded,
    TurnResumed,
    TurnStarted,
)
from studio.domain.ids import CallId, TurnId
from studio.domain.messages import Speaker, ToolCall
from studio.domain.points import left_out
from studio.domain.runs import STOPPABLE, Outcome, Run, RunState, require_next, state_after
from studio.domain.tools import ToolOutcome
from studio.events.recorder import Recorder, Unit
from studio.events.whole import whole_log
from studio.router.failures import Failure
from studio.router.router import Completion
from studio.store import event_log, runs
from studio.store.database import Database


class Journal:
    """Writes a run's facts and reads them back; every method that writes returns after the commit."""

    def __init__(self, database: Database, recorder: Recorder) -> None:
        self._database = database
        self._recorder = recorder

    async def history(self, run: Run) -> History:
        """The run's state rebuilt from its log."""
        history = History()
        async with self._database.reading() as connection:
            log = await whole_log(connection, run.id)
        gone = left_out(log)
        for recorded in log:
            history.apply(recorded, left_out=recorded.seq in gone)
        return history

    async def start_run(
        self, unit: Unit, run: Run, role_title: str = "", begins_at: str = "", takes_over: str = ""
    ) -> None:
        """Saves a new run within the caller's unit; `role_title` is what people know its role by.

        Where it goes on with the work of the run `takes_over`, its files begin as that one's commit `begins_at`.
        """
        await runs.add(unit.connection, run)
        unit.record(
            RunStarted(
                title=run.title,
                role=run.role,
                model=str(run.model),
                base_branch=run.base_branch,
                base_commit=run.base_commit,
                branch=run.branch,
                approval=run.approval.value,
                fallbacks=tuple(str(model) for model in run.fallbacks),
                max_steps=run.limits.steps,
                max_seconds=run.limits.seconds,
                max_cost_nusd=run.limits.cost_nusd,
                role_title=role_title,
                begins_at=begins_at,
                takes_over=takes_over,
                task=run.purpose.task,
                brief=run.purpose.brief,
            )
        )

    async def start_turn(
        self,
        unit: Unit,
        run: Run,
        message: str | None,
        turn: TurnId,
        images: tuple[str, ...] = (),
        references: dict[str, str] | None = None,
    ) -> Run:
        """Sets the run working on a person's message, or on a decision when there is none.

        The turn's id comes from whoever asked, who may ask again (`has_begun`) when no answer came.
        Writes within the caller's unit; raises UserError when the run, as it stands there, cannot start a turn.
        """
        current = await runs.get(unit.connection, run.id)
        require_next(current, RunState.WORKING)
        note_setting(unit, current, run)
        working = replace(run, state=RunState.WORKING, turn=turn, outcome=None, parked_until=None)
        await runs.save(unit.connection, working)
        if message is not None:
            unit.record(MessagePosted(Speaker.HUMAN, message, turn, images=images, references=references or {}))
        unit.record(TurnStarted(turn))
        return working

    async def has_begun(self, turn: TurnId, since: int) -> bool:
        """Whether the turn is in the log after number `since`."""
        async with self._database.reading() as connection:
            begun = await event_log.since(connection, since, kinds=(TurnStarted.kind,))
        return any(isinstance(item.event, TurnStarted) and item.event.turn == turn for item in begun)

    async def end_turn(self, unit: Unit, run: Run, history: History, ended: Outcome, **words: str) -> Run:
        """Ends the run's turn within the caller's unit; `words` are what else its event tells.

        Raises UserError when it is another turn by now, or none.
        """
        state = state_after(ended)
        current = await runs.get(unit.connection, run.id)
        if current.turn != run.turn or current.state not in STOPPABLE:
            raise UserError(f"Run {run.id} has gone on meanwhile.", "Look at it again: studio runs")
        until = from_text(words["parked_until"]) if words.get("parked_until") else None
        head = history.snapshot or current.head
        idle = replace(current, state=state, outcome=ended, head=head, parked_until=until)
        await runs.save(unit.connection, idle)
        unit.record(
            TurnEnded(
                turn=run.turn or "",
                outcome=ended,
                steps=history.in_turn.steps,
                branch=run.branch,
                snapshot=history.snapshot,
                input=history.in_turn.usage.input,
                output=history.in_turn.usage.output,
                cache_read=history.in_turn.usage.cache_read,
                cache_write=history.in_turn.usage.cache_write,
                cost_nusd=history.in_turn.cost_nusd,
                saved_nusd=history.in_turn.saved_nusd,
                **words,
            )
        )
        return idle

    async def close_run(self, unit: Unit, run: Run) -> Run:
        """Puts a run away within the caller's unit."""
        current = await runs.get(unit.connection, run.id)
        require_next(current, RunState.DISCARDED)
        discarded = replace(current, state=RunState.DISCARDED)
        await runs.save(unit.connection, discarded)
        unit.record(RunDiscarded(run.branch))
        return discarded

    async def request_cancel(self, run: Run) -> None:
        """Notes that a person wants the run's turn to stop."""
        await self._note(run, CancelRequested(run.turn or ""))

    async def resume_turn(self, run: Run) -> Recorded:
        """Notes that a turn which a dead process left goes on."""
        return (await self._note(run, TurnResumed(run.turn or "")))[0]

    async def start_step(self, run: Run, history: History, shown: Shown | None = None) -> int:
        """Notes that the model is about to be asked, and with what; returns the step's number, counted over the run."""
        step = history.total_steps + 1
        filled = {tier.value: tokens for tier, tokens in shown.filled.items()} if shown else {}
        window = shown.window if shown else 0
        started = StepStarted(run.turn or "", step, str(run.model), filled, window)
        if shown is not None and shown.routed is not None:
            route = tuple(map(str, shown.routed.route))
            started = replace(started, model=route[0], route=route, why=shown.routed.why)
        await self._take(run, history, started)
        return step

    async def model_failed(self, run: Run, history: History, step: int, failure: Failure) -> None:
        """Notes one failed try at a model, and what it used all the same."""
        failed = model_failed(run, step, failure)
        async with self._recorder.unit(run.project, run.id) as unit:
            if failure.was_sent:
                note_usage(unit.connection, run, failed)
            settle_failed(unit.connection, failure)
            unit.record(failed)
        _apply(history, unit)

    async def record_reply(self, run: Run, history: History, step: int, done: Completion) -> None:
        """Saves a complete reply, the calls it asked for and what it used, all or nothing."""
        reply, turn = done.reply, run.turn or ""
        spent = usage_recorded(run, step, done)
        said = MessagePosted(Speaker.AGENT, reply.text, turn, step, reply.thinking, dict(reply.opaque))
        calls: list[Event] = [
            ToolCalled(turn, step, call.id, call.name, call.arguments, call.raw, call.left_out) for call in reply.calls
        ]
        async with self._recorder.unit(run.project, run.id) as unit:
            note_usage(unit.connection, run, spent)
            settle_replied(unit.connection, done)
            unit.record(said)
            for event in (*calls, spent):
                unit.record(event)
        _apply(history, unit)

    async def start_call(self, run: Run, history: History, call: ToolCall, rules: tuple[str, ...] = ()) -> None:
        """Notes that a call which must not be run twice is being run; `rules` let it through."""
        await self._take(run, history, ToolStarted(call.id, rules))

    async def deny_call(self, run: Run, history: History, call: ToolCall, whose: str, covers: str, act: str) -> None:
        """Notes that a rule forbade a call."""
        await self._take(run, history, CallDenied(call.id, whose, covers, act))

    async def answer(
        self, run: Run, history: History, call: ToolCall, outcome: ToolOutcome, milliseconds: float = 0.0
    ) -> None:
        """Saves the one result of a call."""
        images = tuple(map(str, outcome.images))
        event = ToolAnswered(
            CallId(call.id),
            call.name,
            outcome.ok,
            outcome.text,
            outcome.summary,
            milliseconds,
            images,
            outcome.difference,
        )
        await self._take(run, history, event)

    async def nudge(self, run: Run, history: History, found: Finding) -> None:
        """Tells the agent, before its next step, that it repeats itself."""
        step, turn = history.total_steps, run.turn or ""
        await self._take(run, history, AgentNudged(turn, step, found.pattern.value, found.reason, found.told))

    async def snapshot(self, run: Run, history: History, taken: SnapshotTaken) -> None:
        """Saves a snapshot and moves the run's head to it."""
        async with self._recorder.unit(run.project, run.id) as unit:
            current = await runs.get(unit.connection, run.id)
            await runs.save(unit.connection, replace(current, head=taken.commit))
            unit.record(taken)
        _apply(history, unit)

    async def snapshot_by_hand(self, run: Run, taken: SnapshotTaken) -> None:
        """Saves a snapshot of what a person changed between two turns, and moves the run's head to it.

        A run that was merged counts as unmerged again: there is something new to bring home. When the run
        went on meanwhile nothing is saved: its turn takes the snapshot again.
        """
        async with self._recorder.unit(run.project, run.id) as unit:
            current = await runs.get(unit.connection, run.id)
            if current.state in (RunState.WORKING, RunState.DISCARDED) or current.head != taken.parent:
                return
            state = RunState.IDLE if current.state is RunState.MERGED else current.state
            await runs.save(unit.connection, replace(current, head=taken.commit, state=state))
            unit.record(taken)

    async def snapshot_failed(self, run: Run, history: History, reason: str) -> None:
        """Notes that changed files could not be brought home, which the agent is told with its next step."""
        await self._take(run, history, SnapshotFailed(run.turn or "", history.total_steps, reason))

    async def sandbox_started(self, run: Run, container: str, image: str, milliseconds: float, weaker: str) -> None:
        """Notes a container that came up for the run."""
        await self._note(run, SandboxStarted(container, image, milliseconds, weaker))

    async def sandbox_stopped(self, run: Run, container: str, reason: str) -> None:
        """Notes that the run's container is gone."""
        await self._note(run, SandboxStopped(container, reason))

    async def _take(self, run: Run, history: History, event: Event) -> None:
        for recorded in await self._note(run, event):
            history.apply(recorded)

    async def _note(self, run: Run, event: Event) -> tuple[Recorded, ...]:
        return await self._recorder.record(run.project, run.id, event)


def _apply(history: History, unit: Unit) -> None:
    for recorded in unit.recorded:
        history.apply(recorded)


def snapshot_taken(taken: Snapshot, turn: str = "", step: int = 0) -> SnapshotTaken:
    """The event of a snapshot; without a turn it holds what a person changed."""
    return SnapshotTaken(turn, step, taken.commit, taken.parent, taken.files, taken.milliseconds, taken.left_out)
