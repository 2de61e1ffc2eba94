"""Notes: what is said in a chat of events that are no message and no call."""

from __future__ import annotations

from typing import assert_never

from studio.base.text import plain
from studio.domain.events import (
    AgentNudged,
    AgentTold,
    BranchMerged,
    CancelRequested,
    ChatRestored,
    ContextCompacted,
    FilesRestored,
    HandOverRequested,
    RunForked,
    SnapshotFailed,
)
from studio.domain.restores import restored
from studio.ui.chat.entries import Tone
from studio.ui.chat.words import amount, lines

Noted = (
    AgentNudged
    | AgentTold
    | BranchMerged
    | CancelRequested
    | ChatRestored
    | ContextCompacted
    | FilesRestored
    | RunForked
    | HandOverRequested
    | SnapshotFailed
)


def told(event: Noted) -> tuple[Tone, str]:
    """How such an event is meant, and the line about it."""
    match event:
        case AgentNudged():
            return Tone.WARNING, f"The agent was told that it repeats itself: {plain(event.reason)}"
        case AgentTold():
            return Tone.WARNING, f"Nobody got that message. {plain(event.undeliverable)}"
        case SnapshotFailed():
            return Tone.WARNING, f"Changed files could not be saved yet: {plain(event.reason)}"
        case CancelRequested():
            return Tone.QUIET, "You asked to stop."
        case ChatRestored() | FilesRestored() | RunForked():
            return Tone.QUIET, restored(event)
        case ContextCompacted():
            return Tone.QUIET, _compacted(event)
        case HandOverRequested():
            return Tone.QUIET, "The agent was told to hand over its result."
        case BranchMerged():
            return Tone.GOOD, f"Merged into {lines(event.into)} as {event.commit[:10]}."
        case _:
            assert_never(event)


def _compacted(event: ContextCompacted) -> str:
    steps = f"{event.steps} older steps are" if event.steps != 1 else "One older step is"
    tokens = f"{amount(event.tokens_before)} → {amount(event.tokens_after)} tokens"
    return f"{steps} told to the agent in one line each from here on: about {tokens}."
