from __future__ import annotations

import asyncio

import pytest

from studio.base.redact import MARK
from studio.domain.events import ProjectAdded, Recorded, ToolCalled
from studio.domain.ids import ProjectId, RunId
from studio.events.hub import Hub
from studio.events.recorder import Recorder
from studio.store import event_log, projects
from studio.store.database import Database
from tests.fixtures.memory import a_fact, a_project, recorder_on

SHOP, RUN = ProjectId("p1"), RunId("r1")


async def log_of(database: Database) -> tuple[Recorded, ...]:
    async with database.reading() as connection:
        return await event_log.since(connection, 0)


async def test_state_and_events_are_saved_together_and_then_published(
    database: Database, hub: Hub, recorder: Recorder
) -> None:
    project = a_project()
    with hub.subscribe() as heard:
        async with recorder.unit(project.id, None) as unit:
            await projects.add(unit.connection, project)
            unit.record(ProjectAdded(project.name, str(project.path)))
            assert await log_of(database) == ()
        assert await anext(heard) == unit.recorded[0]
    assert await log_of(database) == unit.recorded
    async with database.reading() as connection:
        assert await projects.all_projects(connection) == (project,)


async def test_a_unit_that_fails_saves_and_publishes_nothing(database: Database, hub: Hub, recorder: Recorder) -> None:
    project = a_project()

    async def change_my_mind() -> None:
        async with recorder.unit(project.id, None) as unit:
            await projects.add(unit.connection, project)
            unit.record(ProjectAdded(project.name, str(project.path)))
            raise ValueError("no")

    with hub.subscribe() as heard:
        with pytest.raises(ValueError, match="no"):
            await change_my_mind()
        await recorder.record(None, None, a_fact("next"))
        first = await anext(heard)
    assert isinstance(first, Recorded)
    assert (first.seq, first.event) == (1, a_fact("next"))
    async with database.reading() as connection:
        assert await projects.all_projects(connection) == ()


async def test_an_event_that_cannot_be_written_takes_the_state_with_it(database: Database, recorder: Recorder) -> None:
    project = a_project()

    async def write() -> None:
        async with recorder.unit(project.id, None) as unit:
            await projects.add(unit.connection, project)
            unit.record(ToolCalled("t1", 1, "c1", "read", {"path": object()}))

    with pytest.raises(TypeError):
        await write()
    async with database.reading() as connection:
        assert await projects.all_projects(connection) == ()


async def test_secrets_reach_neither_the_log_nor_those_who_listen(database: Database, hub: Hub) -> None:
    recorder = recorder_on(database, hub, "sk-very-secret")
    with hub.subscribe() as heard:
        call = ToolCalled("t1", 1, "c1", "shell", {"command": ["echo", "sk-very-secret"]}, "c2stdmVyeS1zZWNyZXQ=")
        (recorded,) = await recorder.record(SHOP, RUN, call)
        assert await anext(heard) == recorded
    assert isinstance(recorded.event, ToolCalled)
    assert recorded.event.arguments == {"command": ["echo", MARK]}
    assert "c2std" not in recorded.event.raw
    assert await log_of(database) == (recorded,)


async def test_ten_writers_at_once_lose_nothing_and_are_heard_in_the_order_of_the_log(
    database: Database, hub: Hub, recorder: Recorder
) -> None:
    async def write(number: int) -> None:
        for at in range(20):
            await recorder.record(SHOP, RunId(f"r{number}"), a_fact((number, at)), a_fact(("more", number, at)))

    with hub.subscribe() as heard:
        await asyncio.gather(*(write(number) for number in range(10)))
        published = [await anext(heard) for _ in range(400)]
    assert published == list(await log_of(database))
    for number in range(10):
        own = [item.event for item in published if isinstance(item, Recorded) and item.run == f"r{number}"]
        assert own == [fact for at in range(20) for fact in (a_fact((number, at)), a_fact(("more", number, at)))]


@pytest.mark.parametrize("turns", range(10))
async def test_a_cancelled_recording_is_published_exactly_when_it_was_saved(
    database: Database, hub: Hub, recorder: Recorder, turns: int
) -> None:
    with hub.subscribe() as heard:
        task = asyncio.create_task(recorder.record(SHOP, RUN, a_fact("cancelled")))
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait({task})
        await recorder.record(SHOP, RUN, a_fact("next"))
        saved = await log_of(database)
        assert [await anext(heard) for _ in saved] == list(saved)
    assert saved[-1].event == a_fact("next")
