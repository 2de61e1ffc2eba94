"""Prefixes: the one row whose id begins as a person wrote it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy import Row, Table

from studio.domain.errors import NotFound, UserError
from studio.domain.ids import ProjectId
from studio.store.connection import Connection

_TOLD = 5
"""So many ids at most are told where several begin so."""


async def row_by_prefix(
    connection: Connection, table: Table, what: str, start: str, action: str, project: ProjectId | None = None
) -> Row[Any]:
    """The one row of `table`, of `project` where one is named, whose id is `start` or begins with it.

    Raises NotFound with `action`, or UserError when there are several; `what` is what a row is called.
    """
    query = sa.select(table).where(table.c.id.startswith(start, autoescape=True)).order_by(table.c.id).limit(_TOLD)
    if project is not None:
        query = query.where(table.c.project == project)
    rows = await connection.rows(query) if start else ()
    if not rows:
        raise NotFound(f"There is no {what} {start}.", action)
    if len(rows) > 1 and rows[0].id != start:
        raise UserError(
            f"Several {what}s begin with {start}.", f"Write more of it: {', '.join(row.id for row in rows)}."
        )
    return rows[0]
