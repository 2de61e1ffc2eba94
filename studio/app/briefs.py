"""The briefs door: what is wanted of a project as a whole."""

from __future__ import annotations

from studio.board.briefs import Briefs
from studio.domain import briefs as domain
from studio.domain.briefs import Brief
from studio.domain.errors import UserError
from studio.domain.ids import BriefId, ProjectId
from studio.workflow.acts import Acts, act


class WrittenBriefs:
    """Briefs as the developer writes and reads them."""

    def __init__(self, acts: Acts, briefs: Briefs) -> None:
        self.acts = acts
        self._briefs = briefs

    async def list(self, project: ProjectId | None = None) -> tuple[Brief, ...]:
        """All briefs, or those of one project, oldest first."""
        return await self._briefs.list(project)

    async def find(self, name: str) -> Brief:
        """The brief with this id or unambiguous beginning of one; raises NotFound or UserError."""
        return await self._briefs.find(name)

    async def write(self, project: ProjectId, title: str, text: str = "") -> Brief:
        """Gives the project a brief. Raises UserError for one without a title, or too long."""
        for what, given, most in (("title", title, domain.TITLE_CHARACTERS), ("text", text, domain.TEXT_CHARACTERS)):
            if len(given) > most:
                raise UserError(f"The {what} is longer than {most} characters.", "Shorten it.")
        return await self._write(project, title, text, BriefId.new())

    @act
    async def _write(self, project: ProjectId, title: str, text: str, brief: BriefId) -> Brief:
        """Keeps it, once however often it is asked for."""
        return await self._briefs.write(project, title, text, brief)
