"""A recorded reply of each protocol, cut at every single byte in the one way that looks like a proper end."""

from __future__ import annotations

import asyncio

from studio.adapters.providers.config import ProviderConfig
from studio.contracts.chat_model import ModelReply
from studio.domain.errors import ProviderError, ProviderFault
from studio.domain.usage import Usage
from tests.fixtures.hostile_provider import Behaviour, hostile, streaming
from tests.fixtures.providers import Asking, Connecting, nothing
from tests.fixtures.wire_samples import REPLIES

TOLD = {"anthropic": Usage(240, 42, 200, 30), "openai": Usage(240, 42, 200), "ollama": Usage(240, 42)}
"""What each sample says it used."""

WHOLE = {
    "anthropic": b'"message_stop"}\n\n',
    # What a reply says is whole with its finish reason; what it used may still be missing.
    "openai": b'"finish_reason": "tool_calls"}]}\n\n',
    "ollama": b'"eval_count": 42}',
}
"""With the end of this piece the protocol itself says that the reply is whole."""


async def test_no_cut_makes_a_whole_reply_or_hides_what_it_may_cost(
    wire: str, connect: Connecting, ask: Asking
) -> None:
    body = REPLIES[wire]
    whole_from = body.index(WHOLE[wire]) + len(WHOLE[wire])
    serve: list[Behaviour] = []

    async def next_cut(writer: asyncio.StreamWriter) -> None:
        await serve[0](writer)

    async with hostile(next_cut) as server:
        model = connect(ProviderConfig(wire, server.url, "k"))
        for at in range(len(body) + 1):
            serve[:] = [streaming(body[:at])]
            try:
                require_whole(wire, await model.complete(ask(), nothing), cut=at, whole_from=whole_from)
            except ProviderError as error:
                require_broken(wire, error, cut=at, whole_from=whole_from)


def require_whole(wire: str, reply: ModelReply, *, cut: int, whole_from: int) -> None:
    """A reply is one only when all of it came; its usage is the provider's own, or said to be no more than a guess."""
    # The last line end of a stream says nothing new.
    assert cut >= whole_from - 1, f"cut after {cut} bytes: {reply}"
    assert (reply.text, reply.thinking) == ("Hello there", "Read it first.")
    assert [(call.name, call.arguments) for call in reply.calls] == [("read", {"path": "a.py"})]
    assert reply.usage == TOLD[wire] if reply.counted else reply.usage.output > 0


def require_broken(wire: str, error: ProviderError, *, cut: int, whole_from: int) -> None:
    """A cut reply is a broken stream whose money stays held, with no more than what the provider told as used."""
    assert cut < whole_from, f"cut after {cut} bytes: {error}"
    assert error.fault is ProviderFault.BROKEN_STREAM
    assert error.may_have_cost
    if error.usage is not None:
        assert error.usage.input <= TOLD[wire].input
        assert error.usage.output <= TOLD[wire].output
