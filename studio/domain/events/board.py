"""The briefs of a project, and the tasks of its board."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class BriefWritten:
    """A brief was given to the project."""

    kind: ClassVar[str] = "brief_written"
    brief: str
    title: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class TaskCreated:
    """A task was put on the project's board; `by` is the role of the agent, or the developer, who wrote it.

    `brief` is the one that it is a piece of, empty for none.
    """

    kind: ClassVar[str] = "task_created"
    task: str
    title: str
    by: str
    text: str = ""
    checks: tuple[str, ...] = ()
    role: str = ""
    priority: str = "normal"
    depends: tuple[str, ...] = ()
    brief: str = ""
    difficulty: str = "usual"


@dataclass(frozen=True, slots=True)
class TaskCommented:
    """Somebody said something about a task."""

    kind: ClassVar[str] = "task_commented"
    task: str
    by: str
    text: str


@dataclass(frozen=True, slots=True)
class TaskMoved:
    """A task went from one state to another."""

    kind: ClassVar[str] = "task_moved"
    task: str
    state: str
    was: str
    by: str
