"""What is written in and beside a sandbox is kept in bounds, each source apart, and told as it comes."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from studio.contracts.container_log import LoggedLine
from studio.domain.container_logs import LogSource
from studio.domain.errors import EngineError
from studio.sandbox.logs import ENDED_KEPT, LINE_CHARACTERS, LINES_KEPT, Logs
from tests.fixtures.set_clock import SetClock
from tests.fixtures.told_engine import ToldEngine, ToldLog

NOON = datetime(2026, 8, 1, 12, tzinfo=UTC)


class Beside:
    """A sandbox `c0` with a database `c1` beside it, and their logs."""

    def __init__(self) -> None:
        self.engine = ToldEngine()
        self.containers = {"": "c0", "db": "c1"}
        self.own, self.db = (self.engine.said.setdefault(each, ToldLog()) for each in self.containers.values())
        self.logs = Logs(self.engine.engine, SetClock(), lambda: self.containers)


@pytest.fixture
def beside() -> Beside:
    return Beside()


def said(text: str, seconds: float = 0, *, is_error: bool = False) -> LoggedLine:
    return LoggedLine(NOON + timedelta(seconds=seconds), text, is_error)


async def test_whoever_waits_is_told_what_a_service_writes_with_its_time_and_where_to(beside: Beside) -> None:
    waiting = asyncio.create_task(beside.logs.news())
    beside.db.say(said("ready"), said("disk is slow", 1, is_error=True))

    news = await waiting

    assert [(line.source, line.origin, line.text, line.is_error) for line in news.lines] == [
        (LogSource.SERVICE, "db", "ready", False),
        (LogSource.SERVICE, "db", "disk is slow", True),
    ]
    assert news.lines[1].time == NOON + timedelta(seconds=1)
    await beside.logs.close()


async def test_a_look_behind_a_mark_gives_what_is_new_of_all_sources_in_order(beside: Beside) -> None:
    beside.own.say(said("starts"))
    first = await beside.logs.news()
    beside.db.say(said("listens", 2))
    second = await beside.logs.news(first.mark)
    await beside.logs.hear_process("p1-ab12", "GET /\nGET /ca", NOON)
    await beside.logs.hear_process("p1-ab12", "rt\n", NOON)

    assert [(line.origin, line.text) for line in second.lines] == [("db", "listens")]
    after = beside.logs.since(second.mark).lines
    assert [(line.source, line.origin, line.text) for line in after] == [
        (LogSource.PROCESS, "p1", "GET /"),
        (LogSource.PROCESS, "p1", "GET /cart"),
    ]
    await beside.logs.close()


async def test_a_service_that_writes_much_pushes_nothing_of_another_one_out(beside: Beside) -> None:
    beside.own.say(said("the only line"))
    await beside.logs.news()
    beside.db.say(*(said(f"line {number}") for number in range(LINES_KEPT + 50)))
    await beside.logs.news(1)

    news = beside.logs.since()

    assert [line.text for line in news.lines][:2] == ["the only line", "line 50"]
    assert (len(news.lines), news.lost, news.mark) == (LINES_KEPT + 1, 50, LINES_KEPT + 51)
    await beside.logs.close()


async def test_of_a_piece_of_many_lines_of_a_process_the_last_are_kept_and_the_others_count_as_lost(
    beside: Beside,
) -> None:
    await beside.logs.hear_process("p1-ab12", "begins", NOON)
    await beside.logs.hear_process("p1-ab12", "\n" * (LINES_KEPT + 5) + "one\ntwo", NOON, ended=True)

    news = beside.logs.since()

    assert [line.text for line in news.lines][-2:] == ["one", "two"]
    assert (len(news.lines), news.lost, news.mark) == (LINES_KEPT, 7, LINES_KEPT + 7)


async def test_of_processes_that_have_ended_only_the_last_ones_are_kept(beside: Beside) -> None:
    await beside.logs.hear_process("p1-ab12", "serves\n", NOON)
    for number in range(2, 4 + ENDED_KEPT):
        await beside.logs.hear_process(f"p{number}-ab12", "did it\n", NOON, ended=True)

    origins = [line.origin for line in beside.logs.since().lines]

    assert origins == ["p1", *(f"p{number}" for number in range(4, 4 + ENDED_KEPT))]


async def test_a_process_is_called_what_people_call_it(beside: Beside) -> None:
    await beside.logs.hear_process("p1-ab", "up\n", NOON, title="app")
    await beside.logs.hear_process("p2-ab", "done\n", NOON)
    assert [line.origin for line in beside.logs.since().lines] == ["app", "p2"]


async def test_while_a_piece_of_a_process_is_read_the_loop_goes_on(beside: Beside) -> None:
    other = asyncio.create_task(asyncio.sleep(0))

    await beside.logs.hear_process("p1-ab12", "\n" * 200_000, NOON)

    assert other.done()


async def test_a_line_is_kept_short_and_with_nothing_hidden_in_it(beside: Beside) -> None:
    beside.db.say(said("\x1b[31mred\x1b[0m \u202eback"), said("x" * 100_000))

    red, long = (await beside.logs.news()).lines

    assert "\x1b" not in red.text
    assert "\u202e" not in red.text
    assert len(long.text) <= LINE_CHARACTERS
    await beside.logs.close()


async def test_a_flood_is_passed_over_and_no_line_is_heard_twice(beside: Beside) -> None:
    beside.db.say(*(said(f"flood {number}", number / 1000) for number in range(5000)))
    flood = await beside.logs.news()

    # The log is opened again a second later, and begins with lines that were heard.
    beside.db.say(said("flood 4999", 4.999), said("calm", 9))
    news = await beside.logs.news(flood.mark)

    assert [line.text for line in news.lines] == ["calm"]
    assert beside.engine.did.count("follow c1") == 2
    await beside.logs.close()


async def test_a_service_that_comes_later_is_heard_once_somebody_looks_again(beside: Beside) -> None:
    beside.own.say(said("starts"))
    first = await beside.logs.news()
    beside.containers["cache"] = "c2"
    beside.engine.said["c2"] = ToldLog()
    beside.engine.said["c2"].say(said("warm"))

    news = await beside.logs.news(first.mark)

    assert [(line.origin, line.text) for line in news.lines] == [("cache", "warm")]
    await beside.logs.close()


async def test_who_waits_while_the_sandbox_is_closed_waits_no_longer(beside: Beside) -> None:
    waiting = asyncio.create_task(beside.logs.news())
    await beside.engine.until("follow c1")

    await beside.logs.close()

    with pytest.raises(EngineError, match="closed"):
        await waiting


async def test_an_engine_that_gives_no_log_leaves_the_others_to_be_heard(beside: Beside) -> None:
    beside.engine.refuses.add("follow c1")
    beside.own.say(said("starts"))

    assert [line.text for line in (await beside.logs.news()).lines] == ["starts"]
    await beside.logs.close()
