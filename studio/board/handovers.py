"""Hand-overs: whose work the next run of a role goes on with."""

from __future__ import annotations

from studio.domain.ids import ProjectId, RunId
from studio.domain.mail import MessageKind
from studio.domain.runs import Run, RunState
from studio.store import mail, runs
from studio.store.connection import Connection

_SETTLED = (RunState.MERGED, RunState.DISCARDED)
_NOBODY = RunId("")


async def giver_for(connection: Connection, project: ProjectId, role: str) -> Run | None:
    """The run that handed its work over to this role last and still waits for somebody to take it.

    None where there is none, where nothing is on its branch, or where a person has merged or discarded that.
    """
    waiting = await mail.waiting_for(connection, project, _NOBODY, role)
    given = [message.from_run for message in waiting if message.kind is MessageKind.HANDOFF]
    if not given:
        return None
    giver = await runs.get(connection, given[-1])
    return giver if giver.state not in _SETTLED and giver.head != giver.base_commit else None
