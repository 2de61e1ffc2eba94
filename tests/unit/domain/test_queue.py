from __future__ import annotations

import pytest

from studio.domain.errors import NotFound, UserError
from studio.domain.events import (
    CancelRequested,
    ChatRestored,
    Event,
    MessageQueued,
    MessageUnqueued,
    QueuedMessageChanged,
    RunDiscarded,
    TurnEnded,
    TurnStarted,
)
from studio.domain.queue import Hold, Queue, of_events
from studio.domain.runs import Outcome

FIRST = MessageQueued("t1", "First.")
SECOND = MessageQueued("t2", "Second.")


def ended(outcome: Outcome, turn: str = "t0") -> TurnEnded:
    return TurnEnded(turn, outcome, 1, "studio/r1")


def texts(queue: Queue) -> list[str]:
    return [item.text for item in queue.waiting]


def test_messages_wait_in_the_order_in_which_they_were_queued() -> None:
    assert texts(of_events([FIRST, SECOND])) == ["First.", "Second."]


def test_a_message_that_interrupts_goes_before_those_that_wait() -> None:
    assert texts(of_events([FIRST, MessageQueued("t3", "Now.", first=True)])) == ["Now.", "First."]


def test_a_changed_message_keeps_its_place() -> None:
    assert texts(of_events([FIRST, SECOND, QueuedMessageChanged("t1", "Better.")])) == ["Better.", "Second."]


@pytest.mark.parametrize("sent", [True, False])
def test_what_was_sent_or_taken_back_waits_no_longer(sent: bool) -> None:
    assert texts(of_events([FIRST, SECOND, MessageUnqueued("t1", sent)])) == ["Second."]


@pytest.mark.parametrize(("sent", "words"), [(True, "was sent"), (False, "was taken back")])
def test_a_message_that_has_left_is_asked_for_in_vain_and_that_says_why(sent: bool, words: str) -> None:
    queue = of_events([FIRST, MessageUnqueued("t1", sent)])
    with pytest.raises(UserError, match=words):
        queue.get("t1")


def test_a_message_that_was_never_queued_is_not_found() -> None:
    with pytest.raises(NotFound):
        of_events([FIRST]).get("t9")


@pytest.mark.parametrize("outcome", [Outcome.REPLIED, Outcome.LIMIT, Outcome.FAILED, Outcome.REFUSED])
def test_the_queue_goes_on_when_the_agent_stopped_by_itself(outcome: Outcome) -> None:
    assert of_events([TurnStarted("t0"), FIRST, ended(outcome)]).held is Hold.NONE


def test_the_queue_is_held_after_a_stop() -> None:
    assert of_events([FIRST, CancelRequested("t0"), ended(Outcome.CANCELLED)]).held is Hold.STOPPED


def test_a_stop_that_came_too_late_holds_the_queue_too() -> None:
    assert of_events([FIRST, CancelRequested("t0"), ended(Outcome.REPLIED)]).held is Hold.STOPPED


def test_the_queue_goes_on_after_an_interruption() -> None:
    events: list[Event] = [FIRST, CancelRequested("t0", then="t1"), ended(Outcome.CANCELLED)]
    assert of_events(events).held is Hold.NONE


def test_a_stop_after_an_interruption_holds_the_queue() -> None:
    events: list[Event] = [FIRST, CancelRequested("t0", then="t1"), CancelRequested("t0"), ended(Outcome.CANCELLED)]
    assert of_events(events).held is Hold.STOPPED


def test_the_queue_is_held_while_the_agent_asks() -> None:
    assert of_events([FIRST, ended(Outcome.WAITING)]).held is Hold.QUESTION


def test_the_queue_waits_while_the_run_is_parked_and_goes_on_with_it() -> None:
    parked: list[Event] = [FIRST, ended(Outcome.PARKED)]
    assert of_events(parked).held is Hold.PARKED
    assert of_events([*parked, TurnStarted("t9"), ended(Outcome.REPLIED, "t9")]).held is Hold.NONE
    assert of_events([*parked, ChatRestored("s1", 0)]).held is Hold.RESTORED


def test_a_run_that_was_taken_back_while_it_asked_holds_the_queue_and_says_that() -> None:
    queue = of_events([FIRST, TurnStarted("t0"), ended(Outcome.WAITING), ChatRestored("s1", 0)])
    assert queue.held is Hold.RESTORED
    assert of_events([FIRST, TurnStarted("t0"), ended(Outcome.REPLIED), ChatRestored("s1", 0)]).held is Hold.NONE


def test_the_queue_is_held_when_the_turn_of_a_queued_message_fails() -> None:
    events: list[Event] = [FIRST, SECOND, MessageUnqueued("t1", True), TurnStarted("t1"), ended(Outcome.FAILED, "t1")]
    assert of_events(events).held is Hold.FAILED


def test_a_new_turn_sets_the_queue_free() -> None:
    events: list[Event] = [FIRST, CancelRequested("t0"), ended(Outcome.CANCELLED), TurnStarted("t5")]
    assert of_events(events).held is Hold.NONE


def test_nothing_waits_in_a_discarded_run() -> None:
    assert not of_events([FIRST, RunDiscarded("studio/r1")]).waiting
