"""What a program of MCP says, on its way to the client."""

from __future__ import annotations

import asyncio
from typing import cast

import pytest

from studio.sandbox.speaking import Speaking
from studio.tools import mcp_wire

PING = b'{"jsonrpc":"2.0","id":%d,"method":"ping"}\n'
ANSWER = b'{"jsonrpc":"2.0","id":%d,"result":{}}\n'


class Says:
    """A program that says what it is told to, in these pieces."""

    def __init__(self, *pieces: bytes) -> None:
        self._pieces = [*pieces, b""]

    async def read(self) -> bytes:
        return self._pieces.pop(0) if len(self._pieces) > 1 else b""


async def heard(*pieces: bytes) -> list[object]:
    """The ids of the messages that reach the client."""
    found: list[object] = []
    speaking = cast(Speaking, Says(*pieces))
    async with mcp_wire.transport(speaking, lambda: None) as (read, _):
        async for item in read:
            assert not isinstance(item, Exception)
            found.append(item.message.model_dump()["id"])
    return found


async def test_messages_are_put_together_wherever_they_are_parted() -> None:
    said = b"Hello!\n" + b"".join(ANSWER % number for number in range(40))
    assert await heard(*(said[at : at + 7] for at in range(0, len(said), 7))) == list(range(40))


async def test_the_loop_goes_on_while_thousands_of_short_lines_are_read() -> None:
    turns = 0
    at_reads: list[int] = []

    class Watched(Says):
        async def read(self) -> bytes:
            at_reads.append(turns)
            return await super().read()

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    counting = asyncio.create_task(count())
    async with mcp_wire.transport(cast(Speaking, Watched(b"x\n" * 9000)), lambda: None) as (read, _):
        assert [item async for item in read] == []
    counting.cancel()
    assert at_reads[1] > at_reads[0]


async def test_a_program_that_writes_anything_but_messages_is_ended() -> None:
    async def listen() -> None:
        await heard(*[b"x\n" * 5000] * 3)

    with pytest.raises(BaseExceptionGroup) as raised:
        await asyncio.wait_for(listen(), 60)
    assert "lines that are no messages" in str(raised.value.exceptions[0])


async def test_a_program_that_asks_and_reads_no_answer_is_heard_no_further() -> None:
    said = Says(*(PING % number for number in range(3 * mcp_wire.ASKED_AT_ONCE)))
    found: list[object] = []

    async with mcp_wire.transport(cast(Speaking, said), lambda: None) as (read, _):

        async def hear() -> None:
            async for item in read:
                found.append(item)

        hearing = asyncio.create_task(hear())
        for _turn in range(2000):
            await asyncio.sleep(0)
        hearing.cancel()
    assert len(found) == mcp_wire.ASKED_AT_ONCE
