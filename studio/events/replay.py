"""Replay: the log from a number on, then live."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from studio.domain.events import Delta, Recorded
from studio.domain.ids import ProjectId, RunId
from studio.events.hub import Gap, Hub
from studio.store import event_log
from studio.store.database import Database

PAGE = 500


async def follow(
    database: Database,
    hub: Hub,
    since: int = 0,
    *,
    run: RunId | None = None,
    project: ProjectId | None = None,
    deltas: bool = True,
) -> AsyncGenerator[Recorded | Delta, None]:
    """Every event after number `since` once and in order, of one run or project where given; never ends.

    Deltas come between them from the moment the log has been caught up with; a slow reader misses some.
    """
    last = since
    # Numbers of all runs are listened to: only so does a missing one show that another process wrote it.
    with hub.subscribe(run, project, deltas, every_event=True) as live:
        while True:
            caught_up = False
            while not caught_up:
                page, last, caught_up = await _page(database, last, run, project)
                for recorded in page:
                    yield recorded
            live.skip(last)
            async for item in live:
                if isinstance(item, Delta):
                    yield item
                elif isinstance(item, Gap) or item.seq > last + 1:
                    break
                elif item.seq == last + 1:
                    last = item.seq
                    if (run is None or item.run == run) and (project is None or item.project == project):
                        yield item


async def _page(
    database: Database, last: int, run: RunId | None, project: ProjectId | None
) -> tuple[tuple[Recorded, ...], int, bool]:
    """The next events, the number up to which the log is known then, and whether that is its end."""
    async with database.reading() as connection:
        page = await event_log.since(connection, last, run=run, project=project, limit=PAGE)
        if len(page) == PAGE:
            return page, page[-1].seq, False
        return page, max(last, await event_log.last_seq(connection)), True
