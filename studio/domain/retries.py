"""Retries: which message of a run can be tried again, and which try of it is the one that goes on already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from studio.domain.errors import NotFound, UserError
from studio.domain.events import ChatRestored, MessagePosted, Recorded, TurnStarted
from studio.domain.ids import TurnId
from studio.domain.messages import Speaker
from studio.domain.points import left_out


@dataclass(frozen=True, slots=True)
class Tried:
    """The message that is to be tried again, or the try of it that was begun already: its turn and what precedes it."""

    said: MessagePosted
    begun: TurnId | None = None
    since: int = 0


def tried(log: Sequence[Recorded], turn: str | None) -> Tried | None:
    """What to try again: a person's newest message, which `turn` must belong to where one is named.

    None when nothing was said yet. Raises NotFound for a turn that the run does not have, and UserError when the
    chat has gone on since it.
    """
    newest = _newest(log)
    if newest is None or turn is None:
        return Tried(newest[1]) if newest else None
    seq, said = newest
    meant = _message_of(log, turn)
    if meant == said:
        return Tried(said)
    taken_back = [item.seq for item in log if _leads_before(item, meant)]
    if taken_back and taken_back[-1] < seq and (said.text, said.images) == (meant.text, meant.images):
        return Tried(meant, TurnId(said.turn), taken_back[-1])
    raise UserError(
        "The chat has gone on since this message, so it was not tried again.",
        "Retry the newest message, or take the chat back to before this one and send it again.",
    )


def _newest(log: Sequence[Recorded]) -> tuple[int, MessagePosted] | None:
    """What a person said last that is still in the chat, and its number."""
    gone = left_out(log)
    for recorded in reversed(log):
        event = recorded.event
        if isinstance(event, MessagePosted) and event.speaker is Speaker.HUMAN and recorded.seq not in gone:
            return recorded.seq, event
    return None


def _message_of(log: Sequence[Recorded], turn: str) -> MessagePosted:
    """What a person said last before this turn began, which may have gone on after a decision."""
    said: MessagePosted | None = None
    for recorded in log:
        match recorded.event:
            case MessagePosted(speaker=Speaker.HUMAN) as message:
                said = message
            case TurnStarted(turn=begun) if begun == turn and said is not None:
                return said
            case _:
                pass
    raise NotFound(f"There is no turn {turn} in this run.", "See its turns: studio runs log RUN --all")


def _leads_before(recorded: Recorded, said: MessagePosted) -> bool:
    event = recorded.event
    return isinstance(event, ChatRestored) and event.before and event.turn == said.turn
