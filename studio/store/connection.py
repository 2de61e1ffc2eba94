"""Connection: what the files of this room read and write through, within one transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Concatenate, ParamSpec, TypeVar

import sqlalchemy
from sqlalchemy import Executable, Row

from studio.store.worker import Worker

P = ParamSpec("P")
R = TypeVar("R")

Values = Mapping[str, Any]

InThread = sqlalchemy.Connection
"""The same transaction as work on the connection's own thread sees it."""

Act = Callable[[InThread], None]


class Connection:
    """One transaction's view of the database; of no use after it has ended.

    Every method is one trip to the connection's thread, and so is the commit with all that was put off until then.
    """

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self._at_commit: list[Act] = []
        self._after_commit: list[Callable[[], None]] = []
        self._ended = False

    async def rows(self, query: Executable, values: Values | None = None) -> Sequence[Row[Any]]:
        """What a query finds, with `values` for its named parameters."""
        return await self.run(_rows, query, values)

    async def change(self, statement: Executable, values: Values | None = None) -> int:
        """Changes rows and says how many; `values` are a new row's columns or the statement's parameters."""
        return await self.run(_change, statement, values)

    async def run(
        self, work: Callable[Concatenate[sqlalchemy.Connection, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Runs several statements in one trip."""
        if self._ended:
            raise RuntimeError("the transaction has ended")
        return await self._worker.submit(work, *args, **kwargs)

    def at_commit(self, act: Act) -> None:
        """Puts `act` off until just before the commit, in the same trip; when it fails, nothing is saved."""
        self._at_commit.append(act)

    def after_commit(self, note: Callable[[], None]) -> None:
        """Calls `note` on the loop once everything is saved, before the next transaction begins."""
        self._after_commit.append(note)

    def end(self) -> tuple[tuple[Act, ...], tuple[Callable[[], None], ...]]:
        """Closes the connection to further use and gives out what was put off (for the database only)."""
        self._ended = True
        return tuple(self._at_commit), tuple(self._after_commit)


def is_there(connection: InThread, query: str, values: tuple[str, ...]) -> bool:
    """Whether a plain query finds anything; asked of the driver, which answers ten times as fast as through the engine.

    Runs on the connection's own thread: hand it to `Database.look` or `Connection.run`.
    """
    cursor = connection.connection.cursor()
    try:
        cursor.execute(query, values)
        return cursor.fetchone() is not None
    finally:
        cursor.close()


def rows_of(connection: InThread, query: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """What a plain query finds, asked of the driver, for what is asked in every step.

    Runs on the connection's own thread. It begins no transaction: several of them see one moment only within one.
    """
    cursor = connection.connection.cursor()
    try:
        cursor.execute(query, values)
        return list(cursor.fetchall())
    finally:
        cursor.close()


def _rows(connection: sqlalchemy.Connection, query: Executable, values: Values | None) -> Sequence[Row[Any]]:
    return connection.execute(query, values).all()


def _change(connection: sqlalchemy.Connection, statement: Executable, values: Values | None) -> int:
    return connection.execute(statement, values).rowcount
