from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from studio.domain.errors import StoreError
from studio.domain.events import MessagePosted, ProjectAdded, Recorded, RunStarted, TurnStarted
from studio.domain.ids import ProjectId, RunId
from studio.domain.messages import Speaker
from studio.events.recorder import Recorder
from studio.store import event_log
from studio.store.database import Database
from tests.fixtures.memory import a_fact

SHOP, BANK = ProjectId("p1"), ProjectId("p2")
ONE, TWO = RunId("r1"), RunId("r2")


async def filled(recorder: Recorder) -> None:
    await recorder.record(SHOP, None, ProjectAdded("shop", "/shop"))
    await recorder.record(SHOP, ONE, MessagePosted(Speaker.HUMAN, "hello \ud800 \x00 ü"), a_fact(1))
    await recorder.record(SHOP, TWO, a_fact(2))
    await recorder.record(BANK, RunId("r3"), a_fact(3), a_fact(4))


async def read(database: Database, seq: int = 0, **wanted: object) -> tuple[Recorded, ...]:
    async with database.reading() as connection:
        return await event_log.since(connection, seq, **wanted)  # type: ignore[arg-type]  # the tests name them


async def test_numbers_run_from_one_without_a_gap(recorder: Recorder, database: Database) -> None:
    await filled(recorder)
    assert [item.seq for item in await read(database)] == [1, 2, 3, 4, 5, 6]
    async with database.reading() as connection:
        assert await event_log.last_seq(connection) == 6


async def test_an_empty_log_has_no_last_number(database: Database) -> None:
    async with database.reading() as connection:
        assert await event_log.last_seq(connection) == 0


async def test_what_a_model_may_write_comes_back_as_it_was(recorder: Recorder, database: Database) -> None:
    await filled(recorder)
    assert (await read(database))[1].event == MessagePosted(Speaker.HUMAN, "hello \ud800 \x00 ü")


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"seq": 4}, [5, 6]),
        ({"run": ONE}, [2, 3]),
        ({"project": SHOP}, [1, 2, 3, 4]),
        ({"kinds": ("project_added", "message_posted")}, [1, 2]),
        ({"seq": 1, "limit": 2}, [2, 3]),
        ({"seq": 1, "run": ONE, "kinds": ["tool_started"]}, [3]),
        ({"seq": 6}, []),
    ],
)
async def test_the_log_is_read_by_what_is_wanted(
    recorder: Recorder, database: Database, wanted: dict[str, object], found: list[int]
) -> None:
    await filled(recorder)
    assert [item.seq for item in await read(database, **wanted)] == found  # type: ignore[arg-type]  # as above


async def test_the_newest_of_a_run_come_with_its_start_and_the_whole_turn_they_are_in(
    recorder: Recorder, database: Database
) -> None:
    start = RunStarted("Do", "engineer", "ollama/m", "main", "a", "b", "ask")
    await recorder.record(SHOP, ONE, start, MessagePosted(Speaker.HUMAN, "Do", "t1"), TurnStarted("t1"))
    await recorder.record(SHOP, ONE, *(a_fact(number) for number in range(5)))
    await recorder.record(SHOP, TWO, a_fact(9))
    await recorder.record(SHOP, ONE, MessagePosted(Speaker.HUMAN, "More", "t2"), TurnStarted("t2"))
    await recorder.record(SHOP, ONE, *(a_fact(number) for number in range(5)))

    async def newest(count: int) -> list[int]:
        async with database.reading() as connection:
            return [item.seq for item in await event_log.newest(connection, ONE, count)]

    assert await newest(3) == [1, *range(10, 17)]
    assert await newest(9) == [1, 2, 3, 4, 5, 6, 7, 8, *range(10, 17)]
    assert len(await newest(100)) == 15


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET kind = 'turn_ended'",
        "DELETE FROM events",
        "INSERT OR REPLACE INTO events (seq, time, kind, payload) VALUES (1, '', '', '{}')",
    ],
)
async def test_what_happened_can_be_neither_changed_nor_removed(
    recorder: Recorder, database: Database, statement: str
) -> None:
    await filled(recorder)
    with closing(sqlite3.connect(database.path)) as other, pytest.raises(sqlite3.IntegrityError, match="append-only"):
        other.execute(statement)
    assert len(await read(database)) == 6


async def test_an_event_of_a_later_version_is_named(recorder: Recorder, database: Database) -> None:
    with closing(sqlite3.connect(database.path)) as other, other:
        other.execute(
            "INSERT INTO events (seq, time, kind, payload) VALUES (1, '2030-01-01T00:00:00.000000Z', 'tea_made', '{}')"
        )
    with pytest.raises(StoreError, match="tea_made"):
        await read(database)
