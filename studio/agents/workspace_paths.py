"""Workspace paths: which file of a run's workspace a place of its app is."""

from __future__ import annotations

import os
import posixpath
import re

from studio.base.aio import in_thread
from studio.contracts.clock import Clock
from studio.contracts.guest import Guest
from studio.domain.errors import NotFound, StudioError, UserError
from studio.domain.files import EntryKind
from studio.domain.stacks import WORKSPACE
from studio.workspace.files import Folder

_FILES = 20_000
_KEPT_SECONDS = 5.0
_ASK_SECONDS = 5.0
_IS_SHOWN = 1
"""What git answers for a file that it tracks, or that no rule names; any other answer leaves it open."""
_SKIPPED = frozenset({".git", "node_modules", ".venv", "venv", "__pycache__", ".next", ".vite", ".cache"})
_SOURCE = re.compile(r"[^.]\.(?:[cm]?[jt]sx?|vue|svelte|astro|mdx|py|s?css|sass|less|html?)$", re.IGNORECASE)
"""Endings of what browsers and interpreters run: only such a file is a place of the app."""
_LEFT_OUT = ("git", "-c", "core.fsmonitor=false", "check-ignore", "--quiet", "-z", "--stdin")
_SCHEME = re.compile(r"^(?:webpack-internal:///|webpack://[^/]*/|turbopack://[^/]*/|vite://[^/]*/|/@fs)(?:\([^)]*\)/)?")


class WorkspacePaths:
    """Finds files by the address that the app serves them under; a listing is kept for a few seconds.

    A page names any address it likes, and what it names is told to a model unasked: only source is found, and none
    that lies hidden.
    """

    def __init__(self, folder: Folder, guest: Guest, clock: Clock) -> None:
        self._folder = folder
        self._guest = guest
        self._clock = clock
        self._listed: tuple[str, ...] = ()
        self._when = float("-inf")

    async def find(self, source: str) -> str:
        """The one file that the address can mean; empty where there is none, or more than one fits as well."""
        wanted = _wanted(source)
        if not wanted:
            return ""
        if await in_thread(self._is_file, wanted):
            return wanted
        if source.startswith(WORKSPACE):
            return ""
        ends = [path for path in await self._files() if path.endswith(f"/{wanted}")]
        nearest = min((path.count("/") for path in ends), default=0)
        best = [path for path in ends if path.count("/") == nearest]
        return best[0] if len(best) == 1 else ""

    async def text(self, path: str) -> str:
        """What the file holds; empty when it cannot be read, and when the workspace keeps it out of commits."""
        try:
            asked = await self._guest.run(_LEFT_OUT, stdin=os.fsencode(path) + b"\0", timeout=_ASK_SECONDS)
            if asked.exit_code != _IS_SHOWN:
                return ""
            content = await in_thread(self._folder.read, path)
        except StudioError:
            return ""
        return content.data.decode("utf-8", "replace")

    def _is_file(self, path: str) -> bool:
        try:
            return self._folder.stat(path).kind is EntryKind.FILE
        except (NotFound, UserError):
            return False

    async def _files(self) -> tuple[str, ...]:
        now = self._clock.monotonic()
        if now - self._when > _KEPT_SECONDS:
            self._listed = await in_thread(_all, self._folder)
            self._when = self._clock.monotonic()
        return self._listed


def _wanted(source: str) -> str:
    """The path that an address means, as far as it says one."""
    path = _SCHEME.sub("/", source.partition("?")[0]).removeprefix(WORKSPACE)
    path = f"{path}index.html" if path.endswith("/") else path
    clean = posixpath.normpath(path.lstrip("/")) if path.strip("/.") else ""
    parts = clean.split("/")
    is_hidden = any(part.startswith(".") for part in parts)  # also what leads out of the folder
    return clean if _SOURCE.search(clean) and not is_hidden and "://" not in clean else ""


def _all(folder: Folder) -> tuple[str, ...]:
    found, todo = list[str](), [""]
    while todo and len(found) < _FILES:
        try:
            entries = folder.list(todo.pop()).entries
        except (NotFound, UserError):
            continue  # an agent removes folders meanwhile
        for entry in entries:
            if entry.kind is EntryKind.FOLDER and entry.name not in _SKIPPED:
                todo.append(entry.path)
            elif entry.kind is EntryKind.FILE:
                found.append(entry.path)
    return tuple(found)
