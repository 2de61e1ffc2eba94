"""Messages between agents as saved."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy import Column, ForeignKey, Row, Table

from studio.domain.clock import to_text
from studio.domain.ids import MessageId, ProjectId, RunId
from studio.domain.mail import AgentMessage, MessageKind, MessageState
from studio.domain.runs import Run
from studio.domain.tasks import Priority
from studio.store.connection import Connection, InThread, is_there
from studio.store.tables import Moment, Written, metadata
from studio.store.text import Text

_messages = Table(
    "agent_messages",
    metadata,
    Column("id", Text, primary_key=True),
    Column("project", Text, ForeignKey("projects.id", ondelete="CASCADE"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("from_run", Text, nullable=False),
    Column("from_role", Written, nullable=False),
    Column("turn", Text, nullable=False),
    Column("text", Written, nullable=False),
    Column("sent", Moment, nullable=False),
    Column("to_role", Written, nullable=False),
    Column("to_run", Written, nullable=False),
    Column("priority", Text, nullable=False),
    Column("answers", Written, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Written, nullable=False),
    Column("read_by", Text),
    Column("read", Moment),
)

_OLDEST_FIRST = (_messages.c.sent, _messages.c.id)


_WAITING = """
SELECT 1 FROM agent_messages
WHERE project = ? AND state = ? AND from_run <> ?
AND (to_run = ? OR (to_run = '' AND to_role = ? AND (kind <> ? OR sent >= ?))) LIMIT 1
"""


async def add(connection: Connection, message: AgentMessage) -> None:
    """Saves a new message."""
    await connection.change(sa.insert(_messages).values(**_values(message)))


async def save(connection: Connection, message: AgentMessage) -> None:
    """Saves a message that is there already."""
    await connection.change(sa.update(_messages).where(_messages.c.id == message.id).values(**_values(message)))


async def waiting_for(connection: Connection, run: Run) -> tuple[AgentMessage, ...]:
    """What waits for this run, or for any run of its role, oldest first; nothing of its own.

    A handoff to its role that was there before it was made is not among them: somebody else is to go on with it.
    """
    since = sa.or_(_messages.c.kind != MessageKind.HANDOFF.value, _messages.c.sent >= run.created)
    to_role = sa.and_(_messages.c.to_run == "", _messages.c.to_role == run.role, since)
    query = (
        sa.select(_messages)
        .where(_messages.c.project == run.project, _messages.c.state == MessageState.WAITING.value)
        .where(_messages.c.from_run != run.id)
        .where(sa.or_(_messages.c.to_run == run.id, to_role))
    )
    return await _all(connection, query)


async def waiting_for_roles(connection: Connection, project: ProjectId, kind: MessageKind) -> tuple[AgentMessage, ...]:
    """What of this kind waits for any run of a role, oldest first."""
    query = (
        sa.select(_messages)
        .where(_messages.c.project == project, _messages.c.state == MessageState.WAITING.value)
        .where(_messages.c.kind == kind.value, _messages.c.to_run == "", _messages.c.to_role != "")
    )
    return await _all(connection, query)


def is_waiting(connection: InThread, run: Run) -> bool:
    """Whether `waiting_for` would find anything; runs on the connection's own thread."""
    role = (run.role, MessageKind.HANDOFF.value, to_text(run.created))
    return is_there(connection, _WAITING, (run.project, MessageState.WAITING.value, run.id, run.id, *role))


async def count_of_turn(connection: Connection, run: RunId, turn: str) -> int:
    """How many messages this run's agent has sent in this turn."""
    mine = sa.and_(_messages.c.from_run == run, _messages.c.turn == turn)
    return int((await connection.rows(sa.select(sa.func.count()).select_from(_messages).where(mine)))[0][0])


async def of_project(connection: Connection, project: ProjectId | None = None) -> tuple[AgentMessage, ...]:
    """All messages, or those of one project, oldest first."""
    query = sa.select(_messages)
    return await _all(connection, query if project is None else query.where(_messages.c.project == project))


async def _all(connection: Connection, query: sa.Select[Any]) -> tuple[AgentMessage, ...]:
    return tuple(_message(row) for row in await connection.rows(query.order_by(*_OLDEST_FIRST)))


def _values(message: AgentMessage) -> dict[str, Any]:
    return {
        "id": message.id,
        "project": message.project,
        "kind": message.kind.value,
        "from_run": message.from_run,
        "from_role": message.from_role,
        "turn": message.turn,
        "text": message.text,
        "sent": message.sent,
        "to_role": message.to_role,
        "to_run": message.to_run,
        "priority": message.priority.value,
        "answers": message.answers,
        "state": message.state.value,
        "reason": message.reason,
        "read_by": message.read_by,
        "read": message.read,
    }


def _message(row: Row[Any]) -> AgentMessage:
    return AgentMessage(
        id=MessageId(row.id),
        project=ProjectId(row.project),
        kind=MessageKind(row.kind),
        from_run=RunId(row.from_run),
        from_role=row.from_role,
        turn=row.turn,
        text=row.text,
        sent=row.sent,
        to_role=row.to_role,
        to_run=row.to_run,
        priority=Priority(row.priority),
        answers=row.answers,
        state=MessageState(row.state),
        reason=row.reason,
        read_by=RunId(row.read_by) if row.read_by else None,
        read=row.read,
    )
