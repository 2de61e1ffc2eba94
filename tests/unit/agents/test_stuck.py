"""An agent that repeats itself is found, and one that looks, waits or works is left alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.agents import stuck
from studio.agents.history import History
from studio.agents.stuck import IDLE_STEPS, ROUNDS, SAME_CALLS, SAME_ERRORS, Pattern
from studio.domain.events import (
    AgentNudged,
    CheckpointDecided,
    Event,
    MessagePosted,
    Recorded,
    SnapshotTaken,
    ToolAnswered,
    ToolCalled,
    TurnStarted,
)
from studio.domain.ids import ProjectId, RunId
from studio.domain.messages import Speaker

ASKED = (MessagePosted(Speaker.HUMAN, "Fix it", "t1"), TurnStarted("t1"))
SNAPSHOT = SnapshotTaken("t1", 1, "aaa", "000", ("a.py",))
MORE = MessagePosted(Speaker.HUMAN, "Go on", "t2")
NUDGED = AgentNudged("t1", 3, "same_call", "it did it again", "You repeat yourself.")


class Story:
    """A run's log as it grows."""

    def __init__(self) -> None:
        self.history = History()
        self._number = 0
        self.take(*ASKED)

    def take(self, *events: Event) -> Story:
        for event in events:
            self._number += 1
            self.history.apply(
                Recorded(self._number, datetime(2026, 1, 1, tzinfo=UTC), ProjectId("p1"), RunId("r1"), event)
            )
        return self

    def step(self, *made: tuple[str, dict[str, Any] | None, bool, str]) -> Story:
        """One step: each of its calls with its answer."""
        calls = [(f"c{self._number}-{index}", *call) for index, call in enumerate(made)]
        self.take(MessagePosted(Speaker.AGENT, "", "t1", 1))
        self.take(*(ToolCalled("t1", 1, key, name, arguments) for key, name, arguments, _, _ in calls))
        return self.take(*(ToolAnswered(key, name, ok, text) for key, name, _, ok, text in calls))

    @property
    def pattern(self) -> Pattern | None:
        found = stuck.find(self.history)
        return found.pattern if found else None


def read(path: str = "a.py", start: int = 1, text: str = "1\tx") -> tuple[str, dict[str, Any], bool, str]:
    return "read", {"path": path, "start_line": start}, True, text


def shell(command: str, text: str, ok: bool = True) -> tuple[str, dict[str, Any], bool, str]:
    return "shell", {"command": command}, ok, text


def edit(old: str, error: str) -> tuple[str, dict[str, Any], bool, str]:
    return "edit", {"path": "a.py", "old": old, "new": ""}, False, error


def test_the_same_call_with_the_same_result_is_found_the_third_time() -> None:
    story = Story()
    for _ in range(SAME_CALLS - 1):
        assert story.step(read()).pattern is None
    assert story.step(read()).pattern is Pattern.SAME_CALL
    found = stuck.find(story.history)
    assert found is not None
    assert found.reason == "it did “read a.py” 3 times, always with the same result."


def test_calls_side_by_side_in_one_step_are_no_repetition() -> None:
    assert Story().step(read(), read(), read(), read()).pattern is None
    assert Story().step(*[shell("x", "No.", ok=False)] * 4).pattern is None


def test_the_same_step_of_several_calls_is_found_too() -> None:
    story = Story()
    for _ in range(SAME_CALLS):
        story.step(read("a.py"), read("b.py"))
    found = stuck.find(story.history)
    assert found is not None
    assert found.reason == "it did “read a.py” and 1 more calls 3 times, always with the same result."


def test_the_same_error_is_found_whatever_was_tried() -> None:
    story = Story()
    for number in range(SAME_ERRORS):
        assert story.pattern is None
        story.step(edit(f"x = {number}", "The text to replace is not in a.py."))
    assert story.pattern is Pattern.SAME_ERROR
    found = stuck.find(story.history)
    assert found is not None
    assert "“The text to replace is not in a.py.”" in found.reason
    assert "a.py" not in found.told


def test_errors_that_differ_or_are_not_in_a_row_are_left_alone() -> None:
    story = Story()
    for number in range(2 * SAME_ERRORS):
        story.step(edit(f"x = {number}", f"The text to replace occurs {number + 2} times."))
        assert story.pattern is None
    for number in range(2 * SAME_ERRORS):
        story.step(edit(f"y = {number}", "Not there.") if number % 3 else read("b.py", 1 + number))
        assert story.pattern is None


def test_commands_that_only_say_no_are_no_errors() -> None:
    story = Story()
    for number in range(2 * SAME_ERRORS):
        story.step(shell(f"grep -q word{number} a.py", "[exit code 1]", ok=False))
        assert story.pattern is None


def test_going_back_and_forth_is_found() -> None:
    story = Story()
    for _ in range(ROUNDS):
        assert story.pattern is None
        story.step(read("a.py"))
        assert story.pattern is None
        story.step(read("b.py"))
    assert story.pattern is Pattern.PING_PONG


