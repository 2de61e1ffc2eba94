"""How closely a request is bounded by what its provider counted before, and when its bytes count instead."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from studio.contracts.chat_model import ModelRequest
from studio.domain.ids import CallId, RunId
from studio.domain.images import image_of
from studio.domain.messages import ChatMessage, Speaker, ToolAnswer, ToolCall
from studio.domain.models import ModelRef
from studio.domain.tools import Risk, ToolSpec
from studio.domain.usage import Usage
from studio.router.bounds import PER_REQUEST, most_of_messages, most_tokens
from studio.router.counts import Counts, most_of_count
from tests.fixtures.images import png

SONNET, RUN = ModelRef("anthropic", "claude-sonnet-4-5"), RunId("r1")
READ = ToolSpec("read", "Reads a file.", {"type": "object"}, Risk.READ)
LONG = "def add(a, b): return a + b\n" * 2000
CALL = ToolCall(CallId("c00000001"), "read", {"path": "a.py"})
ASKED = (ChatMessage(Speaker.HUMAN, LONG), ChatMessage(Speaker.AGENT, "I look.", calls=(CALL,)))
ANSWER = ChatMessage(Speaker.HUMAN, answers=(ToolAnswer(CALL.id, True, LONG),))
FIRST = ModelRequest(SONNET.name, "Be kind.", (*ASKED, ANSWER), (READ,))
COUNTED = Usage(30_000, 700)
MORE = (ChatMessage(Speaker.AGENT, "It adds."), ChatMessage(Speaker.HUMAN, "Sure?"))
NEXT = replace(FIRST, messages=(*FIRST.messages, *MORE))


@pytest.fixture
def counts() -> Counts:
    """Knows that the first request counted 30,000 tokens."""
    counts = Counts()
    counts.learn(RUN, SONNET, FIRST, COUNTED, most_tokens(FIRST))
    return counts


def test_what_was_added_to_a_chat_is_bounded_by_its_bytes_and_the_rest_by_what_was_counted(counts: Counts) -> None:
    assert most_tokens(NEXT) > 110_000
    assert counts.most(RUN, SONNET, NEXT) == 30_000 + most_of_messages(MORE) + PER_REQUEST


def test_the_same_request_again_is_bounded_by_its_own_count(counts: Counts) -> None:
    assert counts.most(RUN, SONNET, FIRST) == 30_000 + PER_REQUEST


def test_a_note_that_was_added_to_the_newest_message_counts_with_all_of_it(counts: Counts) -> None:
    noted = replace(ANSWER, text="Two steps are left.")
    request = replace(FIRST, messages=(*ASKED, noted))
    assert counts.most(RUN, SONNET, request) == 30_000 + most_of_messages((noted,)) + PER_REQUEST


def test_thoughts_that_go_back_count_as_much_as_they_did_as_output(counts: Counts) -> None:
    opaque = {"provider": "anthropic", "model": SONNET.name, "thinking": [{"signature": "c2ln"}]}
    thoughtful = replace(MORE[0], opaque=opaque)
    request = replace(FIRST, messages=(*FIRST.messages, thoughtful))
    assert counts.most(RUN, SONNET, request) == 30_000 + 700 + most_of_messages((thoughtful,)) + PER_REQUEST


OTHERS: dict[str, dict[str, Any]] = {
    "another beginning": {"messages": (ChatMessage(Speaker.HUMAN, LONG[1:]), *NEXT.messages[1:])},
    "fewer messages": {"messages": NEXT.messages[:2]},
    "other rules": {"system": "Be brief."},
    "other tools": {"tools": ()},
    "thoughts that were not sent then": {"thinking": 4000},
}


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
def test_a_chat_that_is_not_the_one_that_was_counted_is_bounded_by_its_bytes(
    counts: Counts, other: dict[str, Any]
) -> None:
    request = replace(NEXT, **other)
    assert counts.most(RUN, SONNET, request) == most_tokens(request)


def test_an_image_that_is_no_longer_shown_makes_another_chat() -> None:
    counts, image = Counts(), image_of(png())
    seen = (ChatMessage(Speaker.HUMAN, LONG, images=(image,)), *MORE)
    shown = replace(FIRST, messages=seen, pictures={image.hash: png()})
    counts.learn(RUN, SONNET, shown, COUNTED, most_tokens(shown))

    assert counts.most(RUN, SONNET, shown) < most_tokens(shown)
    hidden = replace(shown, pictures={})
    assert counts.most(RUN, SONNET, hidden) == most_tokens(hidden)


@pytest.mark.parametrize(
    ("run", "model"), [(RunId("r2"), SONNET), (RUN, ModelRef("anthropic", "claude-opus-5"))], ids=["run", "model"]
)
def test_what_was_counted_of_one_run_by_one_model_says_nothing_of_another(
    counts: Counts, run: RunId, model: ModelRef
) -> None:
    assert counts.most(run, model, NEXT) == most_tokens(NEXT, model.name)


def test_a_server_that_a_person_declared_may_have_many_tokenizers_under_one_name() -> None:
    counts, declared = Counts(), ModelRef("my-server", "claude-sonnet-4-5")
    counts.learn(RUN, declared, FIRST, COUNTED, most_tokens(FIRST))
    assert counts.most(RUN, declared, NEXT) == most_tokens(NEXT)


def test_another_server_under_the_name_counts_anew(counts: Counts) -> None:
    counts.forget("anthropic")
    assert counts.most(RUN, SONNET, NEXT) == most_tokens(NEXT)


def test_a_model_that_once_counted_beyond_its_bound_is_bounded_by_bytes_from_then_on(counts: Counts) -> None:
    bound = counts.most(RUN, SONNET, NEXT)
    counts.learn(RUN, SONNET, NEXT, Usage(bound + 1, 1), bound)

    assert counts.most(RUN, SONNET, NEXT) == most_tokens(NEXT)
    assert not counts.trusts(SONNET)


def test_only_so_many_chats_are_remembered(counts: Counts) -> None:
    for number in range(300):
        counts.learn(RunId(f"other{number}"), SONNET, FIRST, COUNTED, most_tokens(FIRST))
    assert counts.most(RUN, SONNET, NEXT) == most_tokens(NEXT)
    assert counts.most(RunId("other299"), SONNET, NEXT) < most_tokens(NEXT)


def test_a_count_that_was_asked_for_is_held_with_a_margin() -> None:
    assert most_of_count(100_000) == 105_000 + PER_REQUEST
