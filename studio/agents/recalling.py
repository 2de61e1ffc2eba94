"""Recalling: the replies that a role may give again when it is asked the very same."""

from __future__ import annotations

from studio.contracts.chat_model import ModelRequest
from studio.domain.models import ModelRef
from studio.domain.roles import Role
from studio.domain.runs import Run
from studio.router.answers import Answers, AskedBy, uses_tools
from studio.router.router import Completion


class Recaller:
    """Finds and keeps the replies of one run, as far as its role's file wants that.

    What an agent does with tools is done anew each time, unless the role wants that, too, to be taken from before.
    """

    def __init__(self, answers: Answers, run: Run, role: Role) -> None:
        self._answers = answers
        self._by = AskedBy(run.project, run.id, (run.branch, run.id))
        self._role = role

    async def find(self, route: tuple[ModelRef, ...], request: ModelRequest) -> Completion | None:
        """The reply of the first model of the route to the very same request, if there is one."""
        if not route or not self._may(request):
            return None
        return await self._answers.find(self._by, route[0], request)

    async def keep(self, request: ModelRequest, done: Completion) -> None:
        """Keeps the reply for others."""
        if self._may(request) and (self._role.answer_cache_tools or not done.reply.calls):
            await self._answers.keep(self._by, request, done)

    def _may(self, request: ModelRequest) -> bool:
        return self._role.answer_cache and (self._role.answer_cache_tools or not uses_tools(request))
