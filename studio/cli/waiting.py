"""Waiting: what a verb that follows a queued message does until the message is sent, or will not be."""

from __future__ import annotations

from studio.app.chats import Sent
from studio.app.studio import Studio
from studio.cli import output
from studio.domain.errors import Cancelled, UserError
from studio.domain.events import Event, MessageUnqueued, TurnEnded
from studio.domain.queue import HELD_WORDS, Hold, Queue


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
