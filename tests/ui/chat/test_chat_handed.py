"""What a role handed over, and what another agent said, as a person reads it in the chat."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from studio.domain.events import (
    AgentHeard,
    AgentTold,
    Event,
    HandedOff,
    HandOverRequested,
    MessagePosted,
    RunStarted,
    TaskCreated,
    ToolCalled,
    TurnEnded,
)
from studio.domain.messages import Speaker
from studio.domain.runs import Outcome
from studio.ui.chat.entries import AgentSaid, CallMade, Entry, Note, Tone, TurnFooter
from studio.ui.chat.items import ChatItems
from studio.ui.chat.list import ChatList
from studio.ui.chat.transcript import Transcript
from studio.ui.theme import Theme
from tests.ui.chat.conftest import Log

STARTED = RunStarted("Test the till", "tester", "ollama/qwen3", "main", "a" * 40, "studio/x", "ask")
RESULT = {"verdict": "holds", "checks": ["3 tests pass", "<b>by</b>\nhand"], "safe": True, "left_open": None}


def told(log: Log, *events: Event) -> list[Entry]:
    transcript = Transcript()
    for item in log(*events):
        transcript.apply(item)
    return transcript.entries


def test_a_result_is_a_card_with_every_field_that_was_filled_in(log: Log) -> None:
    [_, card] = told(
        log,
        STARTED,
        ToolCalled("t", 1, "c", "hand_off", {"result": RESULT, "next_role": "reviewer"}),
        HandedOff("t", "c", "tester", RESULT, "reviewer", "Begin with a.py."),
    )
    assert isinstance(card, AgentSaid)
    assert card.header == "Tester hands over to the reviewer"
    assert card.text == (
        "**Verdict**\n\nholds\n\n**Checks**\n\n- 3 tests pass\n- <b>by</b> hand\n\n**Safe**\n\nYes\n\n"
        "**Note**\n\nBegin with a.py."
    )


def test_another_agents_message_stands_under_that_agents_name(log: Log) -> None:
    [heard] = told(log, STARTED, AgentHeard("m1", "question", "senior-engineer", "r9", "Which\u202e tax?", "told"))
    assert isinstance(heard, AgentSaid)
    assert heard.header == "Question from the senior engineer · r9"
    assert "\u202e" not in heard.text


def test_a_message_that_nobody_got_is_said_to_be_so_and_one_that_waits_is_its_call_alone(log: Log) -> None:
    call = ToolCalled("t", 1, "c", "tell", {"to": "tester", "kind": "note", "text": "Hello"})
    lost = AgentTold("m2", "note", "engineer", "Hello", to_run="r9", undeliverable="There is no such run.")
    [made, note] = told(log, STARTED, call, AgentTold("m1", "note", "engineer", "Hello", to_role="tester"), lost)
    assert isinstance(made, CallMade)
    assert (made.verb, made.target) == ("Tell", "tester")
    assert isinstance(note, Note)
    assert (note.tone, note.text) == (Tone.WARNING, "Nobody got that message. There is no such run.")


def test_an_agent_that_forgot_is_seen_to_be_told_and_the_end_says_that_it_did_not(log: Log) -> None:
    ended = TurnEnded("t", Outcome.REPLIED, 2, "b", reason="The tester stopped without.", action="Ask for it.")
    [asked, end, footer] = told(log, STARTED, HandOverRequested("t", 1, "Hand over."), ended)
    assert isinstance(asked, Note)
    assert asked.text == "The agent was told to hand over its result."
    assert isinstance(end, Note)
    assert (end.tone, end.text) == (Tone.WARNING, "The tester stopped without. Ask for it.")
    assert isinstance(footer, TurnFooter)


def test_a_run_that_took_work_over_says_so_first_and_its_fork_not_twice(log: Log) -> None:
    began = replace(STARTED, begins_at="b" * 40, takes_over="r1a2b3c4d")
    [note, *others] = told(log, began, MessagePosted(Speaker.HUMAN, "Test it", "t"), began)
    assert isinstance(note, Note)
    text = "Goes on with the work of run r1a2b3c4d, which handed it over to this role."
    assert (note.tone, note.text) == (Tone.QUIET, text)
    assert not any(isinstance(other, Note) for other in others)


@pytest.mark.parametrize(
    ("task", "brief", "words"),
    [("w1", "f1", "For task w1 of brief f1."), ("w1", "", "For task w1."), ("", "f1", "For brief f1.")],
    ids=["both", "task", "brief"],
)
def test_a_run_says_first_what_it_is_for(log: Log, task: str, brief: str, words: str) -> None:
    [note] = told(log, replace(STARTED, task=task, brief=brief))
    assert isinstance(note, Note)
    assert (note.tone, note.text) == (Tone.QUIET, words)


def test_a_turn_that_handed_off_ends_without_a_warning(log: Log) -> None:
    entries = told(log, STARTED, TaskCreated("w1", "T", "tester"), TurnEnded("t", Outcome.HANDED_OFF, 2, "b"))
    assert [type(entry) for entry in entries] == [TurnFooter]


@pytest.mark.parametrize("name", ["dark", "light"])
def test_the_cards_are_painted_in_both_themes(qtbot: QtBot, log: Log, name: str) -> None:
    items = ChatItems()
    chat = ChatList(items, Theme(name))
    qtbot.addWidget(chat)
    chat.resize(440, 420)
    items.load(log(STARTED, HandedOff("t", "c", "tester", RESULT, "reviewer", "Begin with a.py.")))
    chat.show()
    qtbot.waitExposed(chat)
    picture = chat.grab().toImage()
    colours = {picture.pixel(x, y) for x in range(0, 400, 3) for y in range(0, 200, 3)}
    assert len(colours) > 2
