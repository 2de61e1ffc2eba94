"""The ledger of connections: every attempt of a sandbox to reach a host, the newest of each project."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import BigInteger, Column, ForeignKey, Integer, Row, Table

from studio.domain.ids import ProjectId, RunId
from studio.domain.network import Attempt, Destination, Passed
from studio.store.connection import Connection
from studio.store.tables import Moment, Written, metadata
from studio.store.text import Text

KEPT = 20_000
"""So many of each project stay; a flood of attempts pushes out older ones, not the disk's room."""

_CLEARED_EVERY = 100

_connections = Table(
    "connections",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("project", Text, ForeignKey("projects.id", ondelete="CASCADE"), nullable=False),
    Column("run", Text, nullable=False),
    Column("time", Moment, nullable=False),
    Column("host", Written, nullable=False),
    Column("port", Integer, nullable=False),
    Column("how", Text, nullable=False),
    Column("passed", Text, nullable=False),
    Column("reason", Written, nullable=False),
    Column("address", Text, nullable=False),
    Column("sent", BigInteger, nullable=False),
    Column("received", BigInteger, nullable=False),
    Column("ended", Moment),
)


async def add(connection: Connection, attempt: Attempt) -> int:
    """Saves a new attempt and gives its number; what is older than about the newest `KEPT` of its project goes."""
    values = {
        "project": attempt.project,
        "run": attempt.run,
        "time": attempt.time,
        "host": attempt.destination.host,
        "port": attempt.destination.port,
        "how": attempt.how,
        "passed": attempt.passed.value,
        "reason": attempt.reason,
        "address": attempt.address,
        "sent": attempt.sent,
        "received": attempt.received,
        "ended": attempt.ended,
    }
    rows = await connection.rows(sa.insert(_connections).values(**values).returning(_connections.c.id))
    number: int = rows[0].id
    if number % _CLEARED_EVERY:
        return number
    of_project = _connections.c.project == attempt.project
    oldest = sa.select(_connections.c.id).where(of_project).order_by(_connections.c.id.desc()).offset(KEPT).limit(1)
    await connection.change(sa.delete(_connections).where(of_project & (_connections.c.id <= oldest.scalar_subquery())))
    return number


async def end(connection: Connection, number: int, reason: str, sent: int, received: int, ended: datetime) -> None:
    """Notes how an attempt ended; one that was pushed out of the ledger meanwhile is no error."""
    values = {"reason": reason, "sent": sent, "received": received, "ended": ended}
    await connection.change(sa.update(_connections).where(_connections.c.id == number).values(**values))


async def newest(
    connection: Connection, project: ProjectId, run: RunId | None = None, most: int = 200
) -> tuple[Attempt, ...]:
    """The newest attempts of a project, or of one run of it, newest first."""
    query = sa.select(_connections).where(_connections.c.project == project)
    if run is not None:
        query = query.where(_connections.c.run == run)
    rows = await connection.rows(query.order_by(_connections.c.id.desc()).limit(most))
    return tuple(_attempt(row) for row in rows)


def _attempt(row: Row[Any]) -> Attempt:
    return Attempt(
        id=row.id,
        project=ProjectId(row.project),
        run=RunId(row.run),
        time=row.time,
        destination=Destination(row.host, row.port),
        how=row.how,
        passed=Passed(row.passed),
        reason=row.reason,
        address=row.address,
        sent=row.sent,
        received=row.received,
        ended=row.ended,
    )
