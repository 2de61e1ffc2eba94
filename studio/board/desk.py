"""A desk: what the agent of one run may do at its project's board, and whom it may tell something."""

from __future__ import annotations

from difflib import get_close_matches

from studio.board.board import Board
from studio.board.mail import Mail
from studio.domain.difficulty import Difficulty
from studio.domain.errors import UserError
from studio.domain.mail import AgentMessage, MessageKind
from studio.domain.runs import Run
from studio.domain.tasks import Priority, Task, TaskComment


class Desk:
    """Board and mail as one run reaches them: its own project's, and always in its own name."""

    def __init__(self, run: Run, roles: tuple[str, ...], board: Board, mail: Mail) -> None:
        self._run = run
        self._roles = roles
        self._board = board
        self._mail = mail

    async def tasks(self) -> tuple[Task, ...]:
        """Every task of the project, oldest first."""
        return await self._board.tasks(self._run.project)

    async def task(self, name: str) -> tuple[Task, tuple[TaskComment, ...]]:
        """One task and what was said about it; raises NotFound."""
        found = await self._board.find(name, self._run.project)
        return found, await self._board.comments(found)

    async def create(
        self,
        title: str,
        text: str,
        checks: list[str],
        role: str,
        priority: Priority,
        depends: list[str],
        difficulty: Difficulty = Difficulty.USUAL,
    ) -> Task:
        """Puts a task on the board. Raises UserError, NotFound."""
        if role:
            self._require_role(role)
        return await self._board.create(
            self._run.project,
            title,
            text,
            self._run.role,
            checks=tuple(checks),
            role=role,
            priority=priority,
            depends=tuple(depends),
            run=self._run.id,
            brief=self._run.purpose.brief,
            difficulty=difficulty,
        )

    async def comment(self, task: str, text: str) -> Task:
        """Says something about a task. Raises UserError, NotFound."""
        return await self._board.comment(task, text, self._run.role, self._run.project, self._run.id)

    async def tell(self, kind: MessageKind, to: str, text: str, priority: Priority, answers: str) -> AgentMessage:
        """Sends a message to a role by its name, or to a run by its id. Raises UserError."""
        if to in self._roles:
            return await self._mail.tell(self._run, kind, text, to_role=to, priority=priority, answers=answers)
        if near := get_close_matches(to, self._roles, 1, 0.8):
            raise UserError(f"There is no role “{to}”.", f"Did you mean {near[0]}?")
        return await self._mail.tell(self._run, kind, text, to_run=to, priority=priority, answers=answers)

    def _require_role(self, role: str) -> None:
        if role not in self._roles:
            raise UserError(f"There is no role “{role}”.", f"There are: {', '.join(self._roles)}.")
