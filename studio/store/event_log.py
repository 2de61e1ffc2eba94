"""The event log as saved: append, and read from a number on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Column, Integer, Row, Table

from studio.domain.clock import to_text
from studio.domain.codec import EVENT_KINDS, from_payload
from studio.domain.errors import StoreError
from studio.domain.events import ModelFailed, Recorded, TurnEnded, TurnStarted
from studio.domain.ids import ProjectId, RunId, TaskId
from studio.domain.within import Within
from studio.store.connection import Connection
from studio.store.tables import Moment, metadata
from studio.store.text import Text

_events = Table(
    "events",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("time", Moment, nullable=False),
    Column("project", Text),
    Column("run", Text),
    Column("kind", Text, nullable=False),
    Column("payload", Text, nullable=False),
    Column("mark", Text, nullable=False, server_default=""),
)

_INSERT = "INSERT INTO events (seq, time, project, run, kind, payload, mark) VALUES (?, ?, ?, ?, ?, ?, ?)"
_ROWS = "SELECT seq, time, project, run, kind, payload, mark FROM events WHERE run = ? ORDER BY seq"
_LAST = "SELECT coalesce(max(seq), 0) FROM events"


# The same words as those of the index of these events, which SQLite otherwise takes for another condition.
_FOR_FIGURES = sa.text("kind IN ('turn_ended', 'model_failed')")


@dataclass(frozen=True, slots=True)
class FailedTries:
    """How often calls of one model failed in one way, and what that cost as far as it is known."""

    model: str
    fault: str
    tries: int
    cost_nusd: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One event on its way into the log; the payload is JSON values."""

    kind: str
    payload: dict[str, Any]


def append(
    connection: sa.Connection, time: datetime, project: ProjectId | None, run: RunId | None, entries: Sequence[Entry]
) -> int:
    """Writes events after all others and gives the first one's number; the rest follow without a gap.

    Runs on the connection's own thread: hand it to `Connection.run` or `Connection.at_commit`.
    """
    if not connection.in_transaction():
        connection.begin()
    when = to_text(time)
    # Asked of the driver: every fact comes by here, and the way through the engine costs more than the insert.
    cursor = connection.connection.cursor()
    try:
        cursor.execute(_LAST)
        [[last]] = cursor.fetchall()
        first = int(last) + 1
        rows = [
            (first + at, when, project, run, entry.kind, json.dumps(entry.payload, separators=(",", ":")))
            for at, entry in enumerate(entries)
        ]
        cursor.executemany(_INSERT, [(*row, _mark(row)) for row in rows])
    finally:
        cursor.close()
    return first


async def changed(connection: Connection, run: RunId) -> tuple[int, ...]:
    """The numbers of the events of a run that are not as they were recorded, in order.

    It finds what went wrong on a disk or was changed in passing; whoever knows how a mark is made can make another.
    """
    return await connection.run(_changed, run)


async def since(
    connection: Connection,
    seq: int,
    *,
    run: RunId | None = None,
    project: ProjectId | None = None,
    kinds: Sequence[str] | None = None,
    limit: int | None = None,
) -> tuple[Recorded, ...]:
    """Events with a number above `seq` in order, at most `limit`; only of `run`, `project`, `kinds` where given."""
    query = sa.select(_events).where(_events.c.seq > seq).order_by(_events.c.seq)
    if run is not None:
        query = query.where(_events.c.run == run)
    if project is not None:
        query = query.where(_events.c.project == project)
    if kinds is not None:
        query = query.where(_events.c.kind.in_(kinds))
    if limit is not None:
        query = query.limit(limit)
    return await connection.run(_read, query)


async def newest(connection: Connection, run: RunId, count: int) -> tuple[Recorded, ...]:
    """The first event of a run, and its newest: `count` (all if fewer), and those before them in their turn."""
    of_run = _events.c.run == run
    newest = sa.select(_events.c.seq).where(of_run).order_by(_events.c.seq.desc()).limit(count).subquery()
    least = sa.select(sa.func.min(newest.c.seq)).scalar_subquery()
    begun = of_run & (_events.c.kind == TurnStarted.kind) & (_events.c.seq <= least)
    # The message that begins a turn is the event right before it: both are written at once.
    turn = sa.select(sa.func.coalesce(sa.func.max(_events.c.seq), 0) - 1).where(begun).scalar_subquery()
    first = sa.select(sa.func.min(_events.c.seq)).where(of_run).scalar_subquery()
    query = sa.select(_events).where(of_run & ((_events.c.seq >= turn) | (_events.c.seq == first)))
    return await connection.run(_read, query.order_by(_events.c.seq))


async def of_task(connection: Connection, project: ProjectId, kind: str, task: TaskId) -> tuple[Recorded, ...]:
    """Events of one kind that are about one task of a project, in order."""
    about = sa.func.json_extract(_events.c.payload, "$.task") == task
    query = sa.select(_events).where((_events.c.project == project) & (_events.c.kind == kind) & about)
    return await connection.run(_read, query.order_by(_events.c.seq))


