"""The tasks of a project's board."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class TaskCreated:
    """A task was put on the project's board; `by` is the role of the agent, or the developer, who wrote it."""

    kind: ClassVar[str] = "task_created"
    task: str
    title: str
    by: str
    text: str = ""
    checks: tuple[str, ...] = ()
    role: str = ""
    priority: str = "normal"
    depends: tuple[str, ...] = ()


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
