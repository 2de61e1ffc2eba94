from __future__ import annotations

import asyncio
import tempfile
from contextlib import aclosing
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio.domain.events import Delta, Recorded
from studio.domain.ids import ProjectId, RunId
from studio.events.hub import Hub
from studio.events.recorder import Recorder
from studio.events.replay import PAGE, follow
from studio.store.database import Database
from tests.fixtures.memory import a_fact, recorder_on

SHOP = ProjectId("p1")
ONE, TWO = RunId("r1"), RunId("r2")


async def taken(database: Database, hub: Hub, count: int, since: int = 0, run: RunId | None = None) -> list[int]:
    """The numbers of the next `count` events."""
    numbers: list[int] = []
    async with aclosing(follow(database, hub, since, run=run)) as feed:
        async for item in feed:
            if isinstance(item, Recorded):
                numbers.append(item.seq)
            if len(numbers) == count:
                break
    return numbers


async def test_it_catches_up_and_goes_on_live(database: Database, hub: Hub, recorder: Recorder) -> None:
    await recorder.record(SHOP, ONE, *(a_fact(at) for at in range(3)))
    following = asyncio.create_task(taken(database, hub, 5, since=1))
    for at in range(3):
        await recorder.record(SHOP, ONE, a_fact(at))
    assert await following == [2, 3, 4, 5, 6]


async def test_a_log_of_several_pages_comes_whole(database: Database, hub: Hub, recorder: Recorder) -> None:
    count = PAGE * 2 + 7
    await recorder.record(SHOP, ONE, *(a_fact(at) for at in range(count)))
    assert await taken(database, hub, count) == list(range(1, count + 1))


async def test_one_run_is_followed_through_the_events_of_others(
    database: Database, hub: Hub, recorder: Recorder
) -> None:
    following = asyncio.create_task(taken(database, hub, 4, run=TWO))
    for at in range(4):
        await recorder.record(SHOP, ONE, a_fact(at))
        await recorder.record(SHOP, TWO, a_fact(at))
    assert await following == [2, 4, 6, 8]


async def test_events_of_another_process_come_with_the_next_one_of_this(database: Database, hub: Hub) -> None:
    stranger = recorder_on(database, Hub())
    own = recorder_on(database, hub)
    await own.record(SHOP, ONE, a_fact())
    async with aclosing(follow(database, hub)) as feed:
        heard = [await anext(feed)]
        waiting = asyncio.ensure_future(anext(feed))
        await asyncio.sleep(0)
        await stranger.record(SHOP, ONE, a_fact(), a_fact())
        await own.record(SHOP, ONE, a_fact())
        heard += [await waiting, await anext(feed), await anext(feed)]
    assert [item.seq for item in heard if isinstance(item, Recorded)] == [1, 2, 3, 4]


async def test_pieces_that_an_event_has_overtaken_are_not_shown(
    database: Database, hub: Hub, recorder: Recorder
) -> None:
    await recorder.record(SHOP, ONE, *(a_fact(at) for at in range(PAGE)))
    async with aclosing(follow(database, hub)) as feed:
        heard = [await anext(feed)]
        # The next page of the log will hold the event that this piece is a part of.
        hub.delta(Delta(SHOP, ONE, "text", "stale"))
        await recorder.record(SHOP, ONE, a_fact("the whole"))
        hub.delta(Delta(SHOP, ONE, "text", "fresh"))
        heard += [await anext(feed) for _ in range(PAGE + 1)]
    assert [item.seq for item in heard if isinstance(item, Recorded)] == list(range(1, PAGE + 2))
    assert heard[-1] == Delta(SHOP, ONE, "text", "fresh")


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    batches=st.lists(st.tuples(st.integers(1, 4), st.sampled_from(["own", "stranger"])), min_size=1, max_size=12),
    starts=st.lists(st.integers(0, 11), min_size=1, max_size=4),
    pauses=st.lists(st.integers(0, 3), min_size=12, max_size=12),
)
def test_whenever_one_begins_to_listen_nothing_is_missed_or_heard_twice(
    batches: list[tuple[int, str]], starts: list[int], pauses: list[int]
) -> None:
    async def story(folder: Path) -> None:
        database = await Database.open(folder / "studio.db")
        hub = Hub()
        writers = {"own": recorder_on(database, hub), "stranger": recorder_on(database, Hub())}
        total = sum(count for count, _ in batches) + 1
        listeners = []
        for at, (count, writer) in enumerate(batches):
            listeners += [asyncio.create_task(taken(database, hub, total)) for start in starts if start == at]
            for _ in range(pauses[at]):
                await asyncio.sleep(0)
            await writers[writer].record(SHOP, ONE, *(a_fact(number) for number in range(count)))
        listeners.append(asyncio.create_task(taken(database, hub, total)))
        await asyncio.sleep(0)
        await writers["own"].record(SHOP, ONE, a_fact("last"))
        async with asyncio.timeout(20):
            heard = await asyncio.gather(*listeners)
        await database.close()
        assert all(numbers == list(range(1, total + 1)) for numbers in heard)

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(story(Path(folder)))
