"""A project's board on a real store: what is written on it, by whom, and what is refused."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from studio.adapters.clock import SystemClock
from studio.board.board import COMMENTS_PER_RUN, PER_RUN, Board
from studio.domain.errors import NotFound, UserError
from studio.domain.events import TaskCommented, TaskCreated, TaskMoved
from studio.domain.ids import RunId, TaskId
from studio.domain.projects import Project
from studio.domain.tasks import NEXT_TASK_STATES, Priority, TaskState, require_next
from studio.events.recorder import Recorder
from studio.store import event_log, projects
from studio.store.database import Database
from tests.fixtures.memory import a_project


@dataclass(slots=True)
class Room:
    """A board with two projects, the first of which is `project`."""

    board: Board
    project: Project
    other: Project


@pytest.fixture
async def room(database: Database, recorder: Recorder) -> Room:
    """Both projects are known and their boards empty."""
    shop, bank = a_project(), a_project("bank")
    async with recorder.unit(None, None) as unit:
        await projects.add(unit.connection, shop)
        await projects.add(unit.connection, bank)
    return Room(Board(database, recorder, SystemClock()), shop, bank)


async def test_a_task_is_read_as_it_was_written(room: Room) -> None:
    first = await room.board.create(room.project.id, "Price list", "All of it.", "product-manager")
    made = await room.board.create(
        room.project.id,
        " Add\n a discount ",
        "Ten per cent.",
        "product-manager",
        checks=("a test holds it",),
        role="engineer",
        priority=Priority.HIGH,
        depends=(first.id[:6],),
        run=RunId.new(),
    )
    assert (made.title, made.depends, made.state) == ("Add a discount", (first.id,), TaskState.PLANNED)
    assert await room.board.find(made.id[:8]) == made
    assert await room.board.tasks(room.project.id) == (first, made)
    assert await room.board.tasks(room.other.id) == ()


async def test_what_hides_in_a_text_and_known_secrets_are_not_kept(room: Room) -> None:
    made = await room.board.create(room.project.id, "a\u202eb", "\x1b[31mred\x1b[0m", "engineer", checks=("\u200bx",))
    assert ("\u202e" in made.title, made.text, "\u200b" in made.checks[0]) == (False, "red", False)


async def test_asked_again_for_the_same_task_there_is_one(room: Room) -> None:
    task = TaskId.new()
    first = await room.board.create(room.project.id, "Price list", "", "developer", task=task)
    again = await room.board.create(room.project.id, "Price list", "", "developer", task=task)
    assert (again, len(await room.board.tasks())) == (first, 1)


async def test_a_task_that_another_project_has_cannot_be_waited_for(room: Room) -> None:
    theirs = await room.board.create(room.other.id, "Open the vault", "", "developer")
    with pytest.raises(NotFound, match=f"There is no task {theirs.id}"):
        await room.board.create(room.project.id, "Mine", "", "engineer", depends=(theirs.id,))
    with pytest.raises(NotFound):
        await room.board.comment(theirs.id, "Hello", "engineer", room.project.id)


async def test_comments_stand_below_their_task_in_order(room: Room) -> None:
    made = await room.board.create(room.project.id, "Price list", "", "developer")
    other = await room.board.create(room.project.id, "Other", "", "developer")
    await room.board.comment(made.id, "Which tax?", "engineer", room.project.id, RunId.new())
    await room.board.comment(other.id, "Elsewhere.", "developer", room.project.id)
    await room.board.comment(made.id, "Nineteen.", "developer", room.project.id)
    said = [(comment.by, comment.text) for comment in await room.board.comments(made)]
    assert said == [("engineer", "Which tax?"), ("developer", "Nineteen.")]


async def test_an_agents_run_writes_only_so_many_tasks_and_comments(room: Room, recorder: Recorder) -> None:
    run = RunId.new()
    made = await room.board.create(room.project.id, "Price list", "", "product-manager", run=run)
    for number in range(1, PER_RUN):
        await room.board.create(room.project.id, f"Task {number}", "", "product-manager", run=run)
    with pytest.raises(UserError, match=f"You have written {PER_RUN} tasks"):
        await room.board.create(room.project.id, "One more", "", "product-manager", run=run)
    await recorder.record(room.project.id, run, *[TaskCommented(made.id, "x", "y")] * COMMENTS_PER_RUN)
    with pytest.raises(UserError, match=f"You have written {COMMENTS_PER_RUN} comments"):
        await room.board.comment(made.id, "One more", "engineer", room.project.id, run)


async def test_a_dropped_task_stays_and_the_log_says_who_dropped_it(room: Room, database: Database) -> None:
    made = await room.board.create(room.project.id, "Price list", "", "developer")
    await room.board.move(made.id, TaskState.DROPPED, "developer", room.project.id)
    await room.board.move(made.id, TaskState.DROPPED, "developer", room.project.id)
    assert (await room.board.find(made.id)).state is TaskState.DROPPED
    async with database.reading() as connection:
        log = [item.event for item in await event_log.since(connection, 0, project=room.project.id)]
    assert log == [
        TaskCreated(made.id, "Price list", "developer"),
        TaskMoved(made.id, "dropped", "planned", "developer"),
    ]


@pytest.mark.parametrize("title", ["", " \n"])
async def test_a_task_without_a_title_is_refused(room: Room, title: str) -> None:
    with pytest.raises(UserError, match="has no title"):
        await room.board.create(room.project.id, title, "", "developer")


@pytest.mark.parametrize("state", list(TaskState))
async def test_a_task_goes_only_where_the_table_lets_it(room: Room, state: TaskState) -> None:
    task = replace(await room.board.create(room.project.id, "Price list", "", "developer"), state=state)
    for wanted in TaskState:
        if wanted in NEXT_TASK_STATES[state]:
            require_next(task, wanted)
        else:
            with pytest.raises(UserError, match=f"is {state.value} and cannot become {wanted.value}"):
                require_next(task, wanted)
