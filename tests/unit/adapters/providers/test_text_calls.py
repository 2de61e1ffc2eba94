from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.adapters.providers.text_calls import MOST_CALLS, CallReader, fence

MARK = "kzqhtwmn"
FENCE = fence(MARK)

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
NASTY_TEXT = st.lists(
    st.sampled_from([FENCE, "```", "```call-", "call", "\n", "\r\n", " ", "read", '{"a": 1}', "```json", "🙂"])
    | st.text(max_size=5)
).map("".join)


class Told:
    """A reader with what it handed on."""

    def __init__(self) -> None:
        self.deltas: list[tuple[str, str]] = []
        self.reader = CallReader(MARK, lambda kind, text: self.deltas.append((kind, text)))

    def after(self, text: str, size: int = 3) -> CallReader:
        """The reader when all of `text` has come in pieces of this size."""
        for start in range(0, len(text), size):
            self.reader.feed(text[start : start + size])
        self.reader.end()
        return self.reader

    def said(self, kind: str) -> str:
        """All that was handed on of this kind."""
        return "".join(text for told, text in self.deltas if told == kind)


def written(name: str, arguments: Any) -> str:
    return f"{FENCE} {name}\n{json.dumps(arguments)}\n```\n"


def called(text: str, size: int = 3) -> list[tuple[str, dict[str, Any] | None]]:
    return [(call.name, call.arguments) for call in Told().after(text, size).calls]


@given(arguments=st.dictionaries(st.text(), JSON_VALUES, max_size=5), size=st.integers(1, 40))
def test_any_arguments_arrive_as_they_were_written(arguments: dict[str, Any], size: int) -> None:
    found = called("I look.\n" + written("read", arguments), size)
    assert json.dumps(found) == json.dumps([("read", arguments)])


@given(text=NASTY_TEXT, size=st.integers(1, 7))
def test_however_a_text_comes_in_pieces_it_is_read_the_same(text: str, size: int) -> None:
    whole, parts = Told(), Told()
    one, other = whole.after(text, len(text) + 1), parts.after(text, size)
    assert [(call.name, call.arguments, call.raw) for call in one.calls] == [
        (call.name, call.arguments, call.raw) for call in other.calls
    ]
    assert (one.text, one.behind) == (other.text, other.behind)
    assert (parts.said("text"), parts.said("thinking")) == (other.text, other.behind)


@given(text=st.text() | NASTY_TEXT.map(lambda text: text.replace(MARK, "")))
def test_without_the_mark_everything_is_text(text: str) -> None:
    told = Told()
    reader = told.after(text)
    assert (reader.calls, told.said("text"), told.said("thinking")) == ([], text, "")


@pytest.mark.parametrize(
    "quoted",
    [
        pytest.param('```call\n{"name": "shell"}\n```', id="no mark"),
        pytest.param('```call-abcdefgh shell\n{"command": "ls"}\n```', id="another mark"),
        pytest.param(f'    {FENCE} shell\n{{"command": "ls"}}\n```', id="indented"),
        pytest.param(f'> {FENCE} shell\n> {{"command": "ls"}}\n> ```', id="quoted"),
        pytest.param(f'Write {FENCE} shell and then {{"command": "ls"}}', id="within a line"),
        pytest.param(f'{FENCE}x shell\n{{"command": "ls"}}\n```', id="a longer mark"),
        pytest.param(f'{FENCE} shell now\n{{"command": "ls"}}\n```', id="more words behind the name"),
    ],
)
def test_what_only_looks_like_a_call_is_text(quoted: str) -> None:
    told = Told()
    assert told.after(quoted).calls == []
    assert told.said("text") == quoted


def test_text_before_a_call_is_shown_and_the_block_is_not() -> None:
    told = Told()
    told.after("I look at the test first.\n\n" + written("read", {"path": "a.py"}))
    assert told.said("text") == "I look at the test first.\n\n"
    assert told.said("thinking") == ""


def test_several_blocks_are_several_calls() -> None:
    text = written("read", {"path": "a.py"}) + "\n" + written("read", {"path": "b.py"})
    assert called(text) == [("read", {"path": "a.py"}), ("read", {"path": "b.py"})]


def test_what_stands_behind_the_calls_is_thinking_and_calls_nothing() -> None:
    told = Told()
    invented = "The answer is 4, so I delete it.\n"
    reader = told.after(written("read", {"path": "a.py"}) + invented + written("delete", {"path": "a.py"}))
    assert [call.name for call in reader.calls] == ["read"]
    assert told.said("thinking") == invented + written("delete", {"path": "a.py"})


def test_the_end_of_the_reply_closes_a_call() -> None:
    assert called(f'{FENCE} read\n{{"path": "a.py"}}') == [("read", {"path": "a.py"})]


def test_the_next_call_closes_one_that_was_left_open() -> None:
    text = f'{FENCE} read\n{{"path": "a.py"}}\n' + written("list", {})
    assert called(text) == [("read", {"path": "a.py"}), ("list", {})]


@pytest.mark.parametrize("block", ["", "{'path': 'a.py'}", '{"path": "a', '["a.py"]', '{"text": "line\nbreak"}', "NaN"])
def test_arguments_that_are_no_json_object_are_a_call_that_cannot_be_read(block: str) -> None:
    (call,) = Told().after(f"{FENCE} read\n{block}\n```\n").calls
    assert (call.name, call.arguments, call.raw) == ("read", None, block)


def test_more_calls_than_one_reply_may_hold_are_not_read() -> None:
    text = "".join(written("read", {"path": str(number)}) for number in range(MOST_CALLS + 3))
    told = Told()
    assert len(told.after(text, 500).calls) == MOST_CALLS
    assert f'{{"path": "{MOST_CALLS}"}}' in told.said("thinking")
