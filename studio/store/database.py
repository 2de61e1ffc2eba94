"""Database: one SQLite file with one writer and a few readers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Concatenate, ParamSpec, Self, TypeVar

import sqlalchemy
from sqlalchemy import URL, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry, NullPool

from studio.base.aio import in_thread
from studio.store.connection import Act, Connection, InThread
from studio.store.opening import prepare
from studio.store.worker import Worker, settled

P = ParamSpec("P")
R = TypeVar("R")

READERS = 4
BUSY_SECONDS = 5.0

_WRITER = (
    "PRAGMA journal_mode = WAL",
    # NORMAL loses acknowledged commits in a power cut.
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
)
_READER = ("PRAGMA query_only = ON",)


class Database:
    """The open database; writing waits for its turn, reading waits for nobody that writes."""

    def __init__(self, path: Path, busy_seconds: float = BUSY_SECONDS) -> None:
        self.path = path
        self._writing = asyncio.Lock()
        self._owner: asyncio.Task[object] | None = None
        self._writer = Worker(_engine(path, "BEGIN IMMEDIATE", _WRITER, busy_seconds), "store-writer")
        self._reader_engine = _engine(path, "BEGIN", _READER, busy_seconds)
        self._seats = asyncio.Semaphore(READERS)
        self._idle: list[Worker] = []
        self._closed = False

    @classmethod
    async def open(cls, path: Path, *, attached: bool = False, busy_seconds: float = BUSY_SECONDS) -> Self:
        """Opens the database at `path`, made or migrated first where needed.

        After an unclean end its pages are checked; `attached` says that a running engine has done so.
        A writer waits `busy_seconds` for another process to finish its transaction.
        Raises StoreError when it is damaged, lost, or written by a newer Studio.
        """
        await in_thread(prepare, path, check=not attached)
        return cls(path, busy_seconds)

    async def close(self) -> None:
        """Waits for what is going on, then closes all connections; safe to call twice."""
        if self._closed:
            return
        self._closed = True
        async with self._writing:
            for _ in range(READERS):
                await self._seats.acquire()
            for worker in (*self._idle, self._writer):
                await worker.close()
            for _ in range(READERS):
                self._seats.release()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """One writer's transaction: saved as a whole at the end, or not at all when the block raises.

        A caller cancelled during the commit still learns of its outcome: all notes of `after_commit` are
        called before the cancellation is raised. Raises RuntimeError for a transaction within a transaction,
        and after `close`.
        """
        self._require_open()
        if self._owner is not None and self._owner is asyncio.current_task():
            raise RuntimeError("a transaction was begun within a transaction of the same task")
        async with self._writing:
            self._owner = asyncio.current_task()
            connection = Connection(self._writer)
            try:
                yield connection
            except BaseException:
                connection.end()
                await settled(self._writer.submit(_roll_back))
                raise
            else:
                await self._commit(connection)
            finally:
                self._owner = None

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Connection]:
        """A reader's view of one moment: what is written meanwhile does not show. Raises RuntimeError after `close`."""
        self._require_open()
        async with self._seats:
            worker = self._idle.pop() if self._idle else Worker(self._reader_engine, "store-reader")
            connection = Connection(worker)
            try:
                yield connection
            finally:
                connection.end()
                # Nobody needs to wait: the worker's next work comes after it.
                worker.submit(_roll_back)
                self._idle.append(worker)

    async def look(self, work: Callable[Concatenate[InThread, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """What `work` reads, all in one trip, as things stand now. Raises RuntimeError after `close`.

        For what is asked in every step: a third of what `reading` costs.
        """
        self._require_open()
        async with self._seats:
            worker = self._idle.pop() if self._idle else Worker(self._reader_engine, "store-reader")
            try:
                return await worker.submit(lambda connection: _look(connection, work, *args, **kwargs))
            finally:
                self._idle.append(worker)

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[Callable[[], asyncio.Future[int]]]:
        """A function that gives a number which changes whenever the file was written by another connection."""
        worker = Worker(self._reader_engine, "store-watcher")
        try:
            yield lambda: worker.submit(_data_version)
        finally:
            await worker.close()

    def _require_open(self) -> None:
        if self._closed:
            raise RuntimeError("the database is closed")

    async def _commit(self, connection: Connection) -> None:
        acts, notes = connection.end()
        committing = self._writer.submit(_commit, acts)
        try:
            await settled(committing)
        finally:
            if committing.exception() is None:
                for note in notes:
                    note()


def _engine(path: Path, begin: str, pragmas: tuple[str, ...], busy_seconds: float) -> Engine:
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        poolclass=NullPool,
        connect_args={"isolation_level": None, "timeout": busy_seconds},
    )

    def configure(dbapi: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        cursor = dbapi.cursor()
        for pragma in pragmas:
            cursor.execute(pragma)
        cursor.close()

    def start(connection: sqlalchemy.Connection) -> None:
        # The driver begins nothing by itself; asked directly, it is several times quicker than through the engine.
        cursor = connection.connection.cursor()
        cursor.execute(begin)
        cursor.close()

    event.listen(engine, "connect", configure)
    event.listen(engine, "begin", start)
    return engine


def _commit(connection: sqlalchemy.Connection, acts: tuple[Act, ...]) -> None:
    try:
        for act in acts:
            act(connection)
        connection.commit()
    except BaseException:
        connection.rollback()
        raise


def _roll_back(connection: sqlalchemy.Connection) -> None:
    connection.rollback()


def _look(connection: InThread, work: Callable[Concatenate[InThread, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
    try:
        return work(connection, *args, **kwargs)
    finally:
        connection.rollback()


def _data_version(connection: sqlalchemy.Connection) -> int:
    number: int = connection.exec_driver_sql("PRAGMA data_version").scalar_one()
    connection.rollback()
    return number