async def moments(
    connection: Connection, kind: str, since: datetime
) -> tuple[tuple[datetime, ProjectId | None, RunId | None], ...]:
    """When events of one kind happened since then, and whom each concerned, in order."""
    query = sa.select(_events.c.time, _events.c.project, _events.c.run).order_by(_events.c.seq)
    rows = await connection.rows(query.where((_events.c.kind == kind) & (_events.c.time >= since)))
    return tuple(
        (row.time, ProjectId(row.project) if row.project else None, RunId(row.run) if row.run else None) for row in rows
    )


async def newest_of(connection: Connection, kind: str, project: ProjectId, count: int) -> tuple[Recorded, ...]:
    """The newest events of one kind in a project, the newest first, at most `count`."""
    query = sa.select(_events).where((_events.c.project == project) & (_events.c.kind == kind))
    return await connection.run(_read, query.order_by(_events.c.seq.desc()).limit(count))


async def last_of(connection: Connection, kinds: Collection[str]) -> Recorded | None:
    """The newest event of these kinds anywhere; None while there is none."""
    query = sa.select(_events).where(_events.c.kind.in_(kinds)).order_by(_events.c.seq.desc()).limit(1)
    found = await connection.run(_read, query)
    return found[0] if found else None


async def has_since_end(connection: Connection, run: RunId, kinds: Collection[str]) -> bool:
    """Whether anything of these kinds happened anywhere since a turn of the run ended last."""
    ended = sa.select(sa.func.max(_events.c.seq)).where(_events.c.run == run, _events.c.kind == TurnEnded.kind)
    query = sa.select(_events.c.seq).where(_events.c.seq > ended.scalar_subquery(), _events.c.kind.in_(kinds))
    return bool(await connection.rows(query.limit(1)))


async def mentions(
    connection: Connection, kind: str, field: str, project: ProjectId | None = None
) -> dict[str, tuple[int, datetime]]:
    """How many events of one kind name each entry of their list `field`, and when the newest of them happened."""
    each = sa.func.json_each(_events.c.payload, f"$.{field}").table_valued("value")
    query = sa.select(each.c.value, sa.func.count().label("times"), sa.func.max(_events.c.time).label("last"))
    query = query.select_from(_events.join(each, sa.true())).where(_events.c.kind == kind).group_by(each.c.value)
    if project is not None:
        query = query.where(_events.c.project == project)
    return {str(row.value): (int(row.times), row.last) for row in await connection.rows(query)}


def last_ends(since: datetime | None) -> sa.Subquery:
    """The last end of each turn that ended from `since` on, to be joined: its `turn` and the `outcome`."""
    turn, outcome = _field("turn"), _field("outcome")
    # SQLite takes the outcome from the row with the greatest number.
    query = sa.select(turn.label("turn"), outcome.label("outcome"), sa.func.max(_events.c.seq)).group_by(turn)
    query = query.where(_FOR_FIGURES, _events.c.kind == TurnEnded.kind)
    return (query if since is None else query.where(_events.c.time >= since)).subquery("ends")


async def failures(connection: Connection, within: Within) -> tuple[FailedTries, ...]:
    """How often each model failed, by what went wrong, the most frequent first."""
    model, fault, cost = _field("model"), _field("fault"), _field("cost_nusd")
    query = sa.select(model.label("model"), fault.label("fault"), sa.func.count().label("tries"))
    query = query.add_columns(sa.func.coalesce(sa.func.sum(cost), 0).label("cost_nusd"))
    query = query.where(_FOR_FIGURES, _events.c.kind == ModelFailed.kind)
    for value, condition in (
        (within.project, _events.c.project.__eq__),
        (within.since, _events.c.time.__ge__),
        (within.until, _events.c.time.__lt__),
    ):
        if value is not None:
            query = query.where(condition(value))
    query = query.group_by(model, fault).order_by(sa.func.count().desc(), model, fault)
    return tuple(FailedTries(**row._mapping) for row in await connection.rows(query))


async def last_seq(connection: Connection) -> int:
    """The newest event's number; 0 while there is none."""
    return int((await connection.rows(sa.text(_LAST)))[0][0])


def _field(name: str) -> sa.Function[Any]:
    return sa.func.json_extract(_events.c.payload, f"$.{name}")


def _read(connection: sa.Connection, query: sa.Select[Any]) -> tuple[Recorded, ...]:
    # Reading many events takes its time in decoding them, which therefore is done off the loop too.
    return tuple(_recorded(row) for row in connection.execute(query))


def _changed(connection: sa.Connection, run: RunId) -> tuple[int, ...]:
    rows = connection.exec_driver_sql(_ROWS, (str(run),))
    # Those that an older Studio recorded have no mark.
    return tuple(row[0] for *row, mark in rows if mark and mark != _mark(tuple(row)))


def _mark(row: tuple[Any, ...]) -> str:
    """What stands for all that is saved of an event."""
    told = "\0".join("" if value is None else str(value) for value in row)
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _recorded(row: Row[Any]) -> Recorded:
    if row.kind not in EVENT_KINDS:
        raise StoreError(f"Event {row.seq} is of a kind that this Studio does not know: {row.kind}.", "Update Studio.")
    return Recorded(
        seq=row.seq,
        time=row.time,
        project=ProjectId(row.project) if row.project else None,
        run=RunId(row.run) if row.run else None,
        event=from_payload(row.kind, json.loads(row.payload)),
    )
