"""Parts: a long log cut where what follows can be told without what comes before."""

from __future__ import annotations

from collections.abc import Sequence

from studio.domain.events import (
    Event,
    MessagePosted,
    Recorded,
    RunStarted,
    SnapshotTaken,
    StepStarted,
    ToolCalled,
    TurnEnded,
    TurnStarted,
)
from studio.domain.messages import Speaker
from studio.ui.chat.entries import Entry, Streaming
from studio.ui.chat.transcript import Transcript

_ROWS = (MessagePosted, ToolCalled, TurnEnded)
"""What nearly every row comes from."""


def begin_of_part(log: Sequence[Recorded], least: int) -> int:
    """Where the newest part of the log begins that has about `least` rows or more."""
    rows = 0
    for index in range(len(log) - 1, -1, -1):
        event = log[index].event
        rows += isinstance(event, _ROWS)
        if rows >= least and _is_whole_before(event):
            return index
    return 0


def told(log: Sequence[Recorded], begin: int) -> Transcript:
    """The log from `begin` on as a transcript."""
    transcript = Transcript()
    for recorded in (*_known_before(log, begin), *log[begin:]):
        transcript.apply(recorded)
    return transcript


def told_before(log: Sequence[Recorded], begin: int, strays: Sequence[Recorded]) -> list[Entry]:
    """The same as entries, of a log that goes on; of what comes after it, `strays` may belong to its calls."""
    transcript = told(log, begin)
    for recorded in strays:
        transcript.apply(recorded)
    return [entry for entry in transcript.entries if not isinstance(entry, Streaming)]


def _is_whole_before(event: Event) -> bool:
    """Whether no message is half said and no question open when this happens."""
    return isinstance(event, StepStarted) or (isinstance(event, MessagePosted) and event.speaker is Speaker.HUMAN)


def _known_before(log: Sequence[Recorded], begin: int) -> list[Recorded]:
    """What a transcript must know of the time before: who the agent is, when the turn began, and what it changed."""
    known: list[Recorded] = []
    event = log[begin].event if begin < len(log) else None
    if isinstance(event, StepStarted):
        for recorded in reversed(log[:begin]):
            if isinstance(recorded.event, TurnStarted | SnapshotTaken):
                known.append(recorded)
            if isinstance(recorded.event, TurnStarted):
                break
    if begin and isinstance(log[0].event, RunStarted):
        known.append(log[0])
    return known[::-1]
