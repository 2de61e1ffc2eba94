"""How hard a run's work is thought to be, by its log."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from studio.agents.difficulty import MANY_POINTS, difficulty_of
from studio.agents.history import History
from studio.domain.difficulty import Difficulty
from studio.domain.events import AgentNudged, Event, MessagePosted, Recorded
from studio.domain.ids import ProjectId, RunId, TaskId
from studio.domain.messages import Speaker
from studio.domain.tasks import Task

POINTS = "\n".join(f"- Field {number} is checked." for number in range(MANY_POINTS))
TASK = Task(TaskId("k1"), ProjectId("p1"), "Till", "All of it.", datetime(2026, 1, 1, tzinfo=UTC), "developer")
NUDGED = AgentNudged("t1", 3, "same_result", "It ran `ls` three times.", "You repeat yourself.")


def said(text: str) -> MessagePosted:
    return MessagePosted(Speaker.HUMAN, text, "t1")


def judged(*events: Event, task: Task | None = None) -> tuple[Difficulty, str]:
    history = History()
    for number, event in enumerate(events, 1):
        history.apply(Recorded(number, datetime(2026, 1, 1, tzinfo=UTC), ProjectId("p1"), RunId("r1"), event))
    return difficulty_of(history, task)


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


def test_what_is_said_of_its_task_counts_for_the_run_until_its_agent_goes_in_circles() -> None:
    easy, hard = (replace(TASK, difficulty=each) for each in (Difficulty.EASY, Difficulty.HARD))
    assert judged(said("Go on."), task=TASK) == (Difficulty.USUAL, "")
    assert judged(said(POINTS), task=easy) == (Difficulty.EASY, "its task is said to be easy")
    assert judged(said("Go on."), task=hard) == (Difficulty.HARD, "its task is said to be hard")
    assert judged(said("Go on."), NUDGED, task=easy)[0] is Difficulty.HARD


def test_a_task_of_many_checks_is_hard_work() -> None:
    checked = replace(TASK, checks=tuple(f"Field {number}" for number in range(MANY_POINTS)))
    assert judged(said("Go on."), task=checked) == (Difficulty.HARD, "its task has 12 checks")
