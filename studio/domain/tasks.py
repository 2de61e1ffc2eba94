"""A task of a project's board, and the states it goes through."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from studio.domain.difficulty import Difficulty
from studio.domain.errors import UserError
from studio.domain.ids import BriefId, ProjectId, RunId, TaskId

TITLE_CHARACTERS = 120
TEXT_CHARACTERS = 8000
CHECKS_MAX = 20
CHECK_CHARACTERS = 500
DEPENDS_MAX = 20
COMMENT_CHARACTERS = 4000


class TaskState(StrEnum):
    """Where a task stands."""

    PLANNED = "planned"
    WORKING = "working"
    REVIEW = "review"
    DONE = "done"
    DROPPED = "dropped"  # a person decided that it is not wanted


NEXT_TASK_STATES: dict[TaskState, frozenset[TaskState]] = {
    TaskState.PLANNED: frozenset({TaskState.WORKING, TaskState.DROPPED}),
    TaskState.WORKING: frozenset({TaskState.PLANNED, TaskState.REVIEW, TaskState.DROPPED}),
    TaskState.REVIEW: frozenset({TaskState.WORKING, TaskState.DONE, TaskState.DROPPED}),
    TaskState.DONE: frozenset({TaskState.WORKING}),
    TaskState.DROPPED: frozenset({TaskState.PLANNED}),
}

ENDED = frozenset({TaskState.DONE, TaskState.DROPPED})
"""What nobody has to do any more."""


class Priority(StrEnum):
    """How soon something is wanted, the most urgent first."""

    URGENT = "urgent"
    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"


PRIORITIES = tuple(Priority)


@dataclass(frozen=True, slots=True)
class Task:
    """One piece of work: what is wanted, how one sees that it is there, and whose work it is.

    `checks` are what must be true in the end, `role` who is to do it, `depends` the tasks that come before it.
    `by` says who wrote it: a role's title, or the developer; `run` is the run of an agent that did. It may be a piece
    of a `brief`, whose budgets pay for it too.
    """

    id: TaskId
    project: ProjectId
    title: str
    text: str
    created: datetime
    by: str
    checks: tuple[str, ...] = ()
    role: str = ""
    state: TaskState = TaskState.PLANNED
    priority: Priority = Priority.NORMAL
    depends: tuple[TaskId, ...] = ()
    run: RunId | None = None
    brief: BriefId | None = None
    difficulty: Difficulty = Difficulty.USUAL


@dataclass(frozen=True, slots=True)
class TaskComment:
    """What somebody said about a task; `run` is the run of an agent that did."""

    task: TaskId
    by: str
    text: str
    time: datetime
    run: RunId | None = None


def require_next(task: Task, wanted: TaskState) -> None:
    """Raises UserError, worded for the person, when the task cannot go to `wanted` from where it stands."""
    if wanted not in NEXT_TASK_STATES[task.state]:
        raise UserError(
            f"Task {task.id} is {task.state.value} and cannot become {wanted.value}.",
            f"Look at it: studio board show {task.id}",
        )
