"""The whole log of a run: its own, after that of the run which it was forked from, up to where that was."""

from __future__ import annotations

from studio.domain.events import Recorded, RunForked
from studio.domain.ids import RunId
from studio.store import event_log
from studio.store.connection import Connection


async def whole_log(connection: Connection, run: RunId) -> tuple[Recorded, ...]:
    """Everything that belongs to a run, in order; what its source did after the fork does not."""
    log: tuple[Recorded, ...] = ()
    until: int | None = None
    asked: RunId | None = run
    while asked is not None:
        own = await event_log.since(connection, 0, run=asked)
        log = (*(recorded for recorded in own if until is None or recorded.seq <= until), *log)
        asked, forked_at = forked_from(own)
        # A fork of a fork may go on from a point that lies before the first of them.
        until = forked_at if until is None or forked_at is None else min(until, forked_at)
    return log


async def newest_log(connection: Connection, run: RunId, newest: int) -> tuple[Recorded, ...]:
    """The first event of a run and about `newest` of its last ones; everything when there are fewer."""
    found = await event_log.newest(connection, run, newest)
    if len(found) >= newest or forked_from(found)[0] is None:
        return found
    return await whole_log(connection, run)


def forked_from(own: tuple[Recorded, ...]) -> tuple[RunId | None, int | None]:
    """The run that a run's log says it was forked from, and the number of the last event that both have."""
    # A run begins with at most these two.
    for recorded in own[:2]:
        if isinstance(recorded.event, RunForked):
            return RunId(recorded.event.source), recorded.event.until
    return None, None
