"""Projects as saved."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Boolean, Column, Row, Table
from sqlalchemy.exc import IntegrityError
from sqlalchemy.sql.elements import ColumnElement

from studio.domain.errors import NotFound, UserError
from studio.domain.ids import ProjectId
from studio.domain.projects import Project
from studio.store.connection import Connection
from studio.store.tables import FilePath, Moment, Written, metadata
from studio.store.text import Text

_projects = Table(
    "projects",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Written, nullable=False, unique=True),
    Column("path", FilePath, nullable=False, unique=True),
    Column("created", Moment, nullable=False),
    Column("archived", Boolean, nullable=False),
)


async def add(connection: Connection, project: Project) -> None:
    """Saves a new project; raises UserError when its name or path is taken."""
    try:
        await connection.change(sa.insert(_projects).values(**_values(project)))
    except IntegrityError as error:
        raise UserError(
            f"There is a project named “{project.name}” or one at {project.path} already.",
            "See them: studio project list",
        ) from error


async def get(connection: Connection, project: ProjectId) -> Project:
    """The project with this id; raises NotFound."""
    found = await _one(connection, _projects.c.id == project)
    if found is None:
        raise NotFound(f"There is no project {project}.", "See which there are: studio project list")
    return found


async def by_name(connection: Connection, name: str) -> Project | None:
    """The project of exactly this name, if any."""
    return await _one(connection, _projects.c.name == name)


async def by_path(connection: Connection, path: Path) -> Project | None:
    """The project whose checkout is at exactly this absolute path, if any."""
    return await _one(connection, _projects.c.path == path)


async def all_projects(connection: Connection) -> tuple[Project, ...]:
    """All by name, those put away too."""
    return tuple(_project(row) for row in await connection.rows(sa.select(_projects).order_by(_projects.c.name)))


async def update(connection: Connection, project: Project) -> None:
    """Saves a project that is there already; raises NotFound."""
    values = _values(project)
    if not await connection.change(sa.update(_projects).where(_projects.c.id == project.id).values(**values)):
        raise NotFound(f"There is no project {project.id}.", "See which there are: studio project list")


async def remove(connection: Connection, project: ProjectId) -> None:
    """Forgets a project with its runs and checkpoints; one that is gone already is no error."""
    await connection.change(sa.delete(_projects).where(_projects.c.id == project))


async def _one(connection: Connection, wanted: ColumnElement[bool]) -> Project | None:
    rows = await connection.rows(sa.select(_projects).where(wanted))
    return _project(rows[0]) if rows else None


def _values(project: Project) -> dict[str, Any]:
    return {
        "id": project.id,
        "name": project.name,
        "path": project.path,
        "created": project.created,
        "archived": project.archived,
    }


def _project(row: Row[Any]) -> Project:
    return Project(ProjectId(row.id), row.name, row.path, row.created, row.archived)
