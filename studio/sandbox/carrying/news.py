"""News: what is to be said of files that could not be carried as they are."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence

from studio.base.log import logger
from studio.sandbox.carrying.failures import kept_beside, too_large

log = logger("sandbox")


class News:
    """What became of one sandbox's files, until somebody takes it."""

    def __init__(self) -> None:
        self._left_out = self._told = ""
        self._moved: dict[str, str] = {}
        self._kept: dict[str, str] = {}

    def leave_out(self, paths: Sequence[str]) -> None:
        """These, and no others, are too large to come home."""
        if (said := too_large(paths)) and said != self._left_out:
            log.warning("files_not_carried", said=said, count=len(paths))
        self._left_out = said

    def move(self, beside: Mapping[str, str]) -> None:
        """What is in the way at these paths will be moved to those, unless it turns out to hold the same."""
        self._moved |= beside

    def look(self, *sides: Container[str]) -> None:
        """Sees on these sides what was moved."""
        moved, self._moved = self._moved, {}
        kept = {path: beside for path, beside in moved.items() if any(beside in side for side in sides)}
        if kept:
            log.warning("files_kept_beside", said=kept_beside(kept), count=len(kept))
        self._kept |= kept

    def take(self) -> str:
        """What was not said yet."""
        told, self._told = self._told, self._left_out
        kept, self._kept = kept_beside(self._kept), {}
        return " ".join(filter(None, (self._left_out if self._left_out != told else "", kept)))
