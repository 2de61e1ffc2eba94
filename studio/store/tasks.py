"""Tasks as saved."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy import Column, ForeignKey, Row, Table

from studio.domain.difficulty import Difficulty
from studio.domain.errors import NotFound
from studio.domain.ids import BriefId, ProjectId, RunId, TaskId
from studio.domain.tasks import Priority, Task, TaskState
from studio.store.connection import Connection
from studio.store.prefixes import row_by_prefix
from studio.store.tables import Moment, Words, Written, metadata
from studio.store.text import Text

_tasks = Table(
    "tasks",
    metadata,
    Column("id", Text, primary_key=True),
    Column("project", Text, ForeignKey("projects.id", ondelete="CASCADE"), nullable=False),
    Column("title", Written, nullable=False),
    Column("text", Written, nullable=False),
    Column("checks", Words, nullable=False),
    Column("role", Written, nullable=False),
    Column("state", Text, nullable=False),
    Column("priority", Text, nullable=False),
    Column("depends", Words, nullable=False),
    Column("created", Moment, nullable=False),
    Column("by", Written, nullable=False),
    Column("run", Text),
    Column("brief", Text),
    Column("difficulty", Text, nullable=False, server_default="usual"),
)

_ACTION = "See which there are: studio board"


async def add(connection: Connection, task: Task) -> None:
    """Saves a new task."""
    await connection.change(sa.insert(_tasks).values(**_values(task)))


async def save(connection: Connection, task: Task) -> None:
    """Saves a task that is there already; raises NotFound."""
    if not await connection.change(sa.update(_tasks).where(_tasks.c.id == task.id).values(**_values(task))):
        raise NotFound(f"There is no task {task.id}.", _ACTION)


async def by_id(connection: Connection, task: TaskId) -> Task | None:
    """The task with this id, if any."""
    rows = await connection.rows(sa.select(_tasks).where(_tasks.c.id == task))
    return _task(rows[0]) if rows else None


async def by_prefix(connection: Connection, start: str, project: ProjectId | None = None) -> Task:
    """The one task whose id begins with `start`; raises NotFound, or UserError when there are several."""
    return _task(await row_by_prefix(connection, _tasks, "task", start, _ACTION, project))


async def of_project(connection: Connection, project: ProjectId | None = None) -> tuple[Task, ...]:
    """All tasks, or those of one project, oldest first."""
    query = sa.select(_tasks).order_by(_tasks.c.created, _tasks.c.id)
    if project is not None:
        query = query.where(_tasks.c.project == project)
    return tuple(_task(row) for row in await connection.rows(query))


async def titles(connection: Connection, project: ProjectId | None = None) -> dict[str, str]:
    """What tasks are called, by their ids: all, or those of one project."""
    query = sa.select(_tasks.c.id, _tasks.c.title)
    if project is not None:
        query = query.where(_tasks.c.project == project)
    return {row.id: row.title for row in await connection.rows(query)}


async def count_of(connection: Connection, run: RunId) -> int:
    """How many tasks this run's agent has written."""
    query = sa.select(sa.func.count()).select_from(_tasks).where(_tasks.c.run == run)
    return int((await connection.rows(query))[0][0])


def _values(task: Task) -> dict[str, Any]:
    return {
        "id": task.id,
        "project": task.project,
        "title": task.title,
        "text": task.text,
        "checks": task.checks,
        "role": task.role,
        "state": task.state.value,
        "priority": task.priority.value,
        "depends": task.depends,
        "created": task.created,
        "by": task.by,
        "run": task.run,
        "brief": task.brief,
        "difficulty": task.difficulty.value,
    }


def _task(row: Row[Any]) -> Task:
    return Task(
        id=TaskId(row.id),
        project=ProjectId(row.project),
        title=row.title,
        text=row.text,
        checks=row.checks,
        role=row.role,
        state=TaskState(row.state),
        priority=Priority(row.priority),
        depends=tuple(map(TaskId, row.depends)),
        created=row.created,
        by=row.by,
        run=RunId(row.run) if row.run else None,
        brief=BriefId(row.brief) if row.brief else None,
        difficulty=Difficulty(row.difficulty),
    )
