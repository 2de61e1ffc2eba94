"""Gemini over the compatible endpoint: how it is told to think, and its thoughts apart from what it says."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.adapters.providers.config import ProviderConfig
from studio.adapters.providers.gemini_words import Thoughts
from studio.contracts.chat_model import ModelReply
from studio.domain.models import ModelRef
from studio.domain.usage import Usage
from studio.router.thinking import for_model
from tests.fixtures.hostile_provider import hostile, streaming
from tests.fixtures.providers import Asking, Connecting
from tests.fixtures.wire_samples import chunks

FORMS: dict[str, tuple[str, int | None, dict[str, Any] | None]] = {
    "a budget": ("gemini-2.5-flash", 4000, {"include_thoughts": True, "thinking_budget": 4000}),
    "more than it takes": ("gemini-2.5-pro", 60_000, {"include_thoughts": True, "thinking_budget": 24_576}),
    "off": ("gemini-2.5-flash-lite", 0, {"thinking_budget": 0}),
    "as little as it can": ("gemini-2.5-pro", 0, {"thinking_budget": 128}),
    "a low level": ("gemini-3.8-flash", 4000, {"include_thoughts": True, "thinking_level": "low"}),
    "a high level": ("gemini-3-pro-preview", 9000, {"include_thoughts": True, "thinking_level": "high"}),
    "left to it": ("gemini-2.5-flash", None, None),
    "too old": ("gemini-2.0-flash", 4000, None),
}


async def reply_to(
    model: str, wanted: int | None, pieces: list[dict[str, Any]], connect: Connecting, ask: Asking
) -> tuple[ModelReply, list[tuple[str, str]], dict[str, Any]]:
    """What a Gemini model replied, what was heard meanwhile, and what it was sent."""
    heard: list[tuple[str, str]] = []
    async with hostile(streaming(chunks(pieces))) as server:
        request = for_model(replace(ask(model=model), thinking=wanted), ModelRef("gemini", model))
        chat_model = connect(ProviderConfig("gemini", server.url, "k"))
        reply = await chat_model.complete(request, lambda kind, text: heard.append((kind, text)))
    return reply, heard, json.loads(server.requests[-1].partition(b"\r\n\r\n")[2])


@pytest.mark.parametrize("name", FORMS)
async def test_each_model_is_told_to_think_in_the_way_it_knows(name: str, connect: Connecting, ask: Asking) -> None:
    model, wanted, config = FORMS[name]
    _, _, body = await reply_to(model, wanted, [{"content": "Hello."}], connect, ask)

    assert body.get("extra_body") == (config and {"google": {"thinking_config": config}})
    thinks = bool(wanted) and model != "gemini-2.0-flash"
    assert body["max_tokens"] == 8192 + (wanted or 0 if thinks else 0)


async def test_thoughts_are_shown_as_thinking_and_are_no_part_of_the_reply(connect: Connecting, ask: Asking) -> None:
    pieces = [{"content": "<thought>Let me "}, {"content": "look.</thought>"}, {"content": "It adds."}]
    reply, heard, _ = await reply_to("gemini-2.5-pro", 4000, pieces, connect, ask)

    assert (reply.thinking, reply.text) == ("Let me look.", "It adds.")
    assert {kind for kind, _ in heard} == {"thinking", "text"}
    assert reply.usage == Usage(240, 300)


async def test_the_marks_are_text_where_no_thoughts_were_asked_for(connect: Connecting, ask: Asking) -> None:
    reply, _, _ = await reply_to("gemini-2.5-pro", None, [{"content": "<thought>so</thought>"}], connect, ask)

    assert (reply.thinking, reply.text) == ("", "<thought>so</thought>")


async def test_a_signature_is_kept_with_the_model_that_made_it(connect: Connecting, ask: Asking) -> None:
    signature = {"google": {"thought_signature": "c2ln"}}
    function = {"name": "read", "arguments": '{"path": "a.py"}'}
    call = {"index": 0, "id": "f1", "type": "function", "function": function, "extra_content": signature}
    reply, _, _ = await reply_to("gemini-3.8-flash", None, [{"tool_calls": [call]}], connect, ask)

    assert reply.opaque == {
        "provider": "gemini",
        "model": "gemini-3.8-flash",
        "extra_content": {str(reply.calls[0].id): signature},
    }


def parted(pieces: list[str]) -> tuple[str, str]:
    """The thoughts and the text of a stream that was cut so."""
    thoughts = Thoughts(expected=True)
    found = [part for piece in pieces for part in thoughts.parted(piece)] + thoughts.ended()
    assert all(text for _, text in found)
    return tuple("".join(text for kind, text in found if kind == each) for each in ("thinking", "text"))  # type: ignore[return-value]


WHOLE: dict[str, tuple[str, str]] = {
    "<thought>a < b </tho</thought>Text with </thought> and <thought>.": (
        "a < b </tho",
        "Text with </thought> and <thought>.",
    ),
    "\n<thought>a</thought>\n<thought>b</thought>c": ("ab", "c"),
    "<thoughtful>": ("", "<thoughtful>"),
    "<thought>never ended</tho": ("never ended</tho", ""),
    "  plain": ("", "  plain"),
}


@given(whole=st.sampled_from(sorted(WHOLE)), cuts=st.lists(st.integers(0, 70)))
def test_however_a_stream_is_cut_its_thoughts_are_the_same(whole: str, cuts: list[int]) -> None:
    at = sorted({0, len(whole), *(cut for cut in cuts if cut < len(whole))})
    pieces = [whole[begin:end] for begin, end in itertools.pairwise(at)]

    assert parted(pieces) == WHOLE[whole]
