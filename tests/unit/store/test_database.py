from __future__ import annotations

import asyncio
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy

from studio.domain.errors import NotFound, StoreError
from studio.store import projects
from studio.store.database import Database
from tests.fixtures.memory import a_project


async def names(database: Database) -> list[str]:
    async with database.reading() as connection:
        return [project.name for project in await projects.all_projects(connection)]


async def test_a_transaction_is_saved_as_a_whole(database: Database) -> None:
    async with database.transaction() as connection:
        await projects.add(connection, a_project("one"))
        await projects.add(connection, a_project("two"))
        assert await names(database) == []
    assert await names(database) == ["one", "two"]


async def test_a_transaction_that_raises_leaves_nothing(database: Database) -> None:
    async def change_my_mind() -> None:
        async with database.transaction() as connection:
            await projects.add(connection, a_project())
            raise ValueError("changed my mind")

    with pytest.raises(ValueError, match="changed my mind"):
        await change_my_mind()
    assert await names(database) == []


async def test_what_fails_at_the_commit_leaves_nothing_and_frees_the_writer(database: Database) -> None:
    def fail(_: sqlalchemy.Connection) -> None:
        raise ValueError("too late")

    told: list[str] = []

    async def write() -> None:
        async with database.transaction() as connection:
            await projects.add(connection, a_project())
            connection.at_commit(fail)
            connection.after_commit(lambda: told.append("saved"))

    with pytest.raises(ValueError, match="too late"):
        await write()
    assert told == []
    async with database.transaction() as connection:
        await projects.add(connection, a_project("next"))
    assert await names(database) == ["next"]


async def test_a_task_cancelled_within_a_transaction_rolls_it_back(database: Database) -> None:
    begun = asyncio.Event()

    async def write() -> None:
        async with database.transaction() as connection:
            await projects.add(connection, a_project("half"))
            begun.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(write())
    await begun.wait()
    task.cancel()
    await asyncio.wait({task})
    assert task.cancelled()
    async with database.transaction() as connection:
        await projects.add(connection, a_project("after"))
    assert await names(database) == ["after"]


@pytest.mark.parametrize("turns", range(12))
async def test_a_task_cancelled_at_any_moment_saves_all_or_nothing_and_knows_which(
    database: Database, turns: int
) -> None:
    told: list[str] = []

    async def write() -> None:
        async with database.transaction() as connection:
            await projects.add(connection, a_project("one"))
            await projects.add(connection, a_project("two"))
            connection.after_commit(lambda: told.append("saved"))

    task = asyncio.create_task(write())
    for _ in range(turns):
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait({task})
    assert await names(database) == (["one", "two"] if told else [])
    async with database.transaction() as connection:
        await projects.add(connection, a_project("three"))


async def test_a_task_cancelled_during_the_commit_still_tells_that_it_was_saved(database: Database) -> None:
    told: list[str] = []
    committing, go_on = threading.Event(), threading.Event()

    def hold(_: sqlalchemy.Connection) -> None:
        committing.set()
        assert go_on.wait(10)

    async def write() -> None:
        async with database.transaction() as connection:
            await projects.add(connection, a_project("kept"))
            connection.at_commit(hold)
            connection.after_commit(lambda: told.append("saved"))

    task = asyncio.create_task(write())
    await asyncio.to_thread(committing.wait, 10)
    task.cancel()
    await asyncio.sleep(0)
    go_on.set()
    await asyncio.wait({task})
    assert task.cancelled()
    assert told == ["saved"]
    assert await names(database) == ["kept"]


async def test_a_reader_sees_one_moment(database: Database) -> None:
    async with database.reading() as connection:
        assert await projects.all_projects(connection) == ()
        async with database.transaction() as writing:
            await projects.add(writing, a_project())
        assert await projects.all_projects(connection) == ()
    assert await names(database) == ["shop"]


async def test_more_readers_than_seats_all_get_their_turn(database: Database) -> None:
    assert await asyncio.gather(*(names(database) for _ in range(20))) == [[]] * 20


async def test_a_reader_cannot_write(database: Database) -> None:
    with pytest.raises(StoreError):
        async with database.reading() as connection:
            await projects.add(connection, a_project())


def count(connection: sqlalchemy.Connection) -> int:
    found: int = connection.exec_driver_sql("SELECT count(*) FROM projects").scalar_one()
    return found


async def test_a_look_sees_what_was_saved_before_it_also_by_another_connection(database: Database) -> None:
    assert await database.look(count) == 0
    async with database.transaction() as connection:
        await projects.add(connection, a_project())
        assert await database.look(count) == 0
    assert await database.look(count) == 1
    with closing(sqlite3.connect(database.path)) as other:
        other.execute("DELETE FROM projects")
        other.commit()
    assert await database.look(count) == 0


