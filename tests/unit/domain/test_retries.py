"""Which message a retry is about: the one that the person clicked, or none."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from studio.domain.errors import NotFound, UserError
from studio.domain.events import ChatRestored, Event, MessagePosted, Recorded, TurnEnded, TurnStarted
from studio.domain.messages import Speaker
from studio.domain.retries import Tried, tried
from studio.domain.runs import Outcome

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
ASK = MessagePosted(Speaker.HUMAN, "Mend it", "t2", images=("sha256-a.png",), references={"file:a.txt": "one"})
AGAIN = MessagePosted(Speaker.HUMAN, "Mend it", "t4", images=("sha256-a.png",))


def log_of(*events: Event) -> tuple[Recorded, ...]:
    return tuple(Recorded(seq, NOON, None, None, event) for seq, event in enumerate(events, start=1))


def turn(name: str, said: MessagePosted | None = None) -> tuple[Event, ...]:
    begun = (TurnStarted(name), TurnEnded(name, Outcome.REPLIED, 1, "studio/r"))
    return begun if said is None else (said, *begun)


# The second message, and the turn in which its agent went on after a decision.
TALK = (*turn("t1", MessagePosted(Speaker.HUMAN, "Hello", "t1")), *turn("t2", ASK), *turn("t3"))


@pytest.mark.parametrize("name", [None, "t2", "t3"])
def test_any_turn_of_the_newest_message_means_that_message_as_it_was_sent(name: str | None) -> None:
    assert tried(log_of(*TALK), name) == Tried(ASK)


def test_in_a_run_without_a_message_there_is_nothing_to_try() -> None:
    assert tried((), None) is None


def test_an_older_message_is_refused_since_the_chat_has_gone_on() -> None:
    with pytest.raises(UserError, match="has gone on since this message"):
        tried(log_of(*TALK), "t1")


def test_a_message_that_is_tried_again_already_gives_that_try() -> None:
    log = log_of(*TALK, ChatRestored("b1", 3, "t2", 2, before=True), *turn("t4", AGAIN))
    assert tried(log, "t3") == Tried(ASK, AGAIN.turn, len(TALK) + 1)  # type: ignore[arg-type]


def test_another_message_in_its_place_is_no_try_of_it() -> None:
    other = MessagePosted(Speaker.HUMAN, "Leave it", "t4")
    log = log_of(*TALK, ChatRestored("b1", 3, "t2", 2, before=True), *turn("t4", other))
    with pytest.raises(UserError, match="has gone on since this message"):
        tried(log, "t2")


def test_a_turn_that_the_run_does_not_have_is_said_to_be_missing() -> None:
    with pytest.raises(NotFound, match="no turn t9"):
        tried(log_of(*TALK), "t9")
