"""Console entries: what the page of a preview wrote or met, and what processes and services said beside it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

ENTRIES_KEPT, BESIDE_KEPT = 500, 200
"""So many of the newest entries are kept; so many of them of containers, which write also when nobody does anything."""


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
    LOAD = "load"  # the page was loaded, anew or another one
    LOG = "log"  # a line of a process in the container
    SERVICE = "service"  # a line of a service beside the container
    SANDBOX = "sandbox"  # a line of the container's own program

    @property
    def is_of_page(self) -> bool:
        """Whether a page says it; the others are read by Studio itself where they are written."""
        return self is not ConsoleKind.LOG and not self.is_beside

    @property
    def is_beside(self) -> bool:
        """Whether a container writes it and no program of the app in it."""
        return self in (ConsoleKind.SERVICE, ConsoleKind.SANDBOX)


class ConsoleSource(StrEnum):
    """Whose entries are meant."""

    ALL = "all"
    PAGE = "page"
    REQUESTS = "requests"
    PROCESSES = "processes"
    SERVICES = "services"
    SANDBOX = "sandbox"

    def covers(self, kind: ConsoleKind) -> bool:
        """Whether entries of this kind are meant."""
        match self:
            case ConsoleSource.ALL:
                return True
            case ConsoleSource.PAGE:
                return kind.is_of_page
            case ConsoleSource.REQUESTS:
                return kind in (ConsoleKind.NETWORK, ConsoleKind.RESOURCE)
            case ConsoleSource.PROCESSES:
                return kind is ConsoleKind.LOG
            case ConsoleSource.SERVICES:
                return kind is ConsoleKind.SERVICE
            case ConsoleSource.SANDBOX:
                return kind is ConsoleKind.SANDBOX


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

    `method` is the console's (`log`, `table`), a request's (`GET`) or names the process or service of a log line;
    `title` is what people call that process, where it is another word.
    `path` and `line` are a file of the workspace, where the source could be found there. `count` tells how often it
    came in a row, `number` its place in the console that keeps it. `page` is the path of the page; `view` names where
    that is shown, which it has to itself, and is empty for what no page says.
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
    view: str = ""
    title: str = ""

    @property
    def writer(self) -> str:
        """Who wrote a line of a log, for people: a process without the mark of its container; empty for a page's."""
        match self.kind:
            case ConsoleKind.LOG:
                return self.title or self.method.partition("-")[0]
            case ConsoleKind.SERVICE:
                return self.method
            case ConsoleKind.SANDBOX:
                return self.kind.value
            case _:
                return ""


_ANEW = ("[vite] hot updated:", "[HMR] Updated modules:", "[HMR] App is up to date", "[Fast Refresh] done")


def begins_anew(entry: ConsoleEntry) -> bool:
    """Whether the page runs other code from here on: it was loaded, or its dev server has put new code into it."""
    return entry.kind is ConsoleKind.LOAD or (entry.kind is ConsoleKind.CONSOLE and entry.text.startswith(_ANEW))
