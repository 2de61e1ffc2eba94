"""Console entries: what the page of a preview wrote or met, and what the app's own processes said beside it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
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


class ConsoleKind(StrEnum):
    """Where an entry comes from."""

    CONSOLE = "console"  # a console method, or the browser itself
    ERROR = "error"  # an error that nothing caught
    REJECTION = "rejection"  # a promise that nobody caught
    NETWORK = "network"  # a fetch or XMLHttpRequest that failed
    RESOURCE = "resource"  # an image, script or style that was not loaded
    CSP = "csp"  # stopped by the page's own content security policy
    LOG = "log"  # a line of a process in the container


_PACKAGES = ("node_modules/", ".venv/", "site-packages/", "dist-packages/", "/@vite/", "/@react-refresh")


@dataclass(frozen=True, slots=True)
class StackFrame:
    """One call of a stack, innermost first; `path` is the file of the workspace, where that is known.

    `source` is the address within the app as the browser had it, query included; lines and columns count from 1.
    """

    function: str = ""
    source: str = ""
    line: int = 0
    column: int = 0
    path: str = ""

    @property
    def is_library(self) -> bool:
        """Whether it is of a package and not of the app."""
        return any(part in self.source for part in _PACKAGES)

    @property
    def place(self) -> str:
        """Where it is, for people: `src/App.jsx:12:5`."""
        name = self.path or self.source.partition("?")[0]
        return ":".join([name, *(str(number) for number in (self.line, self.column) if number)]) if name else ""


@dataclass(frozen=True, slots=True)
class ConsoleEntry:
    """One entry; `source` is where it comes from within the app, with its line, as in `/app.js:12`.

    `method` is the console's (`log`, `table`), a request's (`GET`) or names the process of a log line. `path` and
    `line` are a file of the workspace, where the source could be found there. `count` tells how often it came in a
    row, `number` its place in the console that keeps it. `page` is the path of the page.
    """

    level: ConsoleLevel
    text: str
    source: str = ""
    kind: ConsoleKind = ConsoleKind.CONSOLE
    method: str = ""
    stack: tuple[StackFrame, ...] = ()
    path: str = ""
    line: int = 0
    time: datetime | None = None
    page: str = ""
    count: int = 1
    number: int = 0
