from __future__ import annotations

import asyncio

from studio.domain.events import Delta, Recorded
from studio.domain.ids import ProjectId, RunId
from studio.events.hub import Gap, Hub
from tests.fixtures.memory import NOON, a_fact

SHOP, BANK = ProjectId("p1"), ProjectId("p2")
ONE, TWO = RunId("r1"), RunId("r2")


def recorded(seq: int, run: RunId = ONE, project: ProjectId = SHOP) -> Recorded:
    return Recorded(seq, NOON, project, run, a_fact(seq))


def piece(text: str, run: RunId = ONE) -> Delta:
    return Delta(SHOP, run, "text", text)


async def test_a_listener_hears_what_it_asked_for(hub: Hub) -> None:
    with hub.subscribe(run=ONE, deltas=False) as of_run, hub.subscribe(project=SHOP) as of_project:
        hub.publish(recorded(1), recorded(2, TWO), recorded(3, TWO, BANK))
        hub.delta(piece("hel"))
        hub.publish(recorded(4))
    assert [item async for item in of_run] == [recorded(1), recorded(4)]
    assert [item async for item in of_project] == [recorded(1), recorded(2, TWO), piece("hel"), recorded(4)]


async def test_an_event_that_comes_from_two_sides_is_heard_once(hub: Hub) -> None:
    with hub.subscribe() as heard:
        hub.publish(recorded(1), recorded(2))
        hub.publish(recorded(2), recorded(3))
    assert [item async for item in heard] == [recorded(1), recorded(2), recorded(3)]


async def test_a_slow_listener_first_loses_pieces(hub: Hub) -> None:
    with hub.subscribe(limit=3) as slow:
        hub.publish(recorded(1))
        for text in "abc":
            hub.delta(piece(text))
        hub.publish(recorded(2), recorded(3))
    assert [item async for item in slow] == [recorded(1), recorded(2), recorded(3)]


async def test_a_very_slow_listener_is_told_to_read_the_log(hub: Hub) -> None:
    with hub.subscribe(limit=3) as slow:
        hub.publish(*(recorded(seq) for seq in range(1, 6)))
    assert [item async for item in slow] == [Gap(), recorded(4), recorded(5)]


async def test_a_waiting_listener_wakes_up(hub: Hub) -> None:
    with hub.subscribe() as heard:
        waiting = asyncio.create_task(anext(heard))
        await asyncio.sleep(0)
        hub.delta(piece("now"))
        assert await waiting == piece("now")


async def test_whoever_has_left_hears_nothing_more(hub: Hub) -> None:
    with hub.subscribe() as heard:
        pass
    hub.publish(recorded(1))
    assert [item async for item in heard] == []
