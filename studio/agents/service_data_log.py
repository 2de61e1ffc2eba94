"""The one writer of what services of new runs begin with, and its reader."""

from __future__ import annotations

from studio.domain.events import ServiceDataForgotten, ServiceDataKept
from studio.domain.ids import DataId, ProjectId
from studio.domain.runs import Run
from studio.domain.service_data import DATA_KINDS, ServiceData, in_use
from studio.events.recorder import Recorder
from studio.store import event_log
from studio.store.connection import Connection
from studio.store.database import Database


class ServiceDataLog:
    """Notes what is kept, and what is forgotten."""

    def __init__(self, database: Database, recorder: Recorder) -> None:
        self._database = database
        self._recorder = recorder

    async def of(self, project: ProjectId) -> ServiceData | None:
        """What the project's new runs begin with; None where their services begin empty."""
        async with self._database.reading() as connection:
            return in_use(await event_log.since(connection, 0, project=project, kinds=DATA_KINDS)).get(project)

    async def kept(self, run: Run, data: DataId, names: tuple[str, ...], size: int) -> ServiceData:
        """Records that the run's volumes were copied."""
        (recorded,) = await self._recorder.record(run.project, run.id, ServiceDataKept(data, names, size))
        return ServiceData(data, run.project, run.id, names, size, recorded.time)

    async def forgotten(self, found: ServiceData) -> None:
        """Records that services of new runs begin empty again."""
        await self._recorder.record(found.project, None, ServiceDataForgotten(found.id))


async def all_in_use(connection: Connection) -> tuple[ServiceData, ...]:
    """What is kept for new runs, of every project."""
    return tuple(in_use(await event_log.since(connection, 0, kinds=DATA_KINDS)).values())
