"""Follows a turn to its outcome, for people or as JSON Lines."""

from __future__ import annotations

import asyncio
import shlex
import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime

from studio.app.chats import Sent
from studio.app.studio import Studio
from studio.base.text import plain, shorten, shown
from studio.cli import model_words, output, session, waiting
from studio.cli.asking import tell_question
from studio.cli.handed import show_handed
from studio.cli.json_lines import JsonLines
from studio.cli.kept import kept_for
from studio.cli.recorded import recorded_output
from studio.domain import exits
from studio.domain.budgets import alerted
from studio.domain.checkpoints import CheckpointKind
from studio.domain.errors import StudioError, UserError
from studio.domain.events import (
    AgentHeard,
    AgentNudged,
    AidSkipped,
    BudgetAlerted,
    CheckpointOpened,
    ContextCompacted,
    Delta,
    ExperimentJoined,
    FilesKept,
    HandedOff,
    HandOverRequested,
    MessagePosted,
    ModelFailed,
    PreviewFailed,
    Recorded,
    SandboxPlanned,
    SandboxStarted,
    ServerStarted,
    ServicesStarted,
    SnapshotTaken,
    ToolAnswered,
    ToolCalled,
    TurnEnded,
    TurnResumed,
    WorkspacePrepared,
)
from studio.domain.failures import in_a_line
from studio.domain.kept_files import kept_beside
from studio.domain.messages import Speaker
from studio.domain.models import ModelRef
from studio.domain.money import NanoUsd, show, show_saved
from studio.domain.parked import counts_as
from studio.domain.preparations import planned, prepared
from studio.domain.servers import brings
from studio.domain.skills import left_out

Then = Callable[[], Awaitable[None]]


async def follow(
    studio: Studio, sent: Sent, project: str, *, json: bool, then: Then | None = None, wait: bool = False
) -> int:
    """Shows everything of the turn until it ends; returns the exit code of its outcome.

    `then` is done after a turn that replied, before the outcome is told. Who wants to `wait` is shown how a turn that
    is parked goes on.

    Interrupted, it takes back a message that still waits in the queue; otherwise it stops the run first and still
    shows how the turn ended. What keeps it from going on is told as the outcome.
    """
    lines = JsonLines(project) if json else _Words(project, hint=then is None, elsewhere=studio.is_attached)
    last: Recorded | None = None
    try:
        last = await _end(studio, sent, lines, wait)
        lines.end(last, _ended(last), await kept_for(studio, _ended(last).turn))
        if then is not None and exits.OF_OUTCOME[counts_as(_ended(last))] == exits.OK:
            await then()
    except StudioError as error:
        session.tell(error)
        if last is not None:
            what = exits.outcome_of(error)
            lines.outcome(last, replace(_ended(last), outcome=what, reason=error.sentence, action=error.action))
        elif json:
            output.line(output.of_broken_off(error, await studio.chats.run(sent.run), project, datetime.now(UTC)))
        return exits.of_error(error)
    lines.outcome(last, _ended(last))
    return exits.OF_OUTCOME[counts_as(_ended(last))]


