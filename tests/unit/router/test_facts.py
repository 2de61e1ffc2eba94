"""What is known of models when a route is chosen, from what is saved."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from studio.contracts.clock import Clock
from studio.domain.events import ModelFailed, UsageRecorded
from studio.domain.fitness import Fitness, Tries
from studio.domain.ids import ProjectId, RunId
from studio.domain.models import ModelRef
from studio.domain.roles import Tier
from studio.domain.routing import Facts, Lately, RoutingTable, Wants
from studio.router.current_table import CurrentTable
from studio.router.facts import LATELY, FactFinder
from studio.router.prices import Price, Prices
from studio.router.registry import Registry
from studio.router.routing import Routes
from studio.router.windows import Windows
from studio.store import fitness, usage
from studio.store.database import Database

GROQ, GPT, LOCAL = ModelRef("groq", "a"), ModelRef("openai", "b"), ModelRef("ollama", "c")
TABLE = RoutingTable({Tier.FAST: ((GROQ, GPT), (LOCAL,))})
PRICES = Prices({"groq/a": Price(Decimal(3), Decimal(5)), "openai/b": Price(Decimal(1), Decimal(5), Decimal(9))})
PROJECT, RUN = ProjectId("p1"), RunId("r1")


def finder(database: Database, clock: Clock) -> FactFinder:
    registry = Registry()
    return FactFinder(database, registry, PRICES, Windows(registry), clock, lambda model: model != GPT)


async def replied(
    database: Database, clock: Clock, model: ModelRef, *times: float | None, took: float = 2000, ago: float = 0
) -> None:
    """Calls of a hundred tokens each, whose first piece came after so many milliseconds."""
    async with database.transaction() as connection:
        for first in times:
            used = UsageRecorded("t1", 1, str(model), "x", 10, 100, milliseconds=took, first_token_ms=first)
            usage.add(connection, PROJECT, RUN, used, clock.now() - timedelta(seconds=ago))


async def failed(database: Database, clock: Clock, model: ModelRef, ago: float = 0) -> None:
    async with database.transaction() as connection:
        fault = ModelFailed("t1", 1, str(model), "overloaded", "No.", milliseconds=9)
        usage.add(connection, PROJECT, RUN, fault, clock.now() - timedelta(seconds=ago))


async def test_prices_are_the_worst_of_what_an_agent_reads_and_writes(database: Database, clock: Clock) -> None:
    known = await finder(database, clock).of(TABLE)

    assert (known[GROQ].price, known[GPT].price) == (4_000_000_000, 10_000_000_000)


async def test_what_can_be_asked_what_runs_here_and_its_window_are_known(database: Database, clock: Clock) -> None:
    known = await finder(database, clock).of(TABLE)

    assert [known[model].usable for model in (GROQ, GPT, LOCAL)] == [True, False, True]
    assert known[LOCAL] == Facts(window=32_768, is_local=True)


async def test_the_newest_tries_tell_how_quick_and_how_sure_a_model_is(database: Database, clock: Clock) -> None:
    await replied(database, clock, GROQ, 1000, 1000, None, 500)
    await failed(database, clock, GROQ)
    await replied(database, clock, LOCAL, 1)

    known = await finder(database, clock).of(TABLE)

    assert known[GROQ].lately == Lately(4, 1000, 400 * 1000 / 5500, tries=5, failed=1)
    assert (known[GPT].lately, known[LOCAL].lately) == (None, None)


async def test_what_failed_more_than_an_hour_ago_may_be_mended(database: Database, clock: Clock) -> None:
    await replied(database, clock, GROQ, 500, ago=3601)
    await failed(database, clock, GROQ, ago=3601)
    await failed(database, clock, GPT, ago=3599)

    known = await finder(database, clock).of(TABLE)

    assert known[GROQ].lately == Lately(1, 500, 100 * 1000 / 1500)
    assert known[GPT].lately == Lately(0, None, 0.0, tries=1, failed=1)


async def test_what_was_long_ago_and_what_was_given_again_say_nothing(database: Database, clock: Clock) -> None:
    await replied(database, clock, GROQ, 1, ago=LATELY.total_seconds() + 1)
    async with database.transaction() as connection:
        cached = UsageRecorded("t1", 1, str(GROQ), "x", 0, 0, cached=True)
        usage.add(connection, PROJECT, RUN, cached, clock.now())

    assert (await finder(database, clock).of(TABLE))[GROQ].lately is None


async def test_a_measured_window_counts_where_it_is_less(database: Database, clock: Clock) -> None:
    found = Fitness(LOCAL, clock.now(), 32_768, 9_000, Tries(1, 4), None, 4, 4, 30.0, 200.0)
    async with database.transaction() as connection:
        await fitness.save(connection, found)
    facts = finder(database, clock)

    assert (await facts.of(TABLE))[LOCAL] == Facts(window=9_000, is_local=True, fitness=found)

    async with database.transaction() as connection:
        await fitness.save(connection, replace(found, context_tokens=99_000))
    assert (await facts.of(TABLE))[LOCAL].window == 32_768


async def test_a_line_follows_what_its_models_did(database: Database, clock: Clock) -> None:
    one, other = ModelRef("ollama", "one"), ModelRef("ollama", "other")
    routes = Routes(CurrentTable(None, table=RoutingTable({Tier.FAST: ((one, other),)})), finder(database, clock))
    await replied(database, clock, one, *[900] * 5, took=4000)
    await replied(database, clock, other, *[100] * 5)

    routed = await routes.choose(Wants(Tier.FAST))

    assert routed.route == (other, one)
    assert "ollama/other before ollama/one, as it is quicker" in routed.why
