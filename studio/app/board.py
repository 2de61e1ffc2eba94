"""The board door: a project's tasks, what is said about them, and the messages between its agents."""

from __future__ import annotations

from studio.board.board import Board
from studio.board.mail import Mail
from studio.domain import tasks as domain
from studio.domain.difficulty import Difficulty
from studio.domain.errors import UserError
from studio.domain.ids import ProjectId, TaskId
from studio.domain.mail import AgentMessage
from studio.domain.tasks import Priority, Task, TaskComment, TaskState
from studio.workflow.acts import Acts, act

DEVELOPER = "developer"


class Boards:
    """Tasks as the developer reads and writes them; agents reach the same board by their tools."""

    def __init__(self, acts: Acts, board: Board, mail: Mail) -> None:
        self.acts = acts
        self._board = board
        self._mail = mail

    async def tasks(self, project: ProjectId | None = None) -> tuple[Task, ...]:
        """All tasks, or those of one project, oldest first."""
        return await self._board.tasks(project)

    async def find(self, name: str) -> Task:
        """The task with this id or unambiguous beginning of one; raises NotFound or UserError."""
        return await self._board.find(name)

    async def comments(self, task: Task) -> tuple[TaskComment, ...]:
        """What was said about a task, oldest first."""
        return await self._board.comments(task)

    async def messages(self, project: ProjectId | None = None) -> tuple[AgentMessage, ...]:
        """What agents told each other, oldest first; what nobody can get, or nobody yet, says why."""
        return await self._mail.messages(project)

    async def add(
        self,
        project: ProjectId,
        title: str,
        text: str = "",
        checks: tuple[str, ...] = (),
        role: str = "",
        priority: Priority = Priority.NORMAL,
        depends: tuple[str, ...] = (),
        brief: str = "",
        difficulty: Difficulty = Difficulty.USUAL,
    ) -> Task:
        """Puts a task on the board, as a piece of `brief` where one is named.

        Raises UserError, or NotFound for a brief, or a task to wait for, that is not there.
        """
        for what, given, most in (("title", title, domain.TITLE_CHARACTERS), ("text", text, domain.TEXT_CHARACTERS)):
            if len(given) > most:
                raise UserError(f"The {what} is longer than {most} characters.", "Shorten it.")
        return await self._add(TaskId.new(), project, title, text, checks, role, priority, depends, brief, difficulty)

    @act
    async def _add(
        self,
        task: TaskId,
        project: ProjectId,
        title: str,
        text: str,
        checks: tuple[str, ...],
        role: str,
        priority: Priority,
        depends: tuple[str, ...],
        brief: str = "",
        difficulty: Difficulty = Difficulty.USUAL,
    ) -> Task:
        return await self._board.create(
            *(project, title, text, DEVELOPER),
            checks=checks,
            role=role,
            priority=priority,
            depends=depends,
            task=task,
            brief=brief,
            difficulty=difficulty,
        )

    @act
    async def comment(self, project: ProjectId, task: TaskId, text: str) -> Task:
        """Says something about a task."""
        return await self._board.comment(task, text, DEVELOPER, project)

    @act
    async def drop(self, project: ProjectId, task: TaskId) -> Task:
        """Says that a task is not wanted any more. Raises UserError when it is done."""
        return await self._board.move(task, TaskState.DROPPED, DEVELOPER, project)
