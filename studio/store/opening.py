"""Opening: makes sure that a database file is there, whole, and of this version, before anybody uses it."""

from __future__ import annotations

import importlib
import os
import secrets
import sqlite3
from contextlib import closing
from pathlib import Path

from studio.domain.errors import StoreError
from studio.store.faults import store_error

SCHEMA = "0020"
"""The newest migration's number: what the tables of this room's files expect."""

_RESTORE = "Bring it back from a backup, or move it away to start with an empty one."


def prepare(path: Path, *, check: bool) -> None:
    """Leaves a usable database at `path`: makes a missing one, migrates an older one after copying it.

    With `check`, the pages of a file that was not closed properly are read through. Raises StoreError.
    """
    try:
        if not path.exists():
            _make(path)
            return
        _require_whole(path, check)
        schema = _schema(path)
    except OSError as error:
        raise StoreError(
            f"Studio cannot use its data folder: {error}.", "Make it a folder you may write to."
        ) from error
    except sqlite3.Error as error:
        raise store_error(error) from error
    if schema != SCHEMA:
        _migrate(path, schema)


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    scratch = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    scratch.touch(mode=0o600)
    try:
        _upgrade(scratch)
        # The mode is part of the file; it cannot be changed later while anybody reads.
        with closing(sqlite3.connect(scratch)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
        # A file that appears under its name only when it is complete: a crash leaves no half-made database.
        os.link(scratch, path)
    except FileExistsError:
        return
    finally:
        scratch.unlink()


def _require_whole(path: Path, check: bool) -> None:
    if path.stat().st_size == 0:
        raise StoreError(f"Studio's database is empty: {path} lost its content.", _RESTORE)
    # SQLite deletes this file when the last connection closes properly.
    left_open = path.with_name(f"{path.name}-wal").exists()
    if not (check and left_open):
        return
    with closing(sqlite3.connect(path)) as connection:
        found = [str(row[0]) for row in connection.execute("PRAGMA quick_check(5)")]
    if found != ["ok"]:
        raise StoreError(f"Studio's database is damaged: {path} ({found[0]}).", _RESTORE)


def _schema(path: Path) -> str:
    with closing(sqlite3.connect(path)) as connection:
        table = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone()
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone() if table else None
    if row is None:
        raise StoreError(f"{path} is a database, but not one of Studio's.", "Move it away, then start Studio again.")
    return str(row[0])


def _migrate(path: Path, schema: str) -> None:
    if schema > SCHEMA:
        raise StoreError(
            f"The data folder was written by a newer Studio (schema {schema}, this one knows {SCHEMA}).",
            "Update Studio, or name another data folder with STUDIO_HOME.",
        )
    copy = path.parent / "backups" / f"{path.stem}-schema-{schema}-{secrets.token_hex(4)}.db"
    copy.parent.mkdir(exist_ok=True, mode=0o700)
    copy.touch(mode=0o600)
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
    _upgrade(path)


def _upgrade(path: Path) -> None:
    # Alembic takes longer to import than everything else here together, and is needed on few starts.
    importlib.import_module("studio.store.migrate").upgrade(path)
