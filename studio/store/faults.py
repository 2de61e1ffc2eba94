"""Faults of the database, mapped once to sentences for people."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError

from studio.domain.errors import StoreError

_SENTENCES: dict[str, tuple[str, str, bool]] = {
    "SQLITE_FULL": ("The disk that holds Studio's data is full.", "Free some space, then try again.", True),
    "SQLITE_BUSY": ("Another process is writing to Studio's data just now.", "Try again in a moment.", True),
    "SQLITE_READONLY": ("Studio may not write to its data folder.", "Make the folder and its files writable.", False),
    "SQLITE_CANTOPEN": ("Studio cannot open its database.", "See that the data folder exists and is writable.", False),
    "SQLITE_IOERR": ("The disk that holds Studio's data failed.", "Check the disk, then start Studio again.", True),
    "SQLITE_CORRUPT": ("Studio's database is damaged.", "Bring it back from a backup.", False),
    "SQLITE_NOTADB": ("Studio's database is not a database any more.", "Bring it back from a backup.", False),
}
"""First part of SQLite's own error name -> sentence, next action, whether trying again can help."""


@contextmanager
def as_store_errors() -> Iterator[None]:
    """Raises what the outside does to the database as StoreError; our own mistakes fly on as they are."""
    try:
        yield
    except (IntegrityError, ProgrammingError, sqlite3.IntegrityError, sqlite3.ProgrammingError):
        raise
    except DBAPIError as error:
        raise store_error(error.orig or error) from error
    except sqlite3.Error as error:
        raise store_error(error) from error


def store_error(error: BaseException) -> StoreError:
    """The StoreError for one of SQLite's."""
    name = getattr(error, "sqlite_errorname", "")
    for start, (sentence, action, retryable) in _SENTENCES.items():
        if name.startswith(start):
            return StoreError(f"{sentence} ({error})", action, retryable=retryable)
    return StoreError(f"Studio's database failed: {error}.", "Try again; the program's log says more.")
