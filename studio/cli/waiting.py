"""Waiting: what a verb that follows a queued message does until the message is sent, or will not be."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from studio.app.chats import Sent
from studio.app.studio import Studio
from studio.cli import output
from studio.domain.errors import Cancelled, UserError
from studio.domain.events import (
    ChatRestored,
    Event,
    FilesRestored,
    MessageUnqueued,
    RunDiscarded,
    TurnEnded,
    TurnStarted,
)
from studio.domain.ids import TurnId
from studio.domain.parked import moment_of, until_words
from studio.domain.queue import HELD_WORDS, Hold, Queue
from studio.domain.runs import Outcome


async def is_over(studio: Studio, sent: Sent, event: Event) -> bool:
    """Whether there is no more to follow: the message's turn ended, or the queue that it waits in is held.

    Raises Cancelled when the message was taken back.
    """
    match event:
        case MessageUnqueued(turn=sent.turn, sent=False):
            raise Cancelled("The queued message was taken back.", "Queue it again if you want it sent.")
        case TurnEnded(turn=sent.turn):
            return True
        case TurnEnded():
            return await _is_held(studio, sent)
        case _:
            return False


class Parked:
    """What a verb knows that waits until a parked run has gone on; `is_on` while it is parked."""

    def __init__(self) -> None:
        self.is_on = False

    def begins(self, sent: Sent, event: Event) -> bool:
        """Whether this is how a turn is parked; says so."""
        if not isinstance(event, TurnEnded) or event.outcome is not Outcome.PARKED:
            return False
        self.is_on = event.turn == sent.turn
        output.note(f"{words_of(event)}: {event.reason}")
        return True

    def after(self, sent: Sent, event: Event) -> Sent:
        """What is followed from here on. Raises Cancelled when a person took back what was parked."""
        match event:
            case TurnStarted():
                self.is_on = False
                return replace(sent, turn=TurnId(event.turn))
            case ChatRestored() | FilesRestored() | RunDiscarded():
                raise Cancelled("What was parked was taken back.", f"See the run: studio runs log {sent.run}")
            case _:
                return sent


def words_of(ended: TurnEnded) -> str:
    """How a turn ended, in a word or two."""
    moment = moment_of(ended)
    when = f" {until_words(moment, datetime.now(UTC))}" if moment is not None else ""
    return f"{ended.outcome.words}{when}"


async def take_back(studio: Studio, sent: Sent) -> bool:
    """Takes the message back if it still waits; returns whether it did."""
    try:
        if not _waits(await studio.queue.of(sent.run), sent):
            return False
        await studio.queue.take_back(sent.run, sent.turn)
    except UserError:
        return False  # it was sent in the meantime
    return True


async def _is_held(studio: Studio, sent: Sent) -> bool:
    queue = await studio.queue.of(sent.run)
    if queue.held is Hold.NONE or not _waits(queue, sent):
        return False
    output.note(f"Your message {sent.turn} is still queued. {HELD_WORDS[queue.held]}")
    output.note(f"Send it now: studio queue send {sent.run} · take it back: studio queue take-back {sent.turn}")
    return True


def _waits(queue: Queue, sent: Sent) -> bool:
    return any(item.turn == sent.turn for item in queue.waiting)
