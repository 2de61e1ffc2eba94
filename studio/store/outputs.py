"""Outputs as saved: the whole of what a tool gave, where the model was shown only a part."""

from __future__ import annotations

import zlib

import sqlalchemy as sa
from sqlalchemy import Column, ForeignKey, LargeBinary, Table

from studio.domain.ids import ProjectId
from studio.store.connection import Connection
from studio.store.tables import metadata
from studio.store.text import Text

_outputs = Table(
    "outputs",
    metadata,
    Column("project", Text, ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True),
    Column("digest", Text, primary_key=True),
    Column("content", LargeBinary, nullable=False),
)

_SAVE = "INSERT OR IGNORE INTO outputs (project, digest, content) VALUES (?, ?, ?)"
_GET = sa.select(_outputs.c.content).where(
    _outputs.c.project == sa.bindparam("within"), _outputs.c.digest == sa.bindparam("known")
)


async def save(connection: Connection, project: ProjectId, digest: str, text: str) -> None:
    """Keeps a whole output, packed, for as long as its project is known; the same one is kept once."""
    await connection.run(_save, project, digest, text)


async def get(connection: Connection, project: ProjectId, digest: str) -> str | None:
    """The output of this digest; None when this project has none."""
    return await connection.run(_get, project, digest)


def _save(connection: sa.Connection, project: ProjectId, digest: str, text: str) -> None:
    # Packed on the connection's own thread: a mebibyte takes longer than the loop may stand still.
    packed = zlib.compress(text.encode("utf-8", "replace"))
    connection.exec_driver_sql(_SAVE, (str(project), digest, packed))


def _get(connection: sa.Connection, project: ProjectId, digest: str) -> str | None:
    found = connection.execute(_GET, {"within": project, "known": digest}).scalar_one_or_none()
    return None if found is None else zlib.decompress(found).decode("utf-8")
