from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from studio.agents.replay.canonical import canonical, digest
from studio.domain.events import (
    ChatRestored,
    CheckpointDecided,
    CheckpointOpened,
    Event,
    MessagePosted,
    ModelFailed,
    Recorded,
    ToolAnswered,
    TurnStarted,
)
from studio.domain.ids import ProjectId, RunId
from studio.domain.messages import Speaker
from tests.fixtures.memory import NOON

SAID = MessagePosted(Speaker.HUMAN, "Mend the till – schnell", "t1")
ANSWER = ToolAnswered("c1", "shell", True, "3 passed", milliseconds=120.0)


def log(*events: Event, first: int = 1) -> tuple[Recorded, ...]:
    project, run = ProjectId("p1"), RunId("r1")
    return tuple(Recorded(first + at, NOON, project, run, event) for at, event in enumerate(events))


def hashed(*events: Event, first: int = 1) -> str:
    return digest(canonical(log(*events, first=first)))


def test_the_same_story_has_the_same_hash_wherever_it_stands_in_the_log_and_whenever_it_happened() -> None:
    later = tuple(
        replace(item, time=item.time + timedelta(days=3)) for item in log(SAID, TurnStarted("t1"), ANSWER, first=400)
    )
    assert digest(canonical(later)) == hashed(SAID, TurnStarted("t1"), ANSWER)


def test_how_long_something_took_does_not_count() -> None:
    assert hashed(replace(ANSWER, milliseconds=9.0)) == hashed(ANSWER)


def test_a_changed_word_gives_another_hash() -> None:
    assert hashed(replace(ANSWER, text="4 passed")) != hashed(ANSWER)


def test_a_missing_event_gives_another_hash() -> None:
    assert hashed(SAID, ANSWER) != hashed(SAID, TurnStarted("t1"), ANSWER)


def test_another_order_gives_another_hash() -> None:
    assert hashed(SAID, ANSWER) != hashed(ANSWER, SAID)


def test_that_a_model_was_tried_again_counts_and_how_soon_does_not() -> None:
    failed = ModelFailed("t1", 1, "groq/x", "overloaded", "Busy.", retry_in=0.4)
    assert hashed(replace(failed, retry_in=0.6)) == hashed(failed)
    assert hashed(replace(failed, retry_in=None)) != hashed(failed)


def test_a_question_may_have_another_id_but_not_another_answer() -> None:
    def story(name: str, state: str) -> str:
        return hashed(
            CheckpointOpened(name, "approval", "c1", "Run this?", "rm x"), CheckpointDecided(name, "c1", state)
        )

    assert story("k1", "approved") == story("k2", "approved")
    assert story("k1", "approved") != story("k1", "denied")


def test_an_answer_to_another_question_gives_another_hash() -> None:
    asked = (CheckpointOpened("k1", "choice", "c1", "a", ""), CheckpointOpened("k2", "choice", "c2", "b", ""))
    one, other = CheckpointDecided("k1", "c1", "answered"), CheckpointDecided("k2", "c1", "answered")
    assert hashed(*asked, one) != hashed(*asked, other)


def test_a_restore_to_another_point_gives_another_hash() -> None:
    assert hashed(SAID, ANSWER, ChatRestored("x", 1)) != hashed(SAID, ANSWER, ChatRestored("x", 2))
    assert hashed(SAID, ANSWER, ChatRestored("x", 11), first=11) == hashed(SAID, ANSWER, ChatRestored("x", 1))


def test_the_hash_of_a_story_stays_what_it_is() -> None:
    # What was written down somewhere must be found again by a later Studio.
    assert hashed(SAID, ANSWER) == "f90e24526ec492b0e434a021f1ebd4dfe1ccf3685c3837b9c91dc8c5ae493255"
