from __future__ import annotations

import asyncio
import gzip
import math
from collections.abc import Callable
from dataclasses import replace

import pytest

from studio.adapters.providers.config import ProviderConfig
from studio.domain.errors import ProviderError, ProviderFault
from tests.fixtures.hostile_provider import (
    Behaviour,
    answering,
    dripping,
    endless,
    hostile,
    stalling,
    streaming,
    streaming_chunks,
)
from tests.fixtures.providers import Asking, Connecting, failing
from tests.fixtures.wire_samples import REPLIES

# From here on the protocol itself says that the reply is whole.
WHOLE_FROM = {
    "anthropic": b"event: message_stop",
    "openai": b'"finish_reason": "tool_calls"',
    "ollama": b'"eval_count"',
}


# From the end of this piece on something of the reply has come.
FIRST_PIECE = {"anthropic": b'"output_tokens": 1}}}\n\n', "openai": b'finish_reason": null}]}\n\n', "ollama": b"}\n"}


def cuts(body: bytes, whole_from: bytes) -> list[int]:
    """Twenty places to cut at before the reply is whole, none and the last byte among them."""
    end = body.index(whole_from)
    return sorted({0, 1, end - 1, end, *range(0, end, max(1, end // 16))})


@pytest.mark.parametrize("cutting", [streaming, streaming_chunks], ids=["closed", "chunk-missing"])
async def test_reply_that_is_cut_anywhere_is_never_taken_as_whole(
    cutting: Callable[[bytes], Behaviour], wire: str, connect: Connecting, ask: Asking
) -> None:
    body = REPLIES[wire]
    for at in cuts(body, WHOLE_FROM[wire]):
        async with hostile(cutting(body[:at])) as server:
            error = await failing(connect(ProviderConfig(wire, server.url, "k")), ask())
        assert error.fault is ProviderFault.BROKEN_STREAM, f"cut after {at} bytes: {error}"


async def test_reply_that_breaks_has_used_what_came_of_it(wire: str, connect: Connecting, ask: Asking) -> None:
    body = REPLIES[wire]
    for at in cuts(body, WHOLE_FROM[wire]):
        async with hostile(streaming(body[:at])) as server:
            error = await failing(connect(ProviderConfig(wire, server.url, "k")), ask())
        assert (error.usage is not None) == (FIRST_PIECE[wire] in body[:at]), f"cut after {at} bytes"
        if error.usage is not None:
            assert error.usage.input == 240 if wire == "anthropic" else error.usage.input > 0
            assert error.usage.output > 0


async def test_call_of_which_nothing_came_has_used_nothing(wire: str, connect: Connecting, ask: Asking) -> None:
    async with hostile(answering(529)) as server:
        error = await failing(connect(ProviderConfig(wire, server.url, "k")), ask())
    assert error.usage is None


@pytest.mark.parametrize("after", [None, b"", "half"], ids=["no-answer", "headers-only", "mid-stream"])
async def test_silence_ends_the_call_with_a_sentence(
    after: bytes | str | None, wire: str, connect: Connecting, ask: Asking
) -> None:
    half = REPLIES[wire][: len(REPLIES[wire]) // 2]
    async with hostile(stalling(half if isinstance(after, str) else after)) as server:
        config = ProviderConfig(wire, server.url, "k", loading_seconds=0.0)
        error = await failing(connect(config), ask(idle_seconds=0.2))
        await server.hung_up.wait()

    assert error.fault is ProviderFault.TIMED_OUT
    assert "said nothing for 0.2 seconds" in error.sentence


@pytest.mark.parametrize("behaviour", [stalling(), dripping(b" ")], ids=["silent", "dripping"])
async def test_list_of_models_is_not_waited_for_without_end(
    behaviour: Behaviour, wire: str, connect: Connecting
) -> None:
    async with hostile(behaviour) as server:
        model = connect(ProviderConfig(wire, server.url, "k", listing_seconds=0.2))
        with pytest.raises(ProviderError, match=r"did not answer within 0\.2 seconds") as caught:
            await model.list_models()

    assert caught.value.fault is ProviderFault.TIMED_OUT


@pytest.mark.parametrize("provider", ["anthropic", "gemini"])
@pytest.mark.parametrize(("listing", "total"), [(0.2, math.inf), (30.0, 0.2)], ids=["as-a-list", "as-its-request"])
async def test_a_count_that_drips_in_ends_in_time(
    provider: str, listing: float, total: float, connect: Connecting, ask: Asking
) -> None:
    async with hostile(dripping(b" ")) as server:
        model = connect(ProviderConfig(provider, f"{server.url}/openai", "k", listing_seconds=listing))
        with pytest.raises(ProviderError, match=r"did not answer within 0\.2 seconds") as caught:
            await model.count_tokens(replace(ask(), total_seconds=total))

    assert caught.value.fault is ProviderFault.TIMED_OUT


async def test_reply_that_never_ends_is_cut_off_at_the_cap(wire: str, connect: Connecting, ask: Asking) -> None:
    piece = {
        "anthropic": b"event: ping\ndata: {}\n\n",
        "openai": b": still here\n\n",
        "ollama": b'{"message": {"role": "assistant", "content": "x"}}\n',
    }[wire]
    async with hostile(endless(piece * 100)) as server:
        config = ProviderConfig(wire, server.url, "k", max_bytes=200_000)
        error = await failing(connect(config), ask())
        await server.hung_up.wait()

    assert error.fault is ProviderFault.BROKEN_STREAM
    assert "200,000 bytes" in error.sentence


async def test_one_endless_line_is_cut_off_at_the_cap(wire: str, connect: Connecting, ask: Asking) -> None:
    async with hostile(endless(b"a" * 10_000)) as server:
        error = await failing(connect(ProviderConfig(wire, server.url, "k", max_bytes=200_000)), ask())

    assert error.fault is ProviderFault.BROKEN_STREAM


async def test_endless_error_page_is_cut_off_too(wire: str, connect: Connecting, ask: Asking) -> None:
    async with hostile(answering(500, b"x" * 300_000)) as server:
        error = await failing(connect(ProviderConfig(wire, server.url, "k", max_bytes=100_000)), ask())

    assert error.retryable


async def test_drip_that_beats_the_idle_timeout_ends_with_the_total_time(
    wire: str, connect: Connecting, ask: Asking
) -> None:
    half = REPLIES[wire][: len(REPLIES[wire]) // 2]
    async with hostile(stalling(half)) as server:
        config = ProviderConfig(wire, server.url, "k", total_seconds=0.2)
        error = await failing(connect(config), ask(idle_seconds=60))

    assert error.fault is ProviderFault.TIMED_OUT
    assert "within 0.2 seconds" in error.sentence


async def test_reply_ends_with_the_time_its_request_has_left(wire: str, connect: Connecting, ask: Asking) -> None:
    half = REPLIES[wire][: len(REPLIES[wire]) // 2]
    async with hostile(stalling(half)) as server:
        request = replace(ask(idle_seconds=60), total_seconds=2.0)
        error = await failing(connect(ProviderConfig(wire, server.url, "k")), request)

    assert error.fault is ProviderFault.OUT_OF_TIME
    assert "within 2 seconds" in error.sentence
    assert error.may_have_cost
    assert error.usage is not None


@pytest.mark.parametrize(
    "garbage",
    [
        b"\x00\xff\xfe not json\n\n",
        b"<html>Welcome to the hotel network</html>\n",
        b"data: {\n\n",
        b"event: message_start\ndata: []\n\n",
        b"data: [1, 2]\n\n",
        b'data: {"choices": 5}\n\n',
        b"event: content_block_delta\n"
        b'data: {"type": "content_block_delta", "index": 7, "delta": {"type": "text_delta"}}\n\n',
        b"null\n",
        b'{"message": 5}\n',
        b"[" * 100_000 + b"\n\n",
    ],
)
async def test_garbage_is_a_broken_reply(garbage: bytes, wire: str, connect: Connecting, ask: Asking) -> None:
    async with hostile(streaming(garbage)) as server:
        error = await failing(connect(ProviderConfig(wire, server.url, "k")), ask())

    assert error.fault is ProviderFault.BROKEN_STREAM


async def test_compressed_reply_is_refused(wire: str, connect: Connecting, ask: Asking) -> None:
    packed = gzip.compress(REPLIES[wire])
    async with hostile(answering(200, packed, {"content-encoding": "gzip"})) as server:
        error = await failing(connect(ProviderConfig(wire, server.url, "k")), ask())

    assert b"accept-encoding: identity" in server.requests[0].lower()
    assert "compressed" in error.sentence


async def test_cancelled_call_closes_its_connection(wire: str, connect: Connecting, ask: Asking) -> None:
    half = REPLIES[wire][: len(REPLIES[wire]) // 2]
    async with hostile(stalling(half)) as server:
        heard = asyncio.Event()
        model = connect(ProviderConfig(wire, server.url, "k"))
        call = asyncio.create_task(model.complete(ask(), lambda kind, text: heard.set()))
        await heard.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        await server.hung_up.wait()


async def test_listener_that_fails_is_no_fault_of_the_provider(wire: str, connect: Connecting, ask: Asking) -> None:
    def listen(kind: str, text: str) -> None:
        raise LookupError("a bug of the listener")

    async with hostile(streaming(REPLIES[wire])) as server:
        with pytest.raises(LookupError, match="a bug of the listener"):
            await connect(ProviderConfig(wire, server.url, "k")).complete(ask(), listen)


async def test_ollama_may_load_a_model_longer_than_it_may_pause(connect: Connecting, ask: Asking) -> None:
    silent = ProviderConfig("ollama", loading_seconds=0.3)
    async with hostile(stalling()) as server:
        error = await failing(connect(replace(silent, base_url=server.url)), ask(idle_seconds=0.1))

    assert "said nothing for 0.3 seconds" in error.sentence
