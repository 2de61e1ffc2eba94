"""A parked run goes on only while it is there, parked as it was, in a project that is not archived."""

from __future__ import annotations

from dataclasses import replace

import pytest

from studio.agents.journal import Journal
from studio.agents.parking import Parking
from studio.domain.events import BudgetRemoved, BudgetSet, Event, TurnEnded
from studio.domain.ids import TurnId
from studio.domain.projects import Project
from studio.domain.runs import Outcome, Run, RunState
from studio.events.hub import Hub
from studio.store import projects, runs
from studio.store.database import Database
from tests.fixtures.memory import NOON, a_project, a_run, recorder_on


@pytest.fixture
async def project(database: Database) -> Project:
    found = a_project("shop")
    async with database.transaction() as connection:
        await projects.add(connection, found)
    return found


@pytest.fixture
async def parked(database: Database, project: Project) -> Run:
    run = a_run(project, state=RunState.PARKED, turn=TurnId("t1"), outcome=Outcome.PARKED, parked_until=NOON)
    async with database.transaction() as connection:
        await runs.add(connection, run)
    return run


@pytest.fixture
def parking(database: Database) -> Parking:
    recorder = recorder_on(database, Hub())
    return Parking(database, recorder, Journal(database, recorder))


async def test_a_parked_run_works_on_the_turn_that_was_named(parking: Parking, parked: Run) -> None:
    working = await parking.go_on(parked, TurnId("t2"))
    assert working is not None
    assert (working.state, working.turn) == (RunState.WORKING, "t2")


async def test_a_run_that_went_on_meanwhile_does_not_go_on_twice(parking: Parking, parked: Run) -> None:
    await parking.go_on(parked, TurnId("t2"))
    assert await parking.go_on(parked, TurnId("t3")) is None


async def test_a_run_whose_project_was_removed_does_not_go_on(
    database: Database, parking: Parking, project: Project, parked: Run
) -> None:
    async with database.transaction() as connection:
        await projects.remove(connection, project.id)
    assert await parking.go_on(parked, TurnId("t2")) is None


async def test_a_run_whose_project_was_archived_stays_parked(
    database: Database, parking: Parking, project: Project, parked: Run
) -> None:
    async with database.transaction() as connection:
        await projects.update(connection, replace(project, archived=True))
    assert await parking.go_on(parked, TurnId("t2")) is None
    async with database.reading() as connection:
        assert (await runs.get(connection, parked.id)).state is RunState.PARKED


async def test_what_changed_since_a_run_was_parked_is_known(database: Database, parking: Parking, parked: Run) -> None:
    recorder = recorder_on(database, Hub())

    async def happened(event: Event, run: Run | None = None) -> None:
        async with recorder.unit(run.project if run else None, run.id if run else None) as unit:
            unit.record(event)

    changed = BudgetSet("company", "month", 1, 80)
    await happened(changed)
    await happened(TurnEnded("t1", Outcome.PARKED, 1, "b"), parked)
    assert not await parking.has_news(parked, [BudgetSet.kind])
    await happened(changed)
    assert await parking.has_news(parked, [BudgetSet.kind])
    assert not await parking.has_news(parked, [BudgetRemoved.kind])
