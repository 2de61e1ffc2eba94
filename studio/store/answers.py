"""Answers as saved: what models replied to requests, so that the same request need not be paid twice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import BigInteger, Column, ForeignKey, Integer, Table

from studio.domain.ids import ProjectId, RunId
from studio.store.connection import Connection, InThread
from studio.store.tables import Moment, metadata
from studio.store.text import Text

_answers = Table(
    "answers",
    metadata,
    Column("project", Text, ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True),
    Column("request", Text, primary_key=True),
    Column("run", Text, nullable=False),
    Column("time", Moment, nullable=False),
    Column("reply", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Column("cost_nusd", BigInteger),
)

_WITHIN = _answers.c.project == sa.bindparam("within")
_IS = sa.and_(_WITHIN, _answers.c.request == sa.bindparam("asked"))
_GET = sa.select(_answers).where(_IS)
_ADD = sa.insert(_answers)
_REMOVE = sa.delete(_answers).where(_IS)
_FORGET_OLD = sa.delete(_answers).where(_answers.c.time < sa.bindparam("since"))

# From the newest on, all that together take more than there is room for.
_FORGET_MANY = """
DELETE FROM answers WHERE rowid IN (
    SELECT rowid FROM (
        SELECT rowid, sum(size) OVER (ORDER BY time DESC, rowid DESC) AS together FROM answers
    ) WHERE together > ?
)
"""


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """A reply as JSON, the run whose request it answered, and what that cost (None when unpriced)."""

    run: RunId
    time: datetime
    reply: str
    cost_nusd: int | None


async def get(connection: Connection, project: ProjectId, request: str) -> AnswerRow | None:
    """What was answered in this project to the request of this hash."""
    rows = await connection.rows(_GET, {"within": project, "asked": request})
    return next((AnswerRow(RunId(row.run), row.time, row.reply, row.cost_nusd) for row in rows), None)


async def save(
    connection: Connection, project: ProjectId, request: str, answer: AnswerRow, *, since: datetime, room: int
) -> None:
    """Keeps an answer in place of an older one, and forgets those from before `since`.

    Where all of all projects together take more than `room` bytes, the oldest are forgotten, too.
    """
    await connection.run(_save, project, request, answer, since, room)


def _save(
    connection: InThread, project: ProjectId, request: str, answer: AnswerRow, since: datetime, room: int
) -> None:
    connection.execute(_REMOVE, {"within": project, "asked": request})
    values = {
        "project": project,
        "request": request,
        "run": answer.run,
        "time": answer.time,
        "reply": answer.reply,
        "size": len(answer.reply.encode()),
        "cost_nusd": answer.cost_nusd,
    }
    connection.execute(_ADD, values)
    connection.execute(_FORGET_OLD, {"since": since})
    connection.exec_driver_sql(_FORGET_MANY, (room,))
