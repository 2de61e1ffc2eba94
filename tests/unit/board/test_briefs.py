"""Briefs on a real store, and what a new run is for."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from studio.adapters.clock import SystemClock
from studio.board.board import Board
from studio.board.briefs import Briefs, purpose_of
from studio.board.desk import Desk
from studio.board.mail import Mail
from studio.domain.briefs import NO_PURPOSE, Brief, Purpose
from studio.domain.errors import NotFound, UserError
from studio.domain.ids import BriefId
from studio.domain.projects import Project
from studio.domain.runs import Run
from studio.domain.tasks import Priority
from studio.events.recorder import Recorder
from studio.store import projects, runs
from studio.store.database import Database
from tests.fixtures.memory import a_project, a_run


@dataclass(slots=True)
class Room:
    """A project with one brief, and another project."""

    database: Database
    briefs: Briefs
    board: Board
    project: Project
    other: Project
    brief: Brief

    async def purpose(self, task: str = "", brief: str = "", giver: Run | None = None) -> Purpose:
        """What a new run of the project is for."""
        async with self.database.reading() as connection:
            return await purpose_of(connection, self.project.id, task, brief, giver)


@pytest.fixture
async def room(database: Database, recorder: Recorder) -> Room:
    shop, bank = a_project(), a_project("bank")
    async with recorder.unit(None, None) as unit:
        await projects.add(unit.connection, shop)
        await projects.add(unit.connection, bank)
    clock = SystemClock()
    briefs = Briefs(database, recorder, clock)
    brief = await briefs.write(shop.id, " Discounts\n for regulars ", "Ten per cent.", BriefId.new())
    return Room(database, briefs, Board(database, recorder, clock), shop, bank, brief)


async def test_a_brief_is_read_as_it_was_written(room: Room) -> None:
    assert room.brief.title == "Discounts for regulars"
    assert await room.briefs.find(room.brief.id[:6]) == room.brief
    assert (await room.briefs.list(room.project.id), await room.briefs.list(room.other.id)) == ((room.brief,), ())


async def test_a_brief_that_is_asked_for_twice_is_written_once(room: Room) -> None:
    again = await room.briefs.write(room.project.id, "Another", "", room.brief.id)
    assert (again, len(await room.briefs.list())) == (room.brief, 1)


async def test_a_run_for_a_task_is_for_its_brief_too(room: Room) -> None:
    task = await room.board.create(room.project.id, "Till", "", "developer", brief=room.brief.id[:6])
    assert await room.purpose(task=task.id[:6]) == Purpose(task.id, room.brief.id)


async def test_a_run_that_goes_on_with_work_is_for_the_same_unless_something_else_is_named(room: Room) -> None:
    giver = a_run(room.project, purpose=Purpose("w1a2b3c4d", "f9a8b7c6d"))
    assert await room.purpose(giver=giver) == giver.purpose
    assert await room.purpose(brief=room.brief.id, giver=giver) == Purpose("", room.brief.id)
    assert await room.purpose() == NO_PURPOSE


async def test_a_task_of_another_brief_is_refused(room: Room) -> None:
    task = await room.board.create(room.project.id, "Till", "", "developer")
    with pytest.raises(UserError, match=f"Task {task.id} is of no brief"):
        await room.purpose(task.id, room.brief.id)


async def test_what_another_project_has_is_not_there(room: Room) -> None:
    foreign = await room.briefs.write(room.other.id, "Interest", "", BriefId.new())
    with pytest.raises(NotFound):
        await room.purpose(brief=foreign.id)
    with pytest.raises(NotFound):
        await room.board.create(room.project.id, "Till", "", "developer", brief=foreign.id)


async def test_a_task_that_an_agent_writes_is_a_piece_of_its_runs_brief(room: Room, recorder: Recorder) -> None:
    run = a_run(room.project, purpose=Purpose("", room.brief.id))
    async with recorder.unit(run.project, run.id) as unit:
        await runs.add(unit.connection, run)
    async with room.database.reading() as connection:
        assert (await runs.get(connection, run.id)).purpose == run.purpose
    desk = Desk(run, ("engineer",), room.board, Mail(room.database, recorder, SystemClock()))
    written = await desk.create("Till", "All of it.", [], "", Priority.NORMAL, [])
    assert (await room.board.find(written.id)).brief == room.brief.id
