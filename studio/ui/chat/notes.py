"""Notes: what is said in a chat of events that are no message and no call."""

from __future__ import annotations

from typing import assert_never

from studio.base.text import plain
from studio.domain.budgets import alerted
from studio.domain.errors import ProviderFault
from studio.domain.events import (
    AgentNudged,
    AgentTold,
    AidSkipped,
    BranchMerged,
    BudgetAlerted,
    CallDenied,
    CancelRequested,
    ChatRestored,
    ContextCompacted,
    FilesKept,
    FilesRestored,
    HandOverRequested,
    ModelFailed,
    PreviewFailed,
    RuleAdded,
    RuleRemoved,
    RunDiscarded,
    RunForked,
    RunRoused,
    SandboxPlanned,
    ServiceDataKept,
    ServicesStarted,
    SnapshotFailed,
    WorkspacePrepared,
)
from studio.domain.failures import in_a_line
from studio.domain.kept_files import kept_beside
from studio.domain.preparations import is_well, planned, planned_parts, prepared, prepared_parts
from studio.domain.restores import restored
from studio.domain.skills import left_out
from studio.ui.chat.entries import Note, Tone
from studio.ui.chat.rule_notes import told_of_rule
from studio.ui.chat.words import amount, failure, lines

Noted = (
    AgentNudged
    | AgentTold
    | AidSkipped
    | BranchMerged
    | BudgetAlerted
    | CallDenied
    | CancelRequested
    | ChatRestored
    | ContextCompacted
    | FilesKept
    | FilesRestored
    | HandOverRequested
    | ModelFailed
    | PreviewFailed
    | ServiceDataKept
    | ServicesStarted
    | RuleAdded
    | RuleRemoved
    | RunDiscarded
    | RunForked
    | RunRoused
    | SandboxPlanned
    | SnapshotFailed
    | WorkspacePrepared
)


def notes_of(key: str, event: Noted) -> tuple[Note, ...]:
    """The notes that such an event makes: what is well apart from what is not, so that this stands out."""
    match event:
        case SandboxPlanned():
            well, wrong = planned_parts(event)
        case WorkspacePrepared():
            well, wrong = prepared_parts(event)
        case ServicesStarted():
            of_file = f"Services of {event.file}:"
            well, wrong = ("\n".join((of_file, *lines)) if lines else "" for lines in event.parts)
        case _:
            note = _note_of(key, event)
            return (note,) if note is not None else ()
    parts = ((key, Tone.QUIET, well), (f"{key}-wrong" if well else key, Tone.WARNING, wrong))
    return tuple(Note(name, tone, plain(text)) for name, tone, text in parts if text)


def _note_of(key: str, event: Noted) -> Note | None:
    if isinstance(event, AgentTold) and not event.undeliverable:
        return None
    # Said when it failed; from then on it would be said in every step. A wait, in which nothing happens, is told.
    if isinstance(event, ModelFailed) and event.fault == ProviderFault.RESTING and event.retry_in is None:
        return None
    is_chat = isinstance(event, ChatRestored)
    return Note(key, *told(event), restored=is_chat or isinstance(event, FilesRestored), folds=is_chat)


def told(event: Noted) -> tuple[Tone, str]:
    """How such an event is meant, and the line about it."""
    match event:
        case AgentNudged():
            return Tone.WARNING, f"The agent was told that it repeats itself: {plain(event.reason)}"
        case AgentTold():
            return Tone.WARNING, f"Nobody got that message. {plain(event.undeliverable)}"
        case BudgetAlerted():
            return Tone.WARNING, alerted(event)
        case AidSkipped():
            return Tone.WARNING, plain(left_out(event))
        case ModelFailed():
            return Tone.WARNING, failure(event)
        case FilesKept():
            return Tone.WARNING, plain(kept_beside(event))
        case SnapshotFailed():
            return Tone.WARNING, f"Changed files could not be saved yet: {plain(event.reason)}"
        case SandboxPlanned():
            return Tone.WARNING if event.refused else Tone.QUIET, plain(planned(event))
        case WorkspacePrepared():
            return Tone.QUIET if is_well(event) else Tone.WARNING, plain(prepared(event))
        case ServicesStarted():
            return Tone.WARNING if event.trouble else Tone.QUIET, plain(
                "\n".join((f"Services of {event.file}:", *event.services))
            )
        case ServiceDataKept():
            return Tone.QUIET, "Services of new runs begin with a copy of what those of this run keep."
        case PreviewFailed():
            return Tone.WARNING, f"In the preview: {plain(in_a_line(event))}"
        case RunRoused():
            return Tone.QUIET, "The agent goes on by itself, as its role says: its app failed while it was at rest."
        case CancelRequested():
            return Tone.QUIET, "You interrupted it with a message." if event.then else "You asked to stop."
        case ChatRestored() | FilesRestored() | RunForked():
            return Tone.QUIET, restored(event)
        case ContextCompacted():
            return Tone.QUIET, _compacted(event)
        case HandOverRequested():
            return Tone.QUIET, "The agent was told to hand over its result."
        case RuleAdded() | RuleRemoved() | CallDenied():
            return told_of_rule(event)
        case RunDiscarded():
            return Tone.QUIET, "Discarded. Its snapshots stay in Studio's own repository."
        case BranchMerged():
            return Tone.GOOD, f"Merged into {lines(event.into)} as {event.commit[:10]}."
        case _:
            assert_never(event)


def _compacted(event: ContextCompacted) -> str:
    steps = f"{event.steps} older steps are" if event.steps != 1 else "One older step is"
    tokens = f"{amount(event.tokens_before)} → {amount(event.tokens_after)} tokens"
    return f"{steps} told to the agent in one line each from here on: about {tokens}."
