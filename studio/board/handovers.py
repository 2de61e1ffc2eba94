"""Handovers: what was handed over to a role and waits for a run that goes on with it."""

from __future__ import annotations

from dataclasses import dataclass

from studio.board.mail import Mail
from studio.domain.errors import UserError
from studio.domain.events import HandedOff
from studio.domain.ids import ProjectId, RunId
from studio.domain.mail import MessageKind
from studio.domain.runs import Run, RunState
from studio.events.recorder import Unit
from studio.store import event_log, runs
from studio.store import mail as messages
from studio.store.connection import Connection

_SETTLED = (RunState.MERGED, RunState.DISCARDED)


@dataclass(frozen=True, slots=True)
class Handover:
    """One run's newest handoff to a role: its branch stood at `head` then."""

    giver: Run
    role: str
    head: str

    @property
    def has_files(self) -> bool:
        """Whether there are files to go on with, and not only words."""
        return self.head != self.giver.base_commit


async def waiting_handovers(connection: Connection, project: ProjectId) -> tuple[Handover, ...]:
    """What no run has gone on with yet, newest first; nothing of a run that a person has merged or discarded."""
    found: dict[tuple[RunId, str], Handover] = {}
    for message in reversed(await messages.waiting_for_roles(connection, project, MessageKind.HANDOFF)):
        key = (message.from_run, message.to_role)
        if key in found:
            continue
        giver = await runs.get(connection, message.from_run)
        if giver.state not in _SETTLED:
            found[key] = Handover(giver, message.to_role, await _head(connection, giver, message.turn))
    return tuple(found.values())


async def handover_of(connection: Connection, project: ProjectId, role: str, giver: RunId) -> Handover | None:
    """What this run handed over to the role, while it waits."""
    waiting = await waiting_handovers(connection, project)
    return next((each for each in waiting if each.role == role and each.giver.id == giver), None)


async def take_over(unit: Unit, mail: Mail, taken: Handover, run: Run) -> None:
    """Makes `run` the one that goes on with it, within the unit that starts it. Raises UserError when another does."""
    still = await handover_of(unit.connection, run.project, run.role, taken.giver.id)
    if still is None or still.head != taken.head:
        raise waits_no_more(taken.giver.id, run.role)
    await mail.keep_for(unit, taken.giver.id, run)


def waits_no_more(giver: str, role: str) -> UserError:
    """That nothing of this run can be gone on with."""
    return UserError(
        f"No work of run {giver} waits for the {role}: another run goes on with it, or it was merged or discarded.",
        "Look at it with studio runs, or start without it.",
    )


async def _head(connection: Connection, giver: Run, turn: str) -> str:
    """The snapshot that was handed over, whatever the giver did later."""
    given = await event_log.since(connection, 0, run=giver.id, kinds=(HandedOff.kind,))
    heads = [item.event.head for item in given if isinstance(item.event, HandedOff) and item.event.turn == turn]
    return (heads[-1] if heads else "") or giver.head
