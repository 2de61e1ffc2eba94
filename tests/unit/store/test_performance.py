"""How fast, how well and at what price models worked, from what is saved of their calls and turns."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from studio.domain.errors import ProviderFault
from studio.domain.events import UsageRecorded
from studio.domain.ids import ProjectId, RunId
from studio.domain.models import ModelRef
from studio.domain.runs import Outcome
from studio.domain.within import Within
from studio.store import event_log, performance, usage
from studio.store.database import Database
from studio.store.event_log import FailedTries
from studio.store.performance import TypicalRow
from tests.fixtures.spending import MORNING, Worked, fail, save

FAST, STRONG = "groq/small", "anthropic/claude-opus-4"
TODAY = Within(since=MORNING, until=MORNING + timedelta(days=1))


async def test_the_pace_of_a_model_is_its_middle_call_and_its_slowest_but_one_in_twenty(database: Database) -> None:
    took = [Worked(f"t{at}", FAST, milliseconds=float(at)) for at in range(1, 101)]
    async with database.transaction() as connection:
        await save(connection, [*took, Worked("t0", STRONG, milliseconds=7.0)])
    async with database.reading() as connection:
        strong, fast = await performance.tries(connection, Within())

    assert (strong.model, strong.tries, strong.median_ms, strong.slow_ms) == ("claude-opus-4", 1, 7.0, 7.0)
    assert (fast.tries, fast.median_ms, fast.slow_ms) == (100, 50.0, 95.0)
    assert fast.output_per_second is not None
    assert round(fast.output_per_second, 3) == round(100 * 100 * 1000 / sum(range(1, 101)), 3)


async def test_the_wait_for_the_first_piece_is_the_middle_one_of_replies_that_had_text(database: Database) -> None:
    waits = (*range(1, 41), None, None)
    async with database.transaction() as connection:
        await save(connection, [Worked(f"t{at}", first_token_ms=wait) for at, wait in enumerate(waits)])
    async with database.reading() as connection:
        (row,) = await performance.tries(connection, Within())

    assert (row.tries, row.first_token_ms, row.slow_first_token_ms) == (42, 20.0, 38.0)


async def test_a_failed_try_counts_as_failed_and_its_time_as_none_of_a_reply(database: Database) -> None:
    async with database.transaction() as connection:
        await save(connection, [Worked("t1", FAST, milliseconds=100.0), Worked("t2", FAST, milliseconds=300.0)])
        await fail(connection, Worked("t3", FAST), "overloaded")
        await fail(connection, Worked("t4", "groq/down"), "unreachable")
    async with database.reading() as connection:
        down, fast = await performance.tries(connection, Within())
        (provider,) = await performance.tries(connection, Within(), by="provider")

    assert (str(fast.succeeded), fast.failed, fast.median_ms) == ("2 of 3", 1, 100.0)
    assert (str(down.succeeded), down.median_ms, down.output_per_second) == ("0 of 1", None, None)
    assert (provider.provider, provider.model, str(provider.succeeded)) == ("groq", None, "2 of 4")


async def test_an_answer_that_was_given_again_says_nothing_of_its_model(database: Database) -> None:
    cached = UsageRecorded("t1", 1, FAST, "engineer", 0, 0, saved_nusd=5, cached=True)
    async with database.transaction() as connection:
        usage.add(connection, ProjectId("p1"), RunId("r1"), cached, MORNING)
    async with database.reading() as connection:
        assert await performance.tries(connection, Within()) == ()
        assert [row.saved_nusd for row in await usage.rows(connection)] == [5]


async def test_a_try_for_which_whoever_asked_had_no_more_time_says_nothing_of_its_model(database: Database) -> None:
    async with database.transaction() as connection:
        await fail(connection, Worked("t1", FAST), ProviderFault.OUT_OF_TIME.value)
    async with database.reading() as connection:
        assert await performance.tries(connection, Within()) == ()
    assert await database.look(performance.lately, {ModelRef.parse(FAST)}, MORNING, MORNING) == {}


async def test_a_try_that_failed_for_nothing_is_no_call_among_those_that_cost(database: Database) -> None:
    async with database.transaction() as connection:
        await save(connection, [Worked("t1", FAST)])
        await fail(connection, Worked("t1", FAST), "overloaded")
    async with database.reading() as connection:
        (row,) = await usage.rows(connection)
        (turn,) = await performance.turns(connection, Within())

    assert (row.calls, turn.steps) == (1, 1)


async def test_turns_are_counted_by_how_they_ended(database: Database) -> None:
    ends = (Outcome.REPLIED, Outcome.HANDED_OFF, Outcome.LIMIT, Outcome.FAILED, Outcome.CANCELLED, Outcome.WAITING)
    async with database.transaction() as connection:
        await save(connection, [Worked(f"t{at}", steps=2, outcome=end) for at, end in enumerate(ends)])
    async with database.reading() as connection:
        (row,) = await performance.turns(connection, Within())

    assert (row.turns, row.passed, row.limited, row.steps) == (4, 2, 1, 8)
    assert (row.cost_nusd, row.limited_nusd, row.unpriced) == (800_000_000, 200_000_000, 0)


async def test_a_turn_counts_by_its_last_end(database: Database) -> None:
    asked = Worked("t1", outcome=Outcome.WAITING)
    async with database.transaction() as connection:
        await save(connection, [asked])
    async with database.reading() as connection:
        assert await performance.turns(connection, Within()) == ()
    async with database.transaction() as connection:
        await save(connection, [Worked("t1")])
    async with database.reading() as connection:
        (row,) = await performance.turns(connection, Within())

    assert (row.turns, row.passed, row.steps) == (1, 1, 2)


async def test_a_turn_of_two_models_is_no_proof_of_either(database: Database) -> None:
    async with database.transaction() as connection:
        await save(connection, [Worked("t1", STRONG), Worked("t1", FAST), Worked("t2", FAST)])
    async with database.reading() as connection:
        (row,) = await performance.turns(connection, Within())

    assert (row.provider, row.turns) == ("groq", 1)


async def test_failed_calls_are_counted_by_model_and_fault(database: Database) -> None:
    async with database.transaction() as connection:
        for fault in ("overloaded", "overloaded", "timeout"):
            await fail(connection, Worked("t1", FAST), fault, 5)
        await fail(connection, Worked("t2", FAST, project="p2"), "timeout")
        await fail(connection, Worked("t3", FAST, at=MORNING - timedelta(days=1)), "timeout")
        found = await event_log.failures(connection, Within(ProjectId("p1"), MORNING, TODAY.until))

    assert found == (FailedTries(FAST, "overloaded", 2, 10), FailedTries(FAST, "timeout", 1, 5))


async def test_what_a_run_costs_is_the_middle_one_of_those_with_a_price(database: Database) -> None:
    prices = (1, 2, 30, None)
    async with database.transaction() as connection:
        await save(connection, [Worked(f"t{at}", run=f"r{at}", cost_nusd=price) for at, price in enumerate(prices)])
    async with database.reading() as connection:
        assert await performance.typical(connection, Within(), "run") == TypicalRow(3, 2, 30)
        assert await performance.typical(connection, Within(), "task") == TypicalRow(0, 0, 0)


async def test_the_dearest_come_first_and_no_more_than_asked(database: Database) -> None:
    async with database.transaction() as connection:
        await save(connection, [Worked(f"t{at}", run=f"r{at}", cost_nusd=at or None) for at in range(5)])
    async with database.reading() as connection:
        found = await usage.rows(connection, by="run", dearest=3)

    assert [row.run for row in found] == ["r4", "r3", "r2"]


async def test_days_are_summed_by_what_they_are_stacked_by(database: Database) -> None:
    later = MORNING + timedelta(days=1)
    async with database.transaction() as connection:
        await save(connection, [Worked("t1", FAST), Worked("t2", STRONG), Worked("t3", FAST, at=later)])
    async with database.reading() as connection:
        found = await usage.rows(connection, by=("day", "model"), until=later + timedelta(days=1))
        today = await usage.rows(connection, by=("day", "model"), since=TODAY.since, until=TODAY.until)

    assert [(row.day, row.model) for row in found] == [
        ("2026-03-04", "claude-opus-4"),
        ("2026-03-04", "small"),
        ("2026-03-05", "small"),
    ]
    assert today == found[:2]


async def test_ends_and_failures_are_found_without_reading_the_log(database: Database) -> None:
    ends = sa.select(event_log.last_ends(MORNING))
    async with database.reading() as connection:
        words = ends.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})
        plan = await connection.rows(sa.text(f"EXPLAIN QUERY PLAN {words}"))

    assert "USING INDEX events_for_figures (kind=? AND time>?)" in str(plan)
