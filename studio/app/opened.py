"""Opened: what only a project that is not archived takes."""

from __future__ import annotations

import shlex

from studio.domain.errors import UserError
from studio.domain.ids import ProjectId
from studio.store import projects
from studio.store.connection import Connection


async def require_open(connection: Connection, project: ProjectId) -> None:
    """Raises UserError, worded for the person, when the project is archived."""
    found = await projects.get(connection, project)
    if found.archived:
        again = f"Bring it back first: studio project add {shlex.quote(str(found.path))}"
        raise UserError(f"The project “{found.name}” is archived.", again)
