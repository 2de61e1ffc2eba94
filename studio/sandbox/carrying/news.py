"""News: what is to be said of files that could not be carried as they are."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence

from studio.base.log import logger
from studio.domain.events import FilesKept
from studio.domain.kept_files import files_kept, kept_beside
from studio.sandbox.carrying.failures import too_large

log = logger("sandbox")


class News:
    """What became of one sandbox's files; `tell` hears of what was kept, and the agent what it was not told yet."""

    def __init__(self, tell: Callable[[FilesKept], None] = lambda event: None) -> None:
        self._tell = tell
        self._left_out = self._told = ""
        # By where it was moved to: one path may have to give way more than once.
        self._moved: dict[str, str] = {}
        self._kept: dict[str, str] = {}

    def leave_out(self, paths: Sequence[str]) -> None:
        """These, and no others, are too large to come home."""
        if (said := too_large(paths)) and said != self._left_out:
            log.warning("files_not_carried", said=said, count=len(paths))
        self._left_out = said

    def move(self, beside: Mapping[str, str]) -> None:
        """What is in the way at these paths will be moved to those, unless it turns out to hold the same."""
        self._moved |= {other: path for path, other in beside.items()}

    def look(self, *sides: Container[str]) -> None:
        """Sees on these sides what was moved, also by a carrying that then failed."""
        moved, self._moved = self._moved, {}
        if found := {beside: path for beside, path in moved.items() if any(beside in side for side in sides)}:
            self._kept |= found
            self._tell(files_kept(found))

    def take(self) -> str:
        """What the agent was not told yet."""
        told, self._told = self._told, self._left_out
        kept, self._kept = self._kept, {}
        parts = (self._left_out if self._left_out != told else "", kept_beside(files_kept(kept)) if kept else "")
        return " ".join(filter(None, parts))
