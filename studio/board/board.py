"""The board: a project's tasks and what is said about them."""

from __future__ import annotations

from dataclasses import replace

from studio.base.text import plain
from studio.contracts.clock import Clock
from studio.domain.difficulty import Difficulty
from studio.domain.errors import UserError
from studio.domain.events import TaskCommented, TaskCreated, TaskMoved
from studio.domain.ids import ProjectId, RunId, TaskId
from studio.domain.tasks import Priority, Task, TaskComment, TaskState, require_next
from studio.events.recorder import Recorder, Unit
from studio.store import briefs, event_log, tasks
from studio.store.database import Database

PER_RUN = 100
"""How many tasks one agent's run may write: a board of more is read by nobody."""

COMMENTS_PER_RUN = 200


class Board:
    """The one writer of tasks and of their comments."""

    def __init__(self, database: Database, recorder: Recorder, clock: Clock) -> None:
        self._database = database
        self._recorder = recorder
        self._clock = clock

    async def tasks(self, project: ProjectId | None = None) -> tuple[Task, ...]:
        """All tasks, or those of one project, oldest first."""
        async with self._database.reading() as connection:
            return await tasks.of_project(connection, project)

    async def find(self, name: str, project: ProjectId | None = None) -> Task:
        """The task with this id or unambiguous beginning of one; raises NotFound or UserError."""
        async with self._database.reading() as connection:
            return await tasks.by_prefix(connection, name, project)

    async def task(self, id: str) -> Task | None:
        """The task with this very id; None for an empty one, and for one that is not there."""
        if not id:
            return None
        async with self._database.reading() as connection:
            return await tasks.by_id(connection, TaskId(id))

    async def comments(self, task: Task) -> tuple[TaskComment, ...]:
        """What was said about a task, oldest first."""
        async with self._database.reading() as connection:
            said = await event_log.of_task(connection, task.project, TaskCommented.kind, task.id)
        return tuple(
            TaskComment(task.id, item.event.by, item.event.text, item.time, item.run)
            for item in said
            if isinstance(item.event, TaskCommented)
        )

    async def create(
        self,
        project: ProjectId,
        title: str,
        text: str,
        by: str,
        *,
        checks: tuple[str, ...] = (),
        role: str = "",
        priority: Priority = Priority.NORMAL,
        depends: tuple[str, ...] = (),
        run: RunId | None = None,
        task: TaskId | None = None,
        brief: str = "",
        difficulty: Difficulty = Difficulty.USUAL,
    ) -> Task:
        """Puts a task on the board; asked again with the same id, it gives what is there.

        `brief` is the one that it is a piece of. Raises UserError for a title that says nothing or an agent that wrote
        too many, NotFound for a task to wait for, or a brief, that is not there.
        """
        said = " ".join(plain(self._recorder.redacted(title)).split())
        if not said:
            raise UserError("The task has no title.", "Say in a few words what is wanted.")
        async with self._recorder.unit(project, run) as unit:
            there = await tasks.by_id(unit.connection, task) if task else None
            if there is not None:
                return there
            if run is not None and await tasks.count_of(unit.connection, run) >= PER_RUN:
                raise UserError(f"You have written {PER_RUN} tasks, which is as many as one run may.", "Join some.")
            before = [await tasks.by_prefix(unit.connection, name, project) for name in dict.fromkeys(depends)]
            whole = (await briefs.by_prefix(unit.connection, brief, project)).id if brief else None
            made = Task(
                id=task or TaskId.new(),
                project=project,
                title=said,
                text=self._clean(text),
                created=self._clock.now(),
                by=by,
                checks=tuple(self._clean(check) for check in checks),
                role=role,
                priority=priority,
                depends=tuple(other.id for other in before),
                run=run,
                brief=whole,
                difficulty=difficulty,
            )
            await tasks.add(unit.connection, made)
            unit.record(
                TaskCreated(
                    *(made.id, made.title, by, made.text, made.checks, role, made.priority.value, tuple(made.depends)),
                    brief=whole or "",
                    difficulty=difficulty.value,
                )
            )
        return made

    async def comment(self, name: str, text: str, by: str, project: ProjectId, run: RunId | None = None) -> Task:
        """Says something about a task of the project; raises NotFound, UserError for an empty text or one too many."""
        if not text.strip():
            raise UserError("The comment is empty.", "Say what there is to say.")
        task = await self.find(name, project)
        async with self._recorder.unit(project, run) as unit:
            if run is not None:
                await self._require_room(unit, run)
            unit.record(TaskCommented(task.id, by, self._clean(text)))
        return task

    async def move(self, name: str, wanted: TaskState, by: str, project: ProjectId) -> Task:
        """Brings a task to another state; raises NotFound, or UserError when there is no way from where it stands."""
        async with self._recorder.unit(project, None) as unit:
            task = await tasks.by_prefix(unit.connection, name, project)
            if task.state is wanted:
                return task
            require_next(task, wanted)
            moved = replace(task, state=wanted)
            await tasks.save(unit.connection, moved)
            unit.record(TaskMoved(task.id, wanted.value, task.state.value, by))
        return moved

    async def _require_room(self, unit: Unit, run: RunId) -> None:
        said = await event_log.since(unit.connection, 0, run=run, kinds=(TaskCommented.kind,))
        if len(said) >= COMMENTS_PER_RUN:
            raise UserError(f"You have written {COMMENTS_PER_RUN} comments, which is as many as one run may.")

    def _clean(self, text: str) -> str:
        return plain(self._recorder.redacted(text)).strip()
