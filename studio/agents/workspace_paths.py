"""Workspace paths: which file of a run's workspace a place of its app is."""

from __future__ import annotations

import posixpath
import re

from studio.base.aio import in_thread
from studio.contracts.clock import Clock
from studio.domain.errors import NotFound, StudioError, UserError
from studio.domain.files import EntryKind
from studio.domain.stacks import WORKSPACE
from studio.workspace.files import Folder

_FILES = 20_000
_KEPT_SECONDS = 5.0
_SKIPPED = frozenset({".git", "node_modules", ".venv", "venv", "__pycache__", ".next", ".vite", ".cache"})
_SCHEME = re.compile(r"^(?:webpack-internal:///|webpack://[^/]*/|turbopack://[^/]*/|vite://[^/]*/|/@fs)(?:\([^)]*\)/)?")


class WorkspacePaths:
    """Finds files by the address that the app serves them under; a listing is kept for a few seconds."""

    def __init__(self, folder: Folder, clock: Clock) -> None:
        self._folder = folder
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
        """What the file holds, empty when it cannot be read."""
        try:
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
    return "" if "://" in clean or clean.startswith("..") or clean == "." else clean


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
