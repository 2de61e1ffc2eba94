"""How far each project's sandboxes reach, as saved; a project without a row reaches nothing."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Boolean, Column, ForeignKey, Table

from studio.domain.ids import ProjectId
from studio.domain.network import Network, NetworkMode
from studio.store.connection import Connection, InThread, rows_of
from studio.store.tables import metadata
from studio.store.text import Text

_networks = Table(
    "networks",
    metadata,
    Column("project", Text, ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True),
    Column("mode", Text, nullable=False),
    Column("packages", Boolean, nullable=False),
)

_NETWORK = "SELECT mode, packages FROM networks WHERE project = ?"


async def save(connection: Connection, project: ProjectId, network: Network) -> None:
    """Sets what a project's sandboxes reach."""
    await connection.change(sa.delete(_networks).where(_networks.c.project == project))
    values = {"project": project, "mode": network.mode.value, "packages": network.packages}
    await connection.change(sa.insert(_networks).values(**values))


def network_of(connection: InThread, project: ProjectId) -> Network:
    """What a project's sandboxes reach; on the connection's own thread."""
    for mode, packages in rows_of(connection, _NETWORK, (project,)):
        return Network(NetworkMode(mode), bool(packages))
    return Network()
