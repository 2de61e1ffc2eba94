from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from studio.adapters.providers.text_calls import CallReader
from studio.adapters.providers.text_words import as_text
from studio.contracts.chat_model import ModelRequest
from studio.domain.ids import CallId
from studio.domain.messages import ChatMessage, Speaker, ToolAnswer, ToolCall
from tests.fixtures.providers import nothing

MARK = "kzqhtwmn"

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
WITH_MARKS = st.lists(st.sampled_from([MARK, "kzqh", "twmn", "```call-", "[end ", "]", "\n", "x"])).map("".join)


def shown(*messages: ChatMessage, system: str = "") -> ModelRequest:
    return as_text(ModelRequest("plain", system, messages), MARK)


def called(arguments: dict[str, Any] | None, raw: str = "") -> ToolCall:
    return ToolCall(CallId.new(), "read", arguments, raw)


@given(arguments=st.dictionaries(st.text(), JSON_VALUES, max_size=5))
def test_a_call_that_is_told_to_the_model_again_is_in_the_form_it_is_read_in(arguments: dict[str, Any]) -> None:
    said = ChatMessage(Speaker.AGENT, "I look.", (called(arguments), called({})))
    reader = CallReader(MARK, nothing)
    reader.feed(shown(said).messages[0].text)
    reader.end()
    assert reader.text == "I look.\n\n"
    assert json.dumps([call.arguments for call in reader.calls]) == json.dumps([arguments, {}])


@given(text=WITH_MARKS, answer=WITH_MARKS, system=WITH_MARKS)
def test_the_mark_stands_nowhere_but_where_it_was_put(text: str, answer: str, system: str) -> None:
    call = called({"path": text})
    request = shown(
        ChatMessage(Speaker.HUMAN, text),
        ChatMessage(Speaker.AGENT, text, (call,)),
        ChatMessage(Speaker.HUMAN, text, answers=(ToolAnswer(call.id, True, answer), ToolAnswer(call.id, False, ""))),
        system=system,
    )
    told = "\n".join((request.system, *(message.text for message in request.messages)))
    marked = [line for line in told.split("\n") if MARK in line]
    assert marked == [
        f"```call-{MARK} read",
        f"[answer {MARK} 1]",
        f"[end {MARK}]",
        f"[answer {MARK} 2]",
        f"[end {MARK}]",
    ]


def test_arguments_that_could_not_be_read_are_told_as_what_they_were() -> None:
    told = shown(ChatMessage(Speaker.AGENT, "", (called(None, "{oops"),))).messages[0].text
    assert told == f'```call-{MARK} read\n{{"unreadable": "{{oops"}}\n```'


def test_an_answer_says_whose_it_is_and_whether_it_failed() -> None:
    call = called({})
    answers = (ToolAnswer(call.id, True, ""), ToolAnswer(call.id, False, "No such file."))
    told = shown(ChatMessage(Speaker.AGENT, "", (call,)), ChatMessage(Speaker.HUMAN, "Go on.", answers=answers))
    assert told.messages[1].text == (
        f"[answer {MARK} 1]\nread succeeded:\n(no output)\n[end {MARK}]\n\n"
        f"[answer {MARK} 2]\nread failed:\nNo such file.\n[end {MARK}]\n\nGo on."
    )
