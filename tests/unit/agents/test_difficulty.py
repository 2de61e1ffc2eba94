"""How hard a run's work is thought to be, by its log."""

from __future__ import annotations

from datetime import UTC, datetime

from studio.agents.difficulty import MANY_POINTS, difficulty_of
from studio.agents.history import History
from studio.domain.events import AgentNudged, Event, MessagePosted, Recorded
from studio.domain.ids import ProjectId, RunId
from studio.domain.messages import Speaker
from studio.domain.routing import Difficulty

POINTS = "\n".join(f"- Field {number} is checked." for number in range(MANY_POINTS))
NUDGED = AgentNudged("t1", 3, "same_result", "It ran `ls` three times.", "You repeat yourself.")


def said(text: str) -> MessagePosted:
    return MessagePosted(Speaker.HUMAN, text, "t1")


def judged(*events: Event) -> tuple[Difficulty, str]:
    history = History()
    for number, event in enumerate(events, 1):
        history.apply(Recorded(number, datetime(2026, 1, 1, tzinfo=UTC), ProjectId("p1"), RunId("r1"), event))
    return difficulty_of(history)


def test_a_message_is_of_the_usual_difficulty() -> None:
    assert judged(said("Fix the sum.")) == (Difficulty.USUAL, "")


def test_an_agent_that_went_in_circles_has_hard_work_until_the_next_message() -> None:
    assert judged(said("Fix it."), NUDGED) == (Difficulty.HARD, "the agent went in circles")
    assert judged(said("Fix it."), NUDGED, said("Leave it.")) == (Difficulty.USUAL, "")


def test_a_message_of_many_points_is_hard_work() -> None:
    assert judged(said(f"Do this:\n{POINTS}")) == (Difficulty.HARD, "the message asks for 12 points")
    assert judged(said(POINTS.replace("- Field 0", "Field 0"))) == (Difficulty.USUAL, "")


def test_points_that_are_quoted_as_code_are_none() -> None:
    assert judged(said(f"What is wrong here?\n```\n{POINTS}\n```")) == (Difficulty.USUAL, "")
