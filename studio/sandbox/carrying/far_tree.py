"""The far half of carried files: a program of ours in a container that says what was changed there, gives and takes."""

from __future__ import annotations

import asyncio
import json
import zlib
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import IO, Any, Self

from studio.base.aio import in_thread
from studio.domain.errors import EngineError
from studio.sandbox.carrying.tree import is_plain, read_signs
from studio.sandbox.inside.carry import PIECE, Sign
from studio.sandbox.link import Link
from studio.sandbox.speaking import Speaking

ENTRIES_MAX = 200_000
"""More files and folders than this are not carried."""

_SAID_MAX = 128 << 20
_SECONDS = 600.0
_FOR_EVER = 1 << 62
_BOOT = """
import os, zlib
packed = b""
while len(packed) < {length}:
    packed += os.read(0, {length} - len(packed))
exec(zlib.decompress(packed))
"""
_UNPACK = """
import sys, types
modules = {{name: types.ModuleType(name) for name in {sources!r}}}
sys.modules.update(modules)
for name, source in {sources!r}.items():
    exec(compile(source, name, "exec"), modules[name].__dict__)
modules["studio.sandbox.inside.carry"].serve({options!r})
"""
_MODULES = ("watch", "carry")


class FarTree:
    """What lies below one folder of a container. Every call raises EngineError when that is gone, or talks nonsense."""

    def __init__(self, speaking: Speaking) -> None:
        self._speaking = speaking
        self._buffer = bytearray()
        self.whole = True

    @classmethod
    async def start(cls, link: Link, root: str) -> Self:
        """Starts the program in the container of that link."""
        program = await in_thread(_program, {"root": root, "most": ENTRIES_MAX})
        boot = _BOOT.format(length=len(program))
        speaking = await Speaking.start(link, ("python3", "-I", "-S", "-u", "-c", boot), _FOR_EVER)
        await speaking.write(program)
        return cls(speaking)

    async def look(self) -> tuple[dict[str, Sign], tuple[str, ...]]:
        """What was changed since it was told last, by path, and what is gone; at first all there is."""
        async with asyncio.timeout(_SECONDS):
            await self._ask({"do": "look"})
            said = await in_thread(_read, await self._message(_SAID_MAX))
        self.whole = said.get("whole") is True
        gone = said.get("gone")
        if not isinstance(gone, list):
            raise _senseless("it does not say what is gone")
        return self._signs(said.get("changed")), tuple(path for path in gone if is_plain(path))

    async def give(self, paths: Sequence[str], target: IO[bytes], most: int) -> None:
        """Writes these files to `target` as a tar, each named by its place in the list; no more than `most` bytes."""
        async with asyncio.timeout(_SECONDS):
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
    ) -> dict[str, Sign]:
        """Deletes, makes folders and links, and fills files from a tar; returns the signs of what was made."""
        entries = [[path, sign[1], sign[3]] for path, sign in contents]
        async with asyncio.timeout(_SECONDS):
            await self._ask({"do": "take", "gone": list(gone), "made": dict(made), "files": entries})
            while piece := await in_thread(source.read, PIECE):
                await self._say(piece)
            await self._say(b"")
            return self._signs(await in_thread(_read, await self._message(_SAID_MAX)))

    async def close(self) -> None:
        """Ends the program."""
        await self._speaking.close()

    def _signs(self, value: object) -> dict[str, Sign]:
        try:
            return read_signs(value, ENTRIES_MAX)
        except ValueError as error:
            raise _senseless(str(error)) from error

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


def _read(said: bytes) -> dict[str, Any]:
    try:
        value = json.loads(said)
    except (ValueError, RecursionError) as error:
        raise _senseless("what it says cannot be read") from error
    if not isinstance(value, dict):
        raise _senseless("what it says cannot be read")
    return value


def _senseless(why: str) -> EngineError:
    return EngineError(f"The sandbox's files cannot be carried: {why}.", "Send the message again.", retryable=True)


def _program(options: Mapping[str, Any]) -> bytes:
    folder = files("studio.sandbox.inside")
    sources = {f"studio.sandbox.inside.{name}": folder.joinpath(f"{name}.py").read_text("utf-8") for name in _MODULES}
    return zlib.compress(_UNPACK.format(sources=sources, options=dict(options)).encode())
