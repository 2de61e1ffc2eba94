"""Briefs as saved."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy import Column, ForeignKey, Row, Table

from studio.domain.briefs import Brief
from studio.domain.ids import BriefId, ProjectId
from studio.store.connection import Connection
from studio.store.prefixes import row_by_prefix
from studio.store.tables import Moment, Written, metadata
from studio.store.text import Text

_briefs = Table(
    "briefs",
    metadata,
    Column("id", Text, primary_key=True),
    Column("project", Text, ForeignKey("projects.id", ondelete="CASCADE"), nullable=False),
    Column("title", Written, nullable=False),
    Column("text", Written, nullable=False),
    Column("created", Moment, nullable=False),
)

_ACTION = "See which there are: studio brief list"


async def add(connection: Connection, brief: Brief) -> None:
    """Saves a new brief."""
    values = {name: getattr(brief, name) for name in ("id", "project", "title", "text", "created")}
    await connection.change(sa.insert(_briefs).values(**values))


async def by_id(connection: Connection, brief: BriefId) -> Brief | None:
    """The brief with this id, if any."""
    rows = await connection.rows(sa.select(_briefs).where(_briefs.c.id == brief))
    return _brief(rows[0]) if rows else None


async def by_prefix(connection: Connection, start: str, project: ProjectId | None = None) -> Brief:
    """The one brief whose id begins with `start`; raises NotFound, or UserError when there are several."""
    return _brief(await row_by_prefix(connection, _briefs, "brief", start, _ACTION, project))


async def of_project(connection: Connection, project: ProjectId | None = None) -> tuple[Brief, ...]:
    """All briefs, or those of one project, oldest first."""
    query = sa.select(_briefs).order_by(_briefs.c.created, _briefs.c.id)
    if project is not None:
        query = query.where(_briefs.c.project == project)
    return tuple(_brief(row) for row in await connection.rows(query))


async def titles(connection: Connection, project: ProjectId | None = None) -> dict[str, str]:
    """What briefs are called, by their ids: all, or those of one project."""
    query = sa.select(_briefs.c.id, _briefs.c.title)
    if project is not None:
        query = query.where(_briefs.c.project == project)
    return {row.id: row.title for row in await connection.rows(query)}


def _brief(row: Row[Any]) -> Brief:
    return Brief(BriefId(row.id), ProjectId(row.project), row.title, row.text, row.created)
