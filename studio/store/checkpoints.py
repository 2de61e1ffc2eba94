"""Checkpoints as saved."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy import Column, ForeignKey, Row, Table

from studio.domain.checkpoints import Checkpoint, CheckpointKind, CheckpointState
from studio.domain.errors import NotFound
from studio.domain.ids import CallId, CheckpointId, ProjectId, RunId
from studio.domain.rules import kind_of
from studio.store.connection import Connection
from studio.store.tables import Moment, Words, Written, metadata
from studio.store.text import Text

_checkpoints = Table(
    "checkpoints",
    metadata,
    Column("id", Text, primary_key=True),
    Column("project", Text, nullable=False),
    Column("run", Text, ForeignKey("runs.id", ondelete="CASCADE"), nullable=False),
    Column("call", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("title", Written, nullable=False),
    Column("act", Written, nullable=False),
    Column("act_hash", Text, nullable=False),
    Column("options", Words, nullable=False),
    Column("opened", Moment, nullable=False),
    Column("state", Text, nullable=False),
    Column("answer", Written, nullable=False),
    Column("decided_by", Written, nullable=False),
    Column("command_class", Text, nullable=False, server_default=""),
    Column("denied_before", Written, nullable=False, server_default=""),
    Column("kinds", Words, nullable=False, server_default="[]"),
    Column("why", Written, nullable=False, server_default=""),
)

_OLDEST_FIRST = (_checkpoints.c.opened, _checkpoints.c.id)


async def add(connection: Connection, checkpoint: Checkpoint) -> None:
    """Saves a new checkpoint."""
    await connection.change(sa.insert(_checkpoints).values(**_values(checkpoint)))


async def save(connection: Connection, checkpoint: Checkpoint) -> None:
    """Saves a checkpoint that is there already; raises NotFound."""
    values = _values(checkpoint)
    if not await connection.change(sa.update(_checkpoints).where(_checkpoints.c.id == checkpoint.id).values(**values)):
        raise NotFound(f"There is no checkpoint {checkpoint.id}.", "See what waits: studio checkpoints")


async def by_id(connection: Connection, checkpoint: CheckpointId) -> Checkpoint | None:
    """The checkpoint with this id, if any."""
    rows = await connection.rows(sa.select(_checkpoints).where(_checkpoints.c.id == checkpoint))
    return _checkpoint(rows[0]) if rows else None


async def open_ones(connection: Connection) -> tuple[Checkpoint, ...]:
    """What waits for an answer, oldest first."""
    wanted = _checkpoints.c.state == CheckpointState.OPEN.value
    return await _all(connection, sa.select(_checkpoints).where(wanted))


async def of_run(connection: Connection, run: RunId) -> tuple[Checkpoint, ...]:
    """Every checkpoint of one run, oldest first."""
    return await _all(connection, sa.select(_checkpoints).where(_checkpoints.c.run == run))


async def _all(connection: Connection, query: sa.Select[Any]) -> tuple[Checkpoint, ...]:
    return tuple(_checkpoint(row) for row in await connection.rows(query.order_by(*_OLDEST_FIRST)))


def _values(checkpoint: Checkpoint) -> dict[str, Any]:
    return {
        "id": checkpoint.id,
        "project": checkpoint.project,
        "run": checkpoint.run,
        "call": checkpoint.call,
        "kind": checkpoint.kind.value,
        "title": checkpoint.title,
        "act": checkpoint.act,
        "act_hash": checkpoint.act_hash,
        "options": checkpoint.options,
        "opened": checkpoint.opened,
        "state": checkpoint.state.value,
        "answer": checkpoint.answer,
        "decided_by": checkpoint.decided_by,
        "command_class": checkpoint.command_class,
        "denied_before": checkpoint.denied_before,
        "why": checkpoint.why,
        "kinds": tuple(kind.text for kind in checkpoint.kinds),
    }


def _checkpoint(row: Row[Any]) -> Checkpoint:
    return Checkpoint(
        id=CheckpointId(row.id),
        project=ProjectId(row.project),
        run=RunId(row.run),
        call=CallId(row.call),
        kind=CheckpointKind(row.kind),
        title=row.title,
        act=row.act,
        act_hash=row.act_hash,
        options=row.options,
        opened=row.opened,
        state=CheckpointState(row.state),
        answer=row.answer,
        decided_by=row.decided_by,
        command_class=row.command_class,
        denied_before=row.denied_before,
        why=row.why,
        kinds=tuple(kind_of(text) for text in row.kinds),
    )
