"""Service data: what the services of new runs begin with, a database say, kept as a copy of one run's."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from studio.domain.events import Recorded, ServiceDataForgotten, ServiceDataKept
from studio.domain.ids import DataId, ProjectId, RunId


@dataclass(frozen=True, slots=True)
class ServiceData:
    """A copy of one run's volumes: `names` as the compose file calls them, `bytes` what the engine counted."""

    id: DataId
    project: ProjectId
    run: RunId
    names: tuple[str, ...]
    bytes: int
    kept: datetime


DATA_KINDS = (ServiceDataKept.kind, ServiceDataForgotten.kind)


def in_use(log: Iterable[Recorded]) -> dict[ProjectId, ServiceData]:
    """What each project's new runs begin with, by the newest of `DATA_KINDS`; projects without any are left out."""
    found: dict[ProjectId, ServiceData] = {}
    for item in log:
        match item:
            case Recorded(project=ProjectId() as project, run=RunId() as run, event=ServiceDataKept() as event):
                found[project] = ServiceData(DataId(event.data), project, run, event.names, event.bytes, item.time)
            case Recorded(project=ProjectId() as project, event=ServiceDataForgotten()):
                found.pop(project, None)
    return found