async def test_whoever_looks_cannot_write_and_leaves_the_connection_as_it_was(database: Database) -> None:
    def write(connection: sqlalchemy.Connection) -> None:
        connection.exec_driver_sql("DELETE FROM projects")

    with pytest.raises(StoreError):
        await database.look(write)
    assert await names(database) == []


async def test_more_who_look_than_seats_all_get_their_turn(database: Database) -> None:
    assert await asyncio.gather(*(database.look(count) for _ in range(20))) == [0] * 20


async def test_whoever_stops_looking_leaves_the_seat_to_the_next(database: Database) -> None:
    looks = [asyncio.create_task(database.look(count)) for _ in range(8)]
    await asyncio.sleep(0)
    for look in looks:
        look.cancel()
    await asyncio.gather(*looks, return_exceptions=True)
    assert await asyncio.gather(*(names(database) for _ in range(8))) == [[]] * 8


async def test_writers_are_served_in_the_order_they_came(database: Database) -> None:
    served: list[int] = []

    async def write(number: int) -> None:
        async with database.transaction() as connection:
            await projects.add(connection, a_project(f"p{number}"))
            served.append(number)

    await asyncio.gather(*(write(number) for number in range(10)))
    assert served == list(range(10))


async def test_a_transaction_within_a_transaction_is_a_mistake_that_shows(database: Database) -> None:
    async with database.transaction():
        with pytest.raises(RuntimeError, match="within a transaction"):
            async with database.transaction():
                pass


async def test_a_connection_is_of_no_use_after_its_transaction(database: Database) -> None:
    async with database.transaction() as connection:
        pass
    with pytest.raises(RuntimeError, match="has ended"):
        await projects.all_projects(connection)


async def test_another_process_that_keeps_writing_is_named(tmp_path: Path) -> None:
    database = await Database.open(tmp_path / "studio.db", busy_seconds=0.05)

    async def write() -> None:
        async with database.transaction() as connection:
            await projects.add(connection, a_project())

    with closing(sqlite3.connect(database.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="Another process is writing") as caught:
            await write()
        assert caught.value.retryable
        other.execute("ROLLBACK")
    await write()
    assert await names(database) == ["shop"]
    await database.close()


async def test_a_full_disk_is_named_and_nothing_is_lost(database: Database) -> None:
    def grow_no_further(connection: sqlalchemy.Connection) -> None:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")

    def grow_again(connection: sqlalchemy.Connection) -> None:
        connection.exec_driver_sql("PRAGMA max_page_count = 1000000")

    async def write(name: str) -> None:
        async with database.transaction() as connection:
            await projects.add(connection, a_project(name))

    await write("before")
    async with database.transaction() as connection:
        await connection.run(grow_no_further)
    with pytest.raises(StoreError, match="disk that holds Studio's data is full") as caught:
        await write("x" * 100_000)
    assert caught.value.retryable
    async with database.transaction() as connection:
        await connection.run(grow_again)
    await write("later")
    assert await names(database) == ["before", "later"]


async def test_a_closed_database_says_so(tmp_path: Path) -> None:
    database = await Database.open(tmp_path / "studio.db")
    await database.close()
    await database.close()
    with pytest.raises(RuntimeError, match="closed"):
        await names(database)
    with pytest.raises(RuntimeError, match="closed"):
        await database.look(count)


async def test_closing_waits_for_what_is_being_written(tmp_path: Path) -> None:
    database = await Database.open(tmp_path / "studio.db")
    async with database.transaction() as connection:
        await projects.add(connection, a_project("last"))
        closing_down = asyncio.create_task(database.close())
        await asyncio.sleep(0)
    await closing_down
    again = await Database.open(tmp_path / "studio.db")
    assert await names(again) == ["last"]
    await again.close()


async def test_what_was_saved_is_there_after_closing_and_opening(tmp_path: Path) -> None:
    path = tmp_path / "Daten ü" / "studio 100%?.db"
    path.parent.mkdir()
    database = await Database.open(path)
    project = a_project(path=Path("/home/ada/Läden und mehr/\udcff"))
    async with database.transaction() as connection:
        await projects.add(connection, project)
    await database.close()
    again = await Database.open(path)
    async with again.reading() as connection:
        assert await projects.by_path(connection, project.path) == project
        with pytest.raises(NotFound):
            await projects.get(connection, a_project().id)
    await again.close()


async def test_closing_leaves_no_thread_and_no_side_file(tmp_path: Path) -> None:
    before = threading.active_count()
    database = await Database.open(tmp_path / "studio.db")
    await asyncio.gather(*(names(database) for _ in range(8)))
    async with database.transaction() as connection:
        await projects.add(connection, a_project())
    await database.close()
    left = [thread.name for thread in threading.enumerate() if thread.name.startswith("store-")]
    assert left == []
    assert threading.active_count() <= before + 1  # the loop's own helper thread
    assert [path.name for path in tmp_path.iterdir()] == ["studio.db"]
