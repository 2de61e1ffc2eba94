"""A run's state is rebuilt from its log, event by event."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from studio.agents import limits
from studio.agents.history import History
from studio.agents.spent import Spent
from studio.domain.errors import LimitReached
from studio.domain.events import (
    CheckpointDecided,
    Event,
    MessagePosted,
    ModelFailed,
    Recorded,
    SnapshotFailed,
    SnapshotTaken,
    StepStarted,
    ToolAnswered,
    ToolCalled,
    ToolStarted,
    TurnEnded,
    TurnStarted,
    UsageRecorded,
)
from studio.domain.ids import ProjectId, RunId
from studio.domain.messages import FinishReason, Speaker
from studio.domain.roles import Limits
from studio.domain.runs import Outcome
from studio.domain.usage import Usage

START = datetime(2026, 1, 1, tzinfo=UTC)


def history_of(*events: Event) -> History:
    history = History()
    for number, event in enumerate(events, 1):
        history.apply(Recorded(number, START, ProjectId("p1"), RunId("r1"), event))
    return history


def spent(step: int, cost: int | None = 0) -> UsageRecorded:
    return UsageRecorded("t1", step, "ollama/x", "engineer", 10, 5, cost_nusd=cost)


ASKED = (
    MessagePosted(Speaker.HUMAN, "Fix it", "t1"),
    TurnStarted("t1"),
    StepStarted("t1", 1, "ollama/x"),
    MessagePosted(Speaker.AGENT, "I look.", "t1", 1),
    ToolCalled("t1", 1, "c1", "read", {"path": "a"}),
    ToolCalled("t1", 1, "c2", "shell", {"command": "ls"}),
    spent(1),
)


ENDED = TurnEnded("t1", Outcome.WAITING, 1, "studio/x")


def test_calls_without_an_answer_are_open_in_their_order() -> None:
    assert [call.id for call in history_of(*ASKED).open_calls()] == ["c1", "c2"]
    answered = history_of(*ASKED, ToolAnswered("c1", "read", True, "text"))
    assert [call.id for call in answered.open_calls()] == ["c2"]


def test_answers_follow_the_message_that_asked_in_the_order_of_its_calls() -> None:
    history = history_of(*ASKED, ToolAnswered("c2", "shell", False, "no"), ToolAnswered("c1", "read", True, "text"))
    human, agent, answers = history.messages()
    assert (human.text, agent.text) == ("Fix it", "I look.")
    assert [(answer.call, answer.ok) for answer in answers.answers] == [("c1", True), ("c2", False)]


def test_a_message_sent_while_calls_were_open_comes_after_their_answers() -> None:
    history = history_of(
        *ASKED,
        MessagePosted(Speaker.HUMAN, "Stop that", "t2"),
        TurnStarted("t2"),
        ToolAnswered("c1", "read", True, "text"),
        ToolAnswered("c2", "shell", False, "not run"),
    )
    assert [message.text for message in history.messages()] == ["Fix it", "I look.", "", "Stop that"]


def test_what_is_sent_step_by_step_is_what_the_whole_log_says() -> None:
    steps: list[Event] = [MessagePosted(Speaker.HUMAN, "Fix it", "t1"), TurnStarted("t1")]
    growing = history_of(*steps)
    for step in range(1, 5):
        news: tuple[Event, ...] = (
            MessagePosted(Speaker.AGENT, f"Step {step}.", "t1", step),
            ToolCalled("t1", step, f"a{step}", "read", {"path": "a"}),
            ToolCalled("t1", step, f"b{step}", "read", {"path": "b"}),
            ToolAnswered(f"b{step}", "read", True, "b"),
            ToolAnswered(f"a{step}", "read", True, "a"),
        )
        for event in news:
            growing.apply(Recorded(len(steps) + 1, START, ProjectId("p1"), RunId("r1"), event))
            steps.append(event)
        assert growing.messages() == history_of(*steps).messages()
        assert len(growing.messages()) == 1 + 2 * step
        assert growing.open_calls() == ()


def test_the_agent_has_replied_once_its_message_asks_for_nothing() -> None:
    assert not history_of(*ASKED).agent_has_replied()
    done = (*ASKED, ToolAnswered("c1", "read", True, ""), ToolAnswered("c2", "shell", True, ""))
    assert not history_of(*done).agent_has_replied()
    assert history_of(*done, MessagePosted(Speaker.AGENT, "Done.", "t1", 2)).agent_has_replied()


def test_a_reply_that_only_paused_is_not_the_end() -> None:
    paused = replace(spent(2), finish=FinishReason.PAUSED)
    said = (MessagePosted(Speaker.HUMAN, "Fix it", "t1"), MessagePosted(Speaker.AGENT, "I think about", "t1", 1))
    assert history_of(*said, spent(1)).agent_has_replied()
    assert not history_of(*said, paused).agent_has_replied()


def test_changes_that_cannot_be_saved_are_told_where_it_happened_and_so_is_that_they_are() -> None:
    answered = (*ASKED, ToolAnswered("c1", "read", True, "text"), ToolAnswered("c2", "shell", True, "done"))
    history = history_of(
        *answered,
        SnapshotFailed("t1", 1, "The disk is full."),
        MessagePosted(Speaker.AGENT, "I clean up.", "t1", 2),
        SnapshotTaken("t1", 2, "b" * 40, "a" * 40),
    )
    texts = [message.text for message in history.messages()]
    assert "could not be saved: The disk is full." in texts[2]
    assert texts[3] == "I clean up."
    assert "saved again" in texts[4]


def test_a_started_call_is_remembered_and_so_is_its_decision() -> None:
    history = history_of(*ASKED, CheckpointDecided("k1", "c2", "approved"), ToolStarted("c2"))
    assert "c2" in history.started
    assert history.decisions["c2"].state == "approved"


def test_a_new_turn_counts_its_own_steps_and_goes_on_numbering() -> None:
    history = history_of(*ASKED, MessagePosted(Speaker.HUMAN, "More", "t2"), TurnStarted("t2"))
    assert (history.in_turn, history.since_message, history.total_steps) == (Spent(), Spent(), 1)


def test_a_turn_begun_by_a_decision_goes_on_with_what_the_message_has_left() -> None:
    decided = (*ASKED, spent(2, 7), ENDED, CheckpointDecided("k1", "c1", "approved"), TurnStarted("t2"), spent(3, 4))
    history = history_of(*decided)
    assert (history.in_turn.steps, history.in_turn.cost_nusd) == (1, 4)
    assert (history.since_message.steps, history.since_message.cost_nusd) == (3, 11)
    for allowed in (Limits(3, None, None), Limits(None, None, 11)):
        with pytest.raises(LimitReached):
            limits.check(allowed, history, START)
    limits.check(Limits(4, 1.0, 12), history, START)


def test_time_counts_while_turns_work_and_not_while_they_wait_for_people() -> None:
    history = History()
    story: list[tuple[int, Event]] = [
        (0, ASKED[0]),
        (0, TurnStarted("t1")),
        (40, ENDED),
        (5000, CheckpointDecided("k1", "c1", "approved")),
        (5000, TurnStarted("t2")),
    ]
    for number, (second, event) in enumerate(story, 1):
        history.apply(Recorded(number, START + timedelta(seconds=second), ProjectId("p1"), RunId("r1"), event))
    assert limits.seconds_left(Limits(None, 60.0, None), history, START + timedelta(seconds=5015)) == 5.0
    with pytest.raises(LimitReached, match="60 seconds"):
        limits.check(Limits(None, 60.0, None), history, START + timedelta(seconds=5020))
    history.apply(Recorded(9, START + timedelta(seconds=5030), ProjectId("p1"), RunId("r1"), ASKED[0]))
    history.apply(Recorded(9, START + timedelta(seconds=5030), ProjectId("p1"), RunId("r1"), TurnStarted("t3")))
    assert limits.seconds_left(Limits(None, 60.0, None), history, START + timedelta(seconds=5031)) == 59.0


def test_one_call_without_a_price_makes_the_turns_cost_unknown() -> None:
    assert history_of(*ASKED, spent(2, 7)).in_turn.cost_nusd == 7
    assert history_of(*ASKED, spent(2, None), spent(3, 7)).in_turn.cost_nusd is None


def test_a_failed_try_counts_what_it_used_and_no_step() -> None:
    torn = ModelFailed("t1", 2, "ollama/x", "broken_stream", "Torn.", 0.5, input=20, output=3, cost_nusd=9)
    for spent_by_then in (history_of(*ASKED, torn).in_turn, history_of(*ASKED, torn).since_message):
        assert spent_by_then == Spent(1, Usage(30, 8), 9)
    assert history_of(*ASKED, replace(torn, cost_nusd=None)).since_message.cost_nusd is None


def test_the_newest_snapshot_is_known() -> None:
    taken = history_of(*ASKED, SnapshotTaken("t1", 1, "aaa", "000"), SnapshotTaken("t1", 2, "bbb", "aaa"))
    assert taken.snapshot == "bbb"


@pytest.mark.parametrize(
    ("allowed", "said"),
    [
        (Limits(1, None, None), "1 steps"),
        (Limits(None, 60.0, None), "60 seconds"),
        (Limits(None, None, 0), "budget"),
    ],
)
def test_a_used_up_limit_ends_the_turn_in_words(allowed: Limits, said: str) -> None:
    with pytest.raises(LimitReached, match=said):
        limits.check(allowed, history_of(*ASKED), START + timedelta(seconds=61))


def test_a_budget_cannot_be_kept_with_a_model_that_has_no_price() -> None:
    with pytest.raises(LimitReached, match="no known price"):
        limits.check(Limits(None, None, 10**9), history_of(*ASKED, spent(2, None)), START)


def test_within_its_limits_a_turn_goes_on() -> None:
    limits.check(Limits(2, 60.0, 10**9), history_of(*ASKED), START + timedelta(seconds=59))


def test_a_turn_begun_by_a_decision_has_not_acted_yet() -> None:
    assert history_of(*ASKED).acted
    decided = (*ASKED, CheckpointDecided("k1", "c1", "approved"), TurnStarted("t2"))
    assert not history_of(*decided).acted
    assert history_of(*decided, ToolStarted("c1")).acted


def test_a_model_reads_what_a_message_refers_to_behind_its_words() -> None:
    said = MessagePosted(Speaker.HUMAN, "Mend @file:a.py", "t1", references={"file:a.py": "x = 1"})
    [message] = history_of(said).messages()
    assert message.text.startswith("Mend @file:a.py\n\n")
    assert "\nx = 1\n" in message.text
