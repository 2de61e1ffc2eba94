"""Console entries: what the page of a preview wrote to its console."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ConsoleLevel(StrEnum):
    """How grave an entry is."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"

    def covers(self, other: ConsoleLevel) -> bool:
        """Whether somebody who asks for this level wants to hear of `other`."""
        levels = tuple(ConsoleLevel)
        return levels.index(other) >= levels.index(self)


@dataclass(frozen=True, slots=True)
class ConsoleEntry:
    """One entry; `source` is the path of the script within the app, with its line, as in `/app.js:12`."""

    level: ConsoleLevel
    text: str
    source: str = ""
