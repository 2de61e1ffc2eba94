"""Locating: from what a browser or a process says of a place to the line of source in the run's workspace."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from urllib.parse import urljoin

from studio.agents.maps import SECONDS, Maps
from studio.agents.workspace_paths import WorkspacePaths
from studio.base.aio import in_thread
from studio.domain.console import ConsoleEntry, ConsoleLevel, StackFrame
from studio.domain.stacks import WORKSPACE, frames_of, named_place, within_app


class Locator:
    """Finds the source of what one sandbox's app says."""

    def __init__(self, maps: Maps, paths: WorkspacePaths) -> None:
        self._maps = maps
        self._paths = paths

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
        for frame in await in_thread(_places_in, entry.text):
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
        source_map = await self._maps.of(frame.source, port)
        original = source_map.original(frame.line, frame.column) if source_map is not None else None
        if original is None or not original.source:
            return frame
        # What a map names stands beside the script, unless it says another place.
        source = within_app(urljoin(frame.source.partition("?")[0], original.source))
        return StackFrame(frame.function or original.name, source, original.line, original.column)


def _places_in(text: str) -> tuple[StackFrame | None, ...]:
    return (*frames_of(text), named_place(text))


def lines_around(text: str, line: int, before: int = 4, after: int = 3) -> str:
    """The lines of a text round one of them, with their numbers, the one that is meant marked."""
    every = text.split("\n", max(0, line + after))[: max(0, line + after)]
    first, last = max(1, line - before), min(len(every), line + after)
    return "\n".join(
        f"{'>' if number == line else ' '} {number} | {every[number - 1].rstrip()[:200]}"
        for number in range(first, last + 1)
    )
