"""Migrate: brings a database file to the newest schema, in one transaction."""

from __future__ import annotations

import threading
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import URL, Connection, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from studio.store.faults import store_error

# Alembic keeps the migration under way in module globals.
_ONE_AT_A_TIME = threading.Lock()

SCRIPTS = Path(__file__).parent / "migrations"


def upgrade(path: Path, scripts: Path = SCRIPTS) -> None:
    """Runs every migration in `scripts` that the database at `path` has not seen; all or none take effect.

    Raises StoreError.
    """
    engine = create_engine(
        URL.create("sqlite", database=str(path)), poolclass=NullPool, connect_args={"isolation_level": None}
    )
    event.listen(engine, "begin", _begin)
    config = Config()
    config.set_main_option("script_location", str(scripts).replace("%", "%%"))
    try:
        with _ONE_AT_A_TIME, engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except DBAPIError as error:
        raise store_error(error.orig or error) from error


def _begin(connection: Connection) -> None:
    # Changes of the schema take part in a transaction only when it was begun before them.
    connection.exec_driver_sql("BEGIN IMMEDIATE")
