from __future__ import annotations

import asyncio
import json
import os
import shutil
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from studio.domain.errors import StoreError
from studio.domain.ids import ProjectId
from studio.store import (
    answers,
    briefs,
    budgets,
    checkpoints,
    connections,
    event_log,
    fitness,
    hosts,
    mail,
    networks,
    outputs,
    paid,
    projects,
    reservations,
    rules,
    runs,
    tasks,
    usage,
)
from studio.store.database import Database
from studio.store.migrate import SCRIPTS, upgrade
from studio.store.opening import SCHEMA
from studio.store.tables import metadata
from tests.fixtures.memory import a_project

NOUNS = (
    *(answers, briefs, budgets, reservations, checkpoints, event_log, fitness, mail),
    *(connections, hosts, networks),
    *(outputs, paid, projects, rules, runs, tasks, usage),
)

EVENT = "seq, time, project, run, kind, payload"

NEXT = """
import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "{before}"

def upgrade():
    op.add_column("projects", sa.Column("colour", sa.Text))
    {end}
"""


async def opened_and_closed(path: Path) -> None:
    database = await Database.open(path)
    await database.close()


def left_open(path: Path, to: Path) -> None:
    """Copies a database as a killed process would leave it: with its write-ahead log."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE IF NOT EXISTS scratch (x)")
        connection.commit()
        for end in ("", "-wal"):
            shutil.copy(f"{path}{end}", f"{to}{end}")


async def test_a_missing_database_is_made_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "new" / "studio.db"
    await opened_and_closed(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["studio.db"]


async def test_two_that_make_it_at_once_end_up_with_one(tmp_path: Path) -> None:
    path = tmp_path / "studio.db"
    one, two = await asyncio.gather(Database.open(path), Database.open(path))
    async with one.transaction() as connection:
        await projects.add(connection, a_project())
    async with two.reading() as connection:
        assert len(await projects.all_projects(connection)) == 1
    await one.close()
    await two.close()


async def test_an_empty_file_is_a_loss_and_not_a_new_start(tmp_path: Path) -> None:
    path = tmp_path / "studio.db"
    path.touch()
    with pytest.raises(StoreError, match="lost its content"):
        await Database.open(path)
    assert path.stat().st_size == 0


async def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    path = tmp_path / "studio.db"
    path.write_bytes(b"not a database at all, but long enough to look at" * 100)
    with pytest.raises(StoreError, match="is not a database any more"):
        await Database.open(path)


async def test_somebody_elses_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "studio.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE songs (title)")
    with pytest.raises(StoreError, match="not one of Studio's"):
        await Database.open(path)


async def test_damage_is_found_after_an_unclean_end(tmp_path: Path) -> None:
    path, damaged = tmp_path / "studio.db", tmp_path / "damaged.db"
    await opened_and_closed(path)
    left_open(path, damaged)
    await opened_and_closed(damaged)
    left_open(path, damaged)
    with damaged.open("r+b") as file:
        file.seek(3 * 4096)
        file.write(os.urandom(4096))
    with pytest.raises(StoreError, match="is damaged"):
        await Database.open(damaged)


async def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="cannot use its data folder"):
        await Database.open(tmp_path / "file" / "studio.db")


async def test_a_newer_database_is_refused_untouched(tmp_path: Path) -> None:
    path = tmp_path / "studio.db"
    await opened_and_closed(path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    before = path.read_bytes()
    with pytest.raises(StoreError, match="newer Studio") as caught:
        await Database.open(path)
    assert "Update Studio" in caught.value.action
    assert path.read_bytes() == before


async def test_an_older_database_is_copied_before_it_is_migrated(tmp_path: Path) -> None:
    path = tmp_path / "studio.db"
    await opened_and_closed(path)
    with closing(sqlite3.connect(path)) as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            if name != "alembic_version":
                connection.execute(f"DROP TABLE {name}")
        connection.execute("CREATE TABLE keepsake (x)")
        connection.execute("UPDATE alembic_version SET version_num = '0000'")
        connection.commit()
    with pytest.raises(Exception, match="0000"):  # there is no such older schema yet, so migrating it fails
        await Database.open(path)
    [copy] = (tmp_path / "backups").iterdir()
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("SELECT count(*) FROM keepsake").fetchone() == (0,)


@pytest.mark.parametrize("end", ["pass", "raise ValueError('half-way')"])
async def test_a_migration_takes_effect_as_a_whole_or_not_at_all(tmp_path: Path, end: str) -> None:
    path, scripts = tmp_path / "studio.db", tmp_path / "scripts 100%"
    await opened_and_closed(path)
    shutil.copytree(SCRIPTS, scripts, ignore=shutil.ignore_patterns("__pycache__"))
    (scripts / "versions" / "9999_colours.py").write_text(NEXT.format(end=end, before=SCHEMA))
    if end == "pass":
        upgrade(path, scripts)
    else:
        with pytest.raises(ValueError, match="half-way"):
            upgrade(path, scripts)
    with closing(sqlite3.connect(path)) as connection:
        columns = [row[1] for row in connection.execute("PRAGMA table_info(projects)")]
        version = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    assert ("colour" in columns, version[0]) == ((True, "9999") if end == "pass" else (False, SCHEMA))


async def test_a_folder_from_before_whole_outputs_were_kept_opens_with_all_it_held(tmp_path: Path) -> None:
    path, first = tmp_path / "studio.db", tmp_path / "first"
    shutil.copytree(SCRIPTS, first, ignore=lambda _, names: [name for name in names if "0002" <= name < "a"])
    upgrade(path, first)
    with closing(sqlite3.connect(path)) as older, older:
        older.execute("INSERT INTO projects VALUES ('p1', 'shop', '/home/ada/shop', '2026-01-01', 0)")
    database = await Database.open(path)
    async with database.transaction() as connection:
        await outputs.save(connection, ProjectId("p1"), "abc", "all of it")
        assert await outputs.get(connection, ProjectId("p1"), "abc") == "all of it"
    await database.close()


async def test_a_folder_from_before_tries_were_counted_tells_of_those_that_its_log_knows(tmp_path: Path) -> None:
    path, first = tmp_path / "studio.db", tmp_path / "first"
    shutil.copytree(SCRIPTS, first, ignore=lambda _, names: [name for name in names if "0016" <= name < "a"])
    upgrade(path, first)
    cut, refused, resting = (
        {"turn": "t1", "step": 2, "model": "groq/small", "fault": fault, **more}
        for fault, more in (
            ("broken_stream", {"input": 700, "output": 9, "milliseconds": 812.5}),
            ("auth", {"milliseconds": 90.25, "role": "engineer"}),
            ("resting", {}),
        )
    )
    with closing(sqlite3.connect(path)) as older, older:
        for at, payload in enumerate((cut, refused, resting), 1):
            event = (at, "2026-01-01T00:00:00.000000Z", "p1", "r1", "model_failed", json.dumps(payload))
            older.execute(
                "INSERT INTO events (seq, time, project, run, kind, payload) VALUES (?, ?, ?, ?, ?, ?)", event
            )
        for step, tokens, took in ((1, 500, 400.0), (2, 700, 812.5), (3, 0, 0.0)):
            older.execute(
                "INSERT INTO usage (time, project, run, turn, step, role, provider, model, input, output, cache_read,"
                " cache_write, milliseconds, brief, task) VALUES ('2026-01-01T00:00:00.000000Z', 'p1', 'r1', 't1', ?,"
                " 'engineer', 'groq', 'small', ?, 0, 0, 0, ?, '', '')",
                (step, tokens, took),
            )
    await opened_and_closed(path)
    with closing(sqlite3.connect(path)) as newer:
        found = newer.execute("SELECT step, provider, model, outcome, milliseconds FROM usage ORDER BY id").fetchall()
    assert [row[:1] + row[3:] for row in found] == [
        (1, "ok", 400.0),
        (2, "broken_stream", 812.5),
        (3, "cached", 0.0),
        (2, "auth", 90.25),
    ]
    assert {row[1:3] for row in found} == {("groq", "small")}


async def test_the_tables_made_are_the_tables_declared(tmp_path: Path) -> None:
    path = tmp_path / "studio.db"
    await opened_and_closed(path)
    assert len(metadata.tables) == len(NOUNS)
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection)
        differences = [found for found in compare_metadata(context, metadata) if not is_index(found)]
    engine.dispose()
    assert differences == []


def is_index(found: object) -> bool:
    """Indexes are declared by the migrations alone."""
    return isinstance(found, tuple) and isinstance(found[1], sqlalchemy.Index)


def test_the_newest_migration_is_the_schema_the_program_expects() -> None:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    assert ScriptDirectory.from_config(config).get_current_head() == SCHEMA