async def _end(studio: Studio, sent: Sent, lines: JsonLines | _Words, wait: bool) -> Recorded:
    """The turn's end, once all before it is shown; raises what has kept this process from following it."""
    watching = asyncio.create_task(_watch(studio, sent, lines, wait))
    lost = asyncio.create_task(studio.engine_lost())
    try:
        try:
            await asyncio.wait({watching, lost}, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            output.note("Stopping …")
            await _cancel(studio, sent)
            await asyncio.wait({watching, lost}, return_when=asyncio.FIRST_COMPLETED)
        if not watching.done():
            await lost
        return await watching
    finally:
        watching.cancel()
        lost.cancel()


def _ended(last: Recorded) -> TurnEnded:
    assert isinstance(last.event, TurnEnded)
    return last.event


async def _cancel(studio: Studio, sent: Sent) -> None:
    try:
        if not await waiting.take_back(studio, sent):
            await studio.chats.cancel(sent.run)
    except UserError:
        # The turn ended by itself in the meantime; its end is shown as it was.
        return


async def _watch(studio: Studio, sent: Sent, lines: JsonLines | _Words, wait: bool) -> Recorded:
    parked = waiting.Parked()
    async for item in studio.feed.follow(sent.since, run=sent.run):
        if isinstance(item, Recorded):
            if parked.is_on:
                sent = parked.after(sent, item.event)
            if await waiting.is_over(studio, sent, item.event) and not (wait and parked.begins(sent, item.event)):
                return item
        lines.show(item)
    raise AssertionError("the feed ends only when its reader stops")


class _Words:
    """What the agent says on standard output, what it does on standard error."""

    def __init__(self, project: str, *, hint: bool, elsewhere: Callable[[], bool] = lambda: False) -> None:
        """`elsewhere` says whether another process does the work, whose pieces of a stream do not come here."""
        self._project = project
        self._hint = hint
        self._elsewhere = elsewhere
        self._heard: set[str] = set()
        self._next = ""
        self._choice = False
        self._streamed = False

    def show(self, item: Recorded | Delta) -> None:
        if isinstance(item, Delta):
            self._piece(item)
            return
        match item.event:
            case MessagePosted(speaker=Speaker.AGENT) as said:
                self._said(said)
            case ToolCalled() as called:
                output.note(f"→ {shown(called.name)} {_target(called)}")
            case ToolAnswered() as answered:
                if answered.call not in self._heard and self._elsewhere():
                    sys.stderr.write(plain(recorded_output(answered)))
                output.note(f"  {'✓' if answered.ok else '✗'} {output.one_line(plain(answered.summary))}")
            case SnapshotTaken() as taken:
                more = f" and {taken.left_out} more" if taken.left_out else ""
                output.note(f"  snapshot {taken.commit[:10]}: {shorten(', '.join(map(shown, taken.files)), 200)}{more}")
            case ExperimentJoined() as joined:
                output.note(f"  takes part in the experiment {shown(joined.experiment)}: {shown(joined.variant)}")
            case SandboxStarted() as started:
                output.note(f"  sandbox up in {started.milliseconds:.0f} ms")
                if started.weaker:
                    output.note(f"  {started.weaker}")
            case ModelFailed() as failed:
                dropped = " The text above is dropped." if self._break_off() else ""
                output.note(f"  {model_words.failed(failed)}{dropped}")
            case CheckpointOpened(checkpoint_kind=CheckpointKind.NETWORK.value) as opened:
                tell_question(opened.checkpoint, opened.title, opened.act)
            case CheckpointOpened() as opened:
                self._choice = opened.checkpoint_kind == CheckpointKind.CHOICE.value
                output.note(f"? {output.below(opened.title)}\n  {output.below(opened.act)}")
                for option in opened.options:
                    output.note(f"  - {shown(option)}")
            case AgentNudged() as nudged:
                output.note(f"  told that it repeats itself: {output.one_line(nudged.reason)}")
            case AgentHeard() as heard:
                output.note(
                    f"  {heard.message_kind} from {heard.from_role} {heard.from_run}: {output.below(heard.text, 4)}"
                )
            case SandboxPlanned() as made:
                output.note(f"  {output.below(plain(planned(made)))}")
            case WorkspacePrepared() as ready:
                output.note(f"  {output.below(plain(prepared(ready)))}")
            case FilesKept() as both:
                output.note(f"  {output.one_line(kept_beside(both))}")
            case PreviewFailed() as wrong:
                output.note(f"  the preview failed: {output.one_line(plain(in_a_line(wrong)))}")
            case ServicesStarted() as came:
                for line in came.services:
                    output.note(f"  {output.one_line(plain(line))}")
            case BudgetAlerted() as told:
                output.note(f"studio: {alerted(told)}")
            case HandOverRequested():
                output.note("  told to hand over its result")
            case HandedOff() as handed:
                self._next = handed.to or ""
                show_handed(handed)
            case ServerStarted() as server:
                output.note(f"  {output.one_line(brings(server))}")
            case AidSkipped() as skipped:
                output.note(f"  {output.one_line(left_out(skipped))}")
            case ContextCompacted() as short:
                tokens = f"about {short.tokens_before} → {short.tokens_after} tokens"
                output.note(f"  {short.steps} older steps are told in one line each from here on: {tokens}")
            case TurnResumed():
                output.note("  the turn goes on where it was left")
            case _:
                pass

    def end(self, ended: Recorded, event: TurnEnded, kept: str) -> None:
        self._break_off()
        cost = show(NanoUsd(event.cost_nusd) if event.cost_nusd is not None else None)
        steps = "1 step" if event.steps == 1 else f"{event.steps} steps"
        saved = f" · {show_saved(event.saved_nusd)}" if event.saved_nusd else ""
        tokens = event.input + event.output
        unknown = f" and {kept}" if kept else ""
        output.note(f"{waiting.words_of(event)} · {steps} · {tokens} tokens · {cost}{saved}{unknown}")
        if event.reason:
            output.note(f"studio: {event.reason}")
        if event.action:
            output.note(f"        {output.below(event.action, 8)}")

    def outcome(self, ended: Recorded, event: TurnEnded) -> None:
        if event.snapshot and self._hint:
            output.note(f"See it: studio diff {ended.run} · bring it home: studio merge {ended.run}")
        if self._next:
            # A role that is named begins nothing by itself: the person decides who goes on.
            project = shlex.quote(shown(self._project))
            output.note(f"Let the {self._next} go on: studio run MESSAGE --project {project} --role {self._next}")
        if event.checkpoint:
            output.note(self._how_to_decide(event.checkpoint))
            print(event.checkpoint, flush=True)

    def _how_to_decide(self, checkpoint: str) -> str:
        if self._choice:
            return f"Answer: studio checkpoints answer {checkpoint} TEXT"
        return f"Decide: studio checkpoints approve {checkpoint}, or deny {checkpoint} --note REASON"

    def _piece(self, delta: Delta) -> None:
        match delta.kind:
            case "text":
                self._streamed = True
                print(plain(delta.text), end="", flush=True)
            case "output" | "setup":
                self._heard.add(delta.call)
                sys.stderr.write(plain(delta.text))
                sys.stderr.flush()
            case _:
                pass

    def _break_off(self) -> bool:
        """Ends the line of a text that goes no further, and says whether there was one."""
        was_streamed, self._streamed = self._streamed, False
        if was_streamed:
            print(flush=True)
        return was_streamed

    def _said(self, said: MessagePosted) -> None:
        if not self._break_off() and said.text:
            print(plain(said.text), flush=True)


def _target(called: ToolCalled) -> str:
    arguments = called.arguments or {}
    first = next((value for value in arguments.values() if isinstance(value, str)), "")
    return shorten(output.one_line(first), 120)


def say_model(model: ModelRef) -> None:
    """Labels a scripted model as what it is."""
    if model.provider == "scripted":
        output.note("The replies are scripted, no AI.")