def test_a_longer_circle_is_found_as_nothing_new() -> None:
    story = Story()
    for number in range(3 + IDLE_STEPS - 1):
        story.step(read(f"{number % 3}.py"))
        assert story.pattern is None
    assert story.step(read("0.py")).pattern is Pattern.NOTHING_NEW


def test_a_step_of_which_one_call_tells_something_new_begins_the_count_anew() -> None:
    story = Story()
    for number in range(3 + IDLE_STEPS - 1):
        story.step(read(f"{number % 3}.py"))
    assert story.step(read("0.py"), read("new.py")).pattern is None
    for number in range(IDLE_STEPS - 1):
        assert story.step(read(f"{number % 3}.py")).pattern is None
    assert story.step(read("new.py")).pattern is Pattern.NOTHING_NEW


def test_the_same_error_is_found_also_of_a_call_that_was_not_made_before() -> None:
    story = Story()
    for number in range(SAME_ERRORS - 1):
        assert story.step(edit(f"line {number}", "a.py is not there"), edit("x", "no")).pattern is None
    assert story.step(edit("other", "a.py is not there")).pattern is Pattern.SAME_ERROR


def test_parts_of_one_file_are_not_the_same() -> None:
    story = Story()
    for part in range(40):
        assert story.step(read("a.py", 1 + 100 * part, f"lines of part {part}")).pattern is None


def test_looking_at_what_goes_on_is_not_the_same() -> None:
    story = Story()
    for second in range(40):
        assert story.step(shell("tail -1 server.log", f"second {second}")).pattern is None


def test_the_same_tests_after_an_edit_are_not_the_same() -> None:
    story = Story()
    for number in range(20):
        story.step(shell("pytest -q", "1 failed", ok=False))
        assert story.pattern is None
        story.step(("edit", {"path": "a.py", "old": f"{number}", "new": "x"}, True, "Changed a.py at line 1."))
        story.take(SNAPSHOT)
        assert story.pattern is None


@pytest.mark.parametrize("fresh", [SNAPSHOT, MORE, NUDGED], ids=["snapshot", "message", "nudge"])
def test_a_change_a_message_or_a_nudge_begins_the_count_anew(fresh: Event) -> None:
    story = Story()
    for _ in range(SAME_CALLS):
        story.step(read())
    assert story.take(fresh).pattern is None
    for _ in range(SAME_CALLS - 1):
        assert story.step(read()).pattern is None
    assert story.step(read()).pattern is Pattern.SAME_CALL


def test_an_approval_in_between_does_not() -> None:
    story = Story()
    for _ in range(SAME_CALLS):
        story.step(shell("true", "[exit code 0]"))
        story.take(CheckpointDecided("k1", "c1", "approved"), TurnStarted("t2"))
    assert story.pattern is Pattern.SAME_CALL


def test_what_the_agent_is_told_follows_the_answers_and_is_told_until_the_next_message_of_a_person() -> None:
    story = Story().step(read()).take(NUDGED)
    assert story.history.nudged
    newest = story.history.messages()[-1]
    assert (newest.speaker, newest.text, [answer.text for answer in newest.answers]) == (
        Speaker.HUMAN,
        "You repeat yourself.",
        ["1\tx"],
    )
    told = story.history.messages()
    assert story.step(read("b.py")).history.messages()[: len(told)] == told
    assert not story.take(MORE).history.nudged


calls = st.tuples(
    st.sampled_from(["read", "shell", "no such tool"]),
    st.none()
    | st.dictionaries(st.sampled_from(["path", "x"]), st.none() | st.integers(0, 1) | st.just("a"), max_size=2),
    st.booleans(),
    st.sampled_from(["", "[exit code 1]", "text", "\u202e\n" * 50]),
)
steps = st.lists(calls, max_size=3)


@given(st.lists(steps | st.sampled_from([SNAPSHOT, MORE, NUDGED]), max_size=30))
def test_no_history_makes_it_fail(story: Sequence[list[Any] | Event]) -> None:
    told = Story()
    for item in story:
        if isinstance(item, list):
            told.step(*item)
        elif not isinstance(item, AgentNudged) or told.history.said[-1].calls:
            told.take(item)
        found = stuck.find(told.history)
        assert found is None or (found.reason.isprintable() and len(found.reason) < 400)


@given(st.lists(st.lists(calls, min_size=1, max_size=3), max_size=30))
def test_with_a_snapshot_between_equal_results_nobody_is_stuck(story: list[list[Any]]) -> None:
    told, seen = Story(), list[Any]()
    for step in story:
        results = [(ok, text) for _, _, ok, text in step]
        if any(result in seen for result in results):
            told.take(SNAPSHOT)
            seen.clear()
        seen += results
        told.step(*step)
        assert told.pattern is None
