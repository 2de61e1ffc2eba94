"""Locating: from what a browser or a process says of a place to the line of source in the run's workspace."""

from __future__ import annotations

import asyncio
import base64
import binascii
import re
from collections import OrderedDict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from urllib.parse import unquote, urljoin

from studio.agents.workspace_paths import WorkspacePaths
from studio.base.aio import in_thread
from studio.domain.console import ConsoleEntry, ConsoleLevel, StackFrame
from studio.domain.errors import EngineError
from studio.domain.source_maps import MAP_BYTES, SourceMap
from studio.domain.stacks import WORKSPACE, frames_of, named_place, within_app
from studio.sandbox.box import Sandbox
from studio.sandbox.served import served

SECONDS = 2.0
"""So long an app may take to give scripts and maps for what was said at once."""

_MAPS_KEPT = 50
_MAPPED = re.compile(r"//[#@] ?sourceMappingURL=(\S+)\s*$", re.MULTILINE)
_INLINE = re.compile(r"data:application/json[^,]{0,100}?(;base64)?,")


class Locator:
    """Finds the source of what one sandbox's app says; what it fetches comes through the tunnel only."""

    def __init__(self, sandbox: Sandbox, paths: WorkspacePaths) -> None:
        self._sandbox = sandbox
        self._paths = paths
        self._maps: OrderedDict[tuple[int, str], SourceMap | None] = OrderedDict()

    async def locate(self, entries: Sequence[ConsoleEntry], port: int) -> tuple[ConsoleEntry, ...]:
        """The entries with the places of their stacks led back to the source; `port` is what serves the page.

        An app that hangs gives no map in time: its places are told as they are, and that map is not asked for again.
        """
        found: list[ConsoleEntry] = []
        with suppress(TimeoutError):
            async with asyncio.timeout(SECONDS):
                for entry in entries:
                    found.append(await self._located(entry, port))
        return (*found, *entries[len(found) :])

    async def _located(self, entry: ConsoleEntry, port: int) -> ConsoleEntry:
        if not entry.stack:
            return entry
        stack = tuple([await self._frame(frame, port) for frame in entry.stack])
        # Of a library's error the line of the app that led to it is what one can mend.
        ours = next((frame for frame in stack if frame.path), None) or await self._named(entry, port) or stack[0]
        line = ours.line if ours.path else 0
        return replace(entry, stack=stack, source=ours.place, path=ours.path, line=line)

    async def _named(self, entry: ConsoleEntry, port: int) -> StackFrame | None:
        """The first place in the workspace that the text itself names, as React does for the component that failed."""
        if entry.level is not ConsoleLevel.ERROR:
            return None
        for frame in (*frames_of(entry.text), named_place(entry.text)):
            found = await self._frame(frame, port) if frame is not None else None
            if found is not None and found.path:
                return found
        return None

    async def _frame(self, frame: StackFrame, port: int) -> StackFrame:
        if frame.is_library:
            return frame
        if frame.source.startswith("/") and not frame.source.startswith(WORKSPACE) and port:
            frame = await self._mapped(frame, port)
        return replace(frame, path=await self._paths.find(frame.source))

    async def _mapped(self, frame: StackFrame, port: int) -> StackFrame:
        source_map = await self._map_of(frame.source, port)
        if source_map is None:
            return frame
        try:
            original = await in_thread(source_map.original, frame.line, frame.column)
        except ValueError:
            return frame
        if original is None or not original.source:
            return frame
        # What a map names stands beside the script, unless it says another place.
        source = within_app(urljoin(frame.source.partition("?")[0], original.source))
        return StackFrame(frame.function or original.name, source, original.line, original.column)

    async def _map_of(self, address: str, port: int) -> SourceMap | None:
        key = (port, address)
        if key not in self._maps:
            self._maps[key] = None
            self._maps[key] = await self._read_map(address, port)
            while len(self._maps) > _MAPS_KEPT:
                self._maps.popitem(last=False)
        self._maps.move_to_end(key)
        return self._maps[key]

    async def _read_map(self, address: str, port: int) -> SourceMap | None:
        script = await self._served(address, port)
        found = _MAPPED.findall(script[-MAP_BYTES:]) if script else []
        if not found:
            return None
        where = found[-1]
        inline = _INLINE.match(where)
        if inline:
            text = _unpacked(where[inline.end() :], packed=bool(inline[1]))
        else:
            path = within_app(urljoin(address.partition("?")[0], where))
            text = await self._served(path, port) or ""
        try:
            return await in_thread(SourceMap.parse, text) if text else None
        except ValueError:
            return None

    async def _served(self, path: str, port: int) -> str | None:
        try:
            return await served(await self._sandbox.tunnel(port), path, MAP_BYTES, SECONDS)
        except EngineError:
            return None


def _unpacked(text: str, *, packed: bool) -> str:
    if not packed:
        return unquote(text)
    try:
        return base64.b64decode(text, validate=False).decode("utf-8", "replace")
    except binascii.Error:
        return ""


def lines_around(text: str, line: int, before: int = 4, after: int = 3) -> str:
    """The lines of a text round one of them, with their numbers, the one that is meant marked."""
    every = text.split("\n")
    first, last = max(1, line - before), min(len(every), line + after)
    return "\n".join(
        f"{'>' if number == line else ' '} {number} | {every[number - 1].rstrip()[:200]}"
        for number in range(first, last + 1)
    )
