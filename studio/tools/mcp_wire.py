"""The wire of an MCP server: messages over the stdin and stdout of a program, bounded. Imported when first needed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import anyio
from mcp.client._transport import TransportStreams
from mcp.shared.message import SessionMessage
from mcp_types import JSONRPCError, JSONRPCRequest, JSONRPCResponse, jsonrpc_message_adapter

from studio.base.aio import in_thread
from studio.domain.errors import EngineError
from studio.sandbox.speaking import Speaking

LINE_BYTES = 8 << 20
"""How long one of a server's messages may be: a few images."""
NOISE_LINES = 10_000
"""How many lines it may write that are no messages: a greeting, or a log that went astray."""
ASKED_AT_ONCE = 32
"""How many requests of a server are answered at the same time; no more is heard of one that does not read answers."""
_SMALL = 16 << 10
_FEW = 8


@asynccontextmanager
async def transport(speaking: Speaking, on_end: Callable[[], None]) -> AsyncIterator[TransportStreams]:
    """The client's streams over a program's stdin and stdout: one JSON message a line. `on_end`: it says no more."""
    heard, to_read = anyio.create_memory_object_stream[SessionMessage | Exception](0)
    to_write, said = anyio.create_memory_object_stream[SessionMessage](0)

    asked = asyncio.Semaphore(ASKED_AT_ONCE)

    async def listen() -> None:
        try:
            async with heard:
                noise = 0
                async for lines in _lines(speaking):
                    # Many short lines take as long as a long one.
                    small = len(lines) <= _FEW and sum(map(len, lines)) <= _SMALL
                    messages = _messages(lines) if small else await in_thread(_messages, lines)
                    noise += len(lines) - len(messages)
                    if noise > NOISE_LINES:
                        raise EngineError(f"It wrote {NOISE_LINES:,} lines that are no messages of MCP.")
                    for message in messages:
                        if isinstance(message.message, JSONRPCRequest):
                            await asked.acquire()
                        await heard.send(message)
        finally:
            on_end()

    async def speak() -> None:
        async with said:
            async for outgoing in said:
                line = outgoing.message.model_dump_json(by_alias=True, exclude_unset=True)
                await speaking.write(f"{line}\n".encode())
                if isinstance(outgoing.message, JSONRPCResponse | JSONRPCError):
                    asked.release()

    async with anyio.create_task_group() as group:
        group.start_soon(listen)
        group.start_soon(speak)
        try:
            yield to_read, to_write
        finally:
            group.cancel_scope.cancel()
            for stream in (to_read, to_write, heard, said):
                await stream.aclose()


async def _lines(speaking: Speaking) -> AsyncIterator[list[bytes]]:
    """The lines that came to their end together, again and again."""
    rest = bytearray()
    while data := await speaking.read():
        head, end, tail = data.rpartition(b"\n")
        if end:
            yield (bytes(rest) + head).split(b"\n")
            rest.clear()
        rest += tail
        if len(rest) > LINE_BYTES:
            raise EngineError(f"It sent a message of more than {LINE_BYTES >> 20} MiB.")


def _messages(lines: list[bytes]) -> list[SessionMessage]:
    """The messages among these lines."""
    return [message for message in map(_message, lines) if message is not None]


def _message(line: bytes) -> SessionMessage | None:
    """One message; None for a line that is none, such as a greeting.

    How a tool's output must look is taken out: the client would check it against patterns that the server chose, on the
    host, and a pattern can be made to never end.
    """
    try:
        value = json.loads(line)
        if not isinstance(value, dict):
            return None
        result = value.get("result")
        tools = result.get("tools") if isinstance(result, dict) else None
        for tool in tools if isinstance(tools, list) else ():
            if isinstance(tool, dict):
                tool.pop("outputSchema", None)
        return SessionMessage(jsonrpc_message_adapter.validate_python(value, by_name=False))
    except (ValueError, RecursionError):
        return None
