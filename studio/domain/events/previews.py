"""What goes wrong in the app that a run's preview shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class PreviewFailed:
    """The page or a process of the app met an error, or a process ended with one; `failure` is a ConsoleKind.

    `source` is where, for people; `path` and `line` are a file of the workspace, if it is one, and `lines` what stood
    there then, with line numbers. `stack` holds a place a line. `count` tells how often it came before it was noted,
    `left_out` how many other errors were not noted since the one before.
    """

    kind: ClassVar[str] = "preview_failed"
    failure: str
    text: str
    source: str = ""
    path: str = ""
    line: int = 0
    lines: str = ""
    stack: str = ""
    page: str = ""
    count: int = 1
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class FailuresTold:
    """The run's agent was told, before a step, what failed in its preview; `failures` counts, `told` is how."""

    kind: ClassVar[str] = "failures_told"
    turn: str
    failures: int
    told: str


@dataclass(frozen=True, slots=True)
class RunRoused:
    """The run was set to work because its app failed while its agent was at rest; `told` is what the agent was told."""

    kind: ClassVar[str] = "run_roused"
    turn: str
    failures: int
    told: str
