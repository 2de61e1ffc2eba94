"""Briefs: what is wanted of a project as a whole, and what a new run is for."""

from __future__ import annotations

from studio.base.text import plain
from studio.contracts.clock import Clock
from studio.domain.briefs import Brief, Purpose
from studio.domain.errors import UserError
from studio.domain.events import BriefWritten
from studio.domain.ids import BriefId, ProjectId
from studio.domain.runs import Run
from studio.domain.tasks import ENDED
from studio.events.recorder import Recorder
from studio.store import briefs, tasks
from studio.store.connection import Connection
from studio.store.database import Database


class Briefs:
    """The one writer of briefs."""

    def __init__(self, database: Database, recorder: Recorder, clock: Clock) -> None:
        self._database = database
        self._recorder = recorder
        self._clock = clock

    async def list(self, project: ProjectId | None = None) -> tuple[Brief, ...]:
        """All briefs, or those of one project, oldest first."""
        async with self._database.reading() as connection:
            return await briefs.of_project(connection, project)

    async def find(self, name: str, project: ProjectId | None = None) -> Brief:
        """The brief with this id or unambiguous beginning of one; raises NotFound or UserError."""
        async with self._database.reading() as connection:
            return await briefs.by_prefix(connection, name, project)

    async def write(self, project: ProjectId, title: str, text: str, brief: BriefId) -> Brief:
        """Keeps a brief; asked again with the same id, it gives what is there. Raises UserError without a title."""
        said = " ".join(plain(self._recorder.redacted(title)).split())
        if not said:
            raise UserError("The brief has no title.", "Say in a few words what is wanted.")
        async with self._recorder.unit(project, None) as unit:
            there = await briefs.by_id(unit.connection, brief)
            if there is not None:
                return there
            told = plain(self._recorder.redacted(text)).strip()
            made = Brief(brief, project, said, told, self._clock.now())
            await briefs.add(unit.connection, made)
            unit.record(BriefWritten(made.id, made.title, made.text))
        return made


async def purpose_of(
    connection: Connection, project: ProjectId, task: str, brief: str, giver: Run | None = None
) -> Purpose:
    """What a new run is for: the task and brief that are named, else those of the run whose work it goes on with.

    Raises NotFound for one that is not there, UserError for a task that has ended or is of another brief.
    """
    if not task and not brief:
        return giver.purpose if giver is not None else Purpose()
    named = (await briefs.by_prefix(connection, brief, project)).id if brief else None
    if not task:
        return Purpose("", named or "")
    found = await tasks.by_prefix(connection, task, project)
    if found.state in ENDED:
        raise UserError(f"Task {found.id} is {found.state.value}: nothing is to be done for it.", "See: studio board")
    if named is not None and named != found.brief:
        of = f"of brief {found.brief}" if found.brief else "of no brief"
        raise UserError(f"Task {found.id} is {of}.", "Leave out the brief, or name another task.")
    return Purpose(found.id, found.brief or "")
