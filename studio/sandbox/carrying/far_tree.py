"""The far half of carried files: a program of ours in a container that says what was changed there, gives and takes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, Any, Self

from studio.base.aio import in_thread
from studio.domain.errors import EngineError
from studio.sandbox.carrying.failures import disk_is_full
from studio.sandbox.carrying.said import is_plain, read_signs
from studio.sandbox.inside.pages import PIECE
from studio.sandbox.inside.signs import Sign
from studio.sandbox.link import Link
from studio.sandbox.packed import CARRIER, packed
from studio.sandbox.speaking import Speaking

ENTRIES_MAX = 200_000
"""More files and folders than this are not carried."""

_SAID_MAX = 64 << 20
_PAGE_MAX = 1 << 17
"""A page is read in one breath, during which nothing else of this process goes on."""

_PAGES_MAX = 10_000
_SECONDS = 120.0
_SLOWEST = 64 << 10
"""So many bytes a second pass over the slowest line that is waited for."""

_FOR_EVER = 1 << 62


@dataclass(slots=True)
class Told:
    """What was changed and what is gone; whether that is all, and of what nothing can be told, with all below it.

    `full` says that there was no room for something.
    """

    changed: dict[str, Sign] = field(default_factory=dict)
    gone: list[str] = field(default_factory=list)
    unread: set[str] = field(default_factory=set)
    whole: bool = False
    full: bool = False


class FarTree:
    """What lies below one folder of a container. Every call raises EngineError when that is gone, or talks nonsense."""

    def __init__(self, speaking: Speaking) -> None:
        self._speaking = speaking
        self._buffer = bytearray()

    @classmethod
    async def start(cls, link: Link, root: str) -> Self:
        """Starts the program in the container of that link."""
        boot, program = await in_thread(packed, CARRIER, {"root": root, "most": ENTRIES_MAX})
        speaking = await Speaking.start(link, ("python3", "-I", "-S", "-u", "-c", boot), _FOR_EVER)
        await speaking.write(program)
        return cls(speaking)

    async def look(self) -> Told:
        """What was changed since it was told last; at first all there is."""
        async with asyncio.timeout(_SECONDS):
            await self._ask({"do": "look"})
            return await self._told()

    async def give(self, paths: Sequence[str], target: IO[bytes], most: int) -> None:
        """Writes these files to `target` as a tar, each named by its place in the list; no more than `most` bytes."""
        async with asyncio.timeout(_SECONDS + most / _SLOWEST):
            await self._ask({"do": "give", "paths": list(paths)})
            while piece := await self._piece():
                most -= len(piece)
                if most < 0:
                    raise _senseless("it gives more than it was asked for")
                await in_thread(target.write, piece)

    async def take(
        self,
        gone: Sequence[str],
        made: Mapping[str, Sign],
        contents: Sequence[tuple[str, Sign]],
        source: IO[bytes],
        beside: Mapping[str, str],
    ) -> dict[str, Sign]:
        """Deletes, makes folders and links, and fills files from a tar; returns the signs of what was made.

        What was changed since it was told of is left as it is. What gives way at a path of `beside` is moved to there.
        """
        entries = [[path, sign[1], sign[3]] for path, sign in contents]
        async with asyncio.timeout(_SECONDS + sum(sign[2] for _, sign in contents) / _SLOWEST):
            asked = {"do": "take", "gone": list(gone), "made": dict(made), "files": entries, "beside": dict(beside)}
            await self._ask(asked)
            while piece := await in_thread(source.read, PIECE):
                await self._say(piece)
            await self._say(b"")
            told = await self._told()
        if told.full:
            raise disk_is_full()
        return told.changed

    async def close(self) -> None:
        """Ends the program."""
        await self._speaking.close()

    async def _told(self) -> Told:
        told, left = Told(), _SAID_MAX
        for _ in range(_PAGES_MAX):
            page = await self._message(_PAGE_MAX)
            left -= len(page)
            if left < 0:
                break
            if await in_thread(_add, told, page):
                return told
        raise _senseless("it says more than anybody could read")

    async def _ask(self, request: Mapping[str, Any]) -> None:
        data = await in_thread(json.dumps, request)
        for at in range(0, len(data), PIECE):
            await self._say(data[at : at + PIECE].encode())
        await self._say(b"")

    async def _say(self, piece: bytes) -> None:
        await self._speaking.write(len(piece).to_bytes(4, "big") + piece)

    async def _message(self, most: int) -> bytes:
        said = bytearray()
        while piece := await self._piece():
            said += piece
            if len(said) > most:
                raise _senseless("it says more than anybody could read")
        return bytes(said)

    async def _piece(self) -> bytes:
        size = int.from_bytes(await self._exactly(4), "big")
        if size > PIECE:
            raise _senseless("it sends a piece that is too large")
        return await self._exactly(size)

    async def _exactly(self, size: int) -> bytes:
        while len(self._buffer) < size:
            data = await self._speaking.read()
            if not data:
                raise EngineError(
                    f"The program that carries the sandbox's files ended. {self._speaking.complaint[-500:]}".strip(),
                    "Send the message again.",
                    retryable=True,
                )
            self._buffer += data
        data = bytes(self._buffer[:size])
        del self._buffer[:size]
        return data


def _add(told: Told, page: bytes) -> bool:
    """Takes a page in; whether it was the last one."""
    try:
        value = json.loads(page)
    except (ValueError, RecursionError) as error:
        raise _senseless("what it says cannot be read") from error
    if not isinstance(value, dict):
        raise _senseless("what it says cannot be read")
    gone, unread = value.get("gone"), value.get("unread")
    if not isinstance(gone, list) or not isinstance(unread, list):
        raise _senseless("it does not say what is gone")
    try:
        told.changed.update(read_signs(value.get("changed"), ENTRIES_MAX))
    except ValueError as error:
        raise _senseless(str(error)) from error
    told.gone += [path for path in gone if is_plain(path)]
    told.unread.update(path for path in unread if is_plain(path))
    told.whole, told.full = value.get("whole") is True, value.get("full") is True
    if max(len(told.changed), len(told.gone), len(told.unread)) > ENTRIES_MAX:
        raise _senseless("it tells of more files than may be")
    return value.get("over") is True


def _senseless(why: str) -> EngineError:
    return EngineError(f"The sandbox's files cannot be carried: {why}.", "Send the message again.", retryable=True)
