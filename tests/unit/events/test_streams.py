from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.base.redact import MARK, Redactor
from studio.domain.events import (
    SCREENSHOT,
    Delta,
    Event,
    MessagePosted,
    Recorded,
    SandboxStarted,
    ToolAnswered,
    TurnEnded,
)
from studio.domain.ids import ProjectId, RunId
from studio.domain.messages import Speaker
from studio.domain.runs import Outcome
from studio.events.hub import Hub
from tests.fixtures.memory import NOON

SHOP, ONE, TWO = ProjectId("p1"), RunId("r1"), RunId("r2")
KEY = "sk-ant-sk-ant-0123456789"
# Keys that begin alike, hold one another or repeat themselves are where a border can go wrong.
KEYS = (KEY, "sk-ant-sk-other", "abcabcabd", "abcabcab", "aaaaaaaa", "ant-sk-ant-01")
END = TurnEnded("t1", Outcome.REPLIED, 1, "studio/r1")

letters = st.text("skant-01abcd ", max_size=8)
texts = st.lists(st.one_of(st.sampled_from(KEYS), letters, st.sampled_from([key[:-1] for key in KEYS])), max_size=8)


def piece(text: str, run: RunId = ONE, kind: str = "text", call: str = "") -> Delta:
    return Delta(SHOP, run, kind, text, call)


def fact(seq: int, event: Event, run: RunId = ONE) -> Recorded:
    return Recorded(seq, NOON, SHOP, run, event)


async def heard(redactor: Redactor, *items: Delta | Recorded) -> list[Delta | Recorded]:
    """What somebody hears of this."""
    hub = Hub(redactor)
    with hub.subscribe() as listening:
        for item in items:
            hub.delta(item) if isinstance(item, Delta) else hub.publish(item)
    return [item async for item in listening if isinstance(item, Delta | Recorded)]


def said(items: list[Delta | Recorded]) -> str:
    return "".join(item.text for item in items if isinstance(item, Delta))


@given(texts, st.data())
def test_no_secret_gets_through_however_a_stream_is_cut(parts: list[str], data: st.DataObject) -> None:
    whole = "".join(parts)
    borders = sorted(data.draw(st.sets(st.integers(0, len(whole)))))
    cut = [whole[start:end] for start, end in zip([0, *borders], [*borders, len(whole)], strict=True)]
    redactor = Redactor(KEYS)
    shown = said(asyncio.run(heard(redactor, *map(piece, cut), fact(1, END))))
    assert not any(key in shown for key in KEYS)
    assert shown == said(asyncio.run(heard(redactor, piece(whole), fact(1, END))))
    if not any(key in whole for key in KEYS):
        assert shown == whole


async def test_a_key_that_comes_letter_by_letter_is_one_mark() -> None:
    shown = await heard(Redactor([KEY]), *(piece(letter) for letter in f"The key {KEY} works."))
    assert said(shown) == f"The key {MARK} works."


async def test_what_only_looked_like_a_secret_is_shown_as_soon_as_it_is_none() -> None:
    shown = await heard(Redactor([KEY]), piece("ask"), piece("-ant-0"), piece("ther"))
    assert [item.text for item in shown if isinstance(item, Delta)] == ["a", "sk-ant-0", "ther"]


async def test_streams_of_two_runs_and_two_calls_are_not_mixed() -> None:
    first, second = KEY[:10], KEY[10:]
    shown = await heard(
        Redactor([KEY]),
        *(piece(first), piece(second, TWO), piece(first, kind="output", call="c1")),
        *(piece(second, kind="output", call="c2"), piece(second)),
    )
    assert [(item.run, item.text) for item in shown if isinstance(item, Delta)] == [
        (TWO, second),
        (ONE, second),
        (ONE, MARK),
    ]


@pytest.mark.parametrize(
    ("kind", "call", "end"),
    [
        ("text", "", MessagePosted(Speaker.AGENT, "It is sk-", "t1", 1)),
        ("thinking", "", MessagePosted(Speaker.AGENT, "", "t1", 1)),
        ("output", "c1", ToolAnswered("c1", "shell", True, "sk-")),
        ("setup", "", SandboxStarted("c", "image", 1.0)),
        ("text", "", END),
    ],
)
async def test_the_last_piece_comes_before_the_event_that_ends_the_stream(kind: str, call: str, end: Event) -> None:
    other = fact(1, MessagePosted(Speaker.HUMAN, "Hello", "t2"), TWO)
    shown = await heard(Redactor([KEY]), piece("It is: sk-", kind=kind, call=call), other, fact(2, end))
    assert shown == [
        piece("It is: ", kind=kind, call=call),
        other,
        piece("sk-", kind=kind, call=call),
        fact(2, end),
    ]


async def test_a_request_for_a_picture_is_passed_on_at_once_and_whole() -> None:
    request = piece("", kind=SCREENSHOT, call="sk-ant-01")

    assert await heard(Redactor(KEYS), request) == [request]
