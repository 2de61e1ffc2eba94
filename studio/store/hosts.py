"""The hosts that each project's sandboxes may reach by name, as saved."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Column, ForeignKey, Integer, Table

from studio.domain.ids import ProjectId
from studio.domain.network import Destination
from studio.store.connection import Connection, InThread, is_there, rows_of
from studio.store.tables import Moment, metadata
from studio.store.text import Text

_hosts = Table(
    "network_hosts",
    metadata,
    Column("project", Text, ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True),
    Column("host", Text, primary_key=True),
    Column("port", Integer, primary_key=True),
    Column("created", Moment, nullable=False),
)

_LISTED = "SELECT 1 FROM network_hosts WHERE project = ? AND host = ? AND port = ?"
_LIST = "SELECT host, port FROM network_hosts WHERE project = ? ORDER BY host, port"


async def add(connection: Connection, project: ProjectId, wanted: Destination, created: datetime) -> bool:
    """Puts a host on a project's list; False when it is there already."""
    if await connection.run(is_listed, project, wanted):
        return False
    values = {"project": project, "host": wanted.host, "port": wanted.port, "created": created}
    await connection.change(sa.insert(_hosts).values(**values))
    return True


async def remove(connection: Connection, project: ProjectId, wanted: Destination) -> bool:
    """Takes a host off a project's list and says whether it was there."""
    is_it = (_hosts.c.project == project) & (_hosts.c.host == wanted.host) & (_hosts.c.port == wanted.port)
    return bool(await connection.change(sa.delete(_hosts).where(is_it)))


def is_listed(connection: InThread, project: ProjectId, wanted: Destination) -> bool:
    """Whether a host is on a project's list; on the connection's own thread."""
    return is_there(connection, _LISTED, (project, wanted.host, str(wanted.port)))


def hosts_of(connection: InThread, project: ProjectId) -> tuple[Destination, ...]:
    """A project's list, by name; on the connection's own thread."""
    return tuple(Destination(host, port) for host, port in rows_of(connection, _LIST, (project,)))
