"""The queue of a run: messages that wait until its agent has stopped, as its log tells it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum

from studio.domain.errors import NotFound, UserError
from studio.domain.events import (
    CancelRequested,
    ChatRestored,
    Event,
    FilesRestored,
    MessageQueued,
    MessageUnqueued,
    QueuedMessageChanged,
    RunDiscarded,
    TurnEnded,
    TurnStarted,
)
from studio.domain.ids import TurnId
from studio.domain.runs import Outcome

KINDS = (
    MessageQueued.kind,
    QueuedMessageChanged.kind,
    MessageUnqueued.kind,
    CancelRequested.kind,
    ChatRestored.kind,
    FilesRestored.kind,
    TurnStarted.kind,
    TurnEnded.kind,
    RunDiscarded.kind,
)
"""The kinds of events that a queue is made of."""

_STRANDED = (Outcome.FAILED, Outcome.REFUSED)


class Hold(StrEnum):
    """Why the queue sends nothing by itself, though no turn goes on."""

    NONE = ""
    STOPPED = "stopped"  # a person stopped the agent, and may want to think first
    QUESTION = "question"  # the agent waits for a decision: what was queued may not fit it
    PARKED = "parked"  # the message before has not been answered yet: no model could be asked, or nothing be run
    RESTORED = "restored"  # a person took the run back while it asked or was parked, so that nothing is any more
    FAILED = "failed"  # the turn of a queued message failed: the rest would most likely fail as well


HELD_WORDS: dict[Hold, str] = {
    Hold.NONE: "",
    Hold.STOPPED: "You stopped the agent, so the queue waits.",
    Hold.QUESTION: "The agent asks something, so the queue waits for your decision.",
    Hold.PARKED: "The agent is parked until it can go on, so the queue waits.",
    Hold.RESTORED: "You took the run back, so the queue waits.",
    Hold.FAILED: "The turn of the last queued message failed, so the rest waits.",
}


@dataclass(frozen=True, slots=True)
class QueuedMessage:
    """A message that waits; `turn` names the turn that it will begin. An empty model or approval keeps the run's."""

    turn: TurnId
    text: str
    model: str = ""
    approval: str = ""
    images: tuple[str, ...] = ()
    references: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits, in the order in which it is sent, and why it does not go by itself.

    `sent` and `taken_back` are the turns whose messages have left the queue. `stopping` is the turn that a person
    stopped without a message that goes on, `interrupting` the message that goes on after a stop.
    """

    waiting: tuple[QueuedMessage, ...] = ()
    held: Hold = Hold.NONE
    sent: frozenset[str] = frozenset()
    taken_back: frozenset[str] = frozenset()
    stopping: str = ""
    interrupting: str = ""

    def knows(self, turn: str) -> bool:
        """Whether this message was ever queued."""
        return turn in self.sent or turn in self.taken_back or any(item.turn == turn for item in self.waiting)

    def get(self, turn: str) -> QueuedMessage:
        """The message as it waits; raises UserError when it has left the queue, NotFound when it was never in it."""
        for item in self.waiting:
            if item.turn == turn:
                return item
        if turn in self.sent:
            raise UserError("This message was sent already.", "Read the chat to see what came of it.")
        if turn in self.taken_back:
            raise UserError("This message was taken back already.", "Queue it again if you want it sent.")
        raise NotFound(f"There is no queued message {turn}.", "See which there are: studio queue")


def of_events(events: Iterable[Event]) -> Queue:
    """The queue that a run's events leave, given in the order of the log."""
    queue = Queue()
    for event in events:
        queue = after(queue, event)
    return queue


def after(queue: Queue, event: Event) -> Queue:
    """The queue once `event` has happened to its run."""
    match event:
        case MessageQueued():
            item = QueuedMessage(
                TurnId(event.turn), event.text, event.model, event.approval, event.images, event.references
            )
            waiting = (item, *queue.waiting) if event.first else (*queue.waiting, item)
            return replace(queue, waiting=waiting)
        case QueuedMessageChanged():
            return replace(queue, waiting=tuple(_changed(item, event) for item in queue.waiting))
        case MessageUnqueued():
            left = tuple(item for item in queue.waiting if item.turn != event.turn)
            if event.sent:
                return replace(queue, waiting=left, sent=queue.sent | {event.turn})
            return replace(queue, waiting=left, taken_back=queue.taken_back | {event.turn})
        case CancelRequested():
            return replace(queue, stopping="" if event.then else event.turn, interrupting=event.then)
        case TurnStarted():
            return replace(queue, held=Hold.NONE, stopping="", interrupting="")
        case TurnEnded():
            return replace(queue, held=_held(queue, event))
        case ChatRestored() | FilesRestored() if queue.held in (Hold.QUESTION, Hold.PARKED):
            return replace(queue, held=Hold.RESTORED)
        case RunDiscarded():
            return replace(queue, waiting=())
        case _:
            return queue


def _changed(item: QueuedMessage, event: QueuedMessageChanged) -> QueuedMessage:
    return replace(item, text=event.text, references=event.references) if item.turn == event.turn else item


def _held(queue: Queue, ended: TurnEnded) -> Hold:
    # A stop that came too late to cut the turn short is a stop all the same.
    if ended.turn == queue.stopping or (ended.outcome is Outcome.CANCELLED and not queue.interrupting):
        return Hold.STOPPED
    if ended.outcome is Outcome.WAITING:
        return Hold.QUESTION
    if ended.outcome is Outcome.PARKED:
        return Hold.PARKED
    if ended.outcome in _STRANDED and ended.turn in queue.sent:
        return Hold.FAILED
    return Hold.NONE
