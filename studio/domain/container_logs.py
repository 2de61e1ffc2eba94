"""Container logs: what the programs in and beside a sandbox write, line by line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class LogSource(StrEnum):
    """What wrote a line."""

    SANDBOX = "sandbox"  # the container's own program
    SERVICE = "service"  # a container beside it
    PROCESS = "process"  # a process behind in it


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line, plain and short; `name` says which service or process wrote it, empty for the sandbox's own program.

    `title` is what people call that process, where it is another word. `is_error` says that it went to standard
    error, which many programs write everything to. `number` is its place among all lines that are kept of the sandbox.
    """

    source: LogSource
    name: str
    time: datetime
    text: str
    is_error: bool = False
    number: int = 0
    title: str = ""

    @property
    def origin(self) -> str:
        """Who wrote it, for people: a process without the mark of its container."""
        if self.title:
            return self.title
        return self.name.partition("-")[0] if self.source is LogSource.PROCESS else self.name or self.source.value


@dataclass(frozen=True, slots=True)
class LogPage:
    """As `LogNews`; `sandbox` names the container that the lines end with, empty when there is none."""

    lines: tuple[LogLine, ...] = ()
    lost: int = 0
    mark: int = 0
    sandbox: str = ""


@dataclass(frozen=True, slots=True)
class LogNews:
    """The lines behind a mark; `lost` counts those that are kept no more, `mark` is where the next look goes on."""

    lines: tuple[LogLine, ...] = ()
    lost: int = 0
    mark: int = 0
