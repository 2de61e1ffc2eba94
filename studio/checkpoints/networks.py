"""Networks: what people let the sandboxes of each project reach; the only writer of it."""

from __future__ import annotations

from studio.contracts.clock import Clock
from studio.domain.events import HostAllowed, HostRemoved, NetworkSet
from studio.domain.ids import ProjectId
from studio.domain.network import Destination, Network, NetworkMode
from studio.events.recorder import Recorder, Unit
from studio.store import event_log
from studio.store import hosts as listed
from studio.store import networks as table
from studio.store.connection import Connection
from studio.store.database import Database

_MOST_READ = 10_000
"""So many of a person's newest words on hosts are read."""


class Networks:
    """Modes and lists of hosts; each change is written together with its event."""

    def __init__(self, database: Database, recorder: Recorder, clock: Clock) -> None:
        self._database = database
        self._recorder = recorder
        self._clock = clock

    async def of(self, project: ProjectId) -> Network:
        """What a project's sandboxes reach, as it stands at this moment."""
        return await self._database.look(table.network_of, project)

    async def is_listed(self, project: ProjectId, wanted: Destination) -> bool:
        """Whether a host is on a project's list at this moment."""
        return await self._database.look(listed.is_listed, project, wanted)

    async def hosts(self, project: ProjectId) -> tuple[Destination, ...]:
        """A project's list, by name."""
        return await self._database.look(listed.hosts_of, project)

    async def registries(self, project: ProjectId) -> tuple[Destination, ...]:
        """Those of which the container engine may fetch images, by name; no program reaches one by that."""
        async with self._database.reading() as connection:
            return await _registries(connection, project)

    async def lets_images(self, project: ProjectId, registry: Destination) -> tuple[str, bool]:
        """Why images of a registry may be fetched unasked, and whether a person named it; no words where one is asked.

        The words are the end of a sentence.
        """
        if await self.is_listed(project, registry):
            return "its registry is on the project's list", True
        if registry in await self.registries(project):
            return "images of its registry are allowed for this project", True
        is_open = (await self.of(project)).mode is NetworkMode.OPEN
        return "the project may reach every public host" if is_open else "", False

    async def set(self, unit: Unit, project: ProjectId, network: Network, by: str) -> None:
        """Sets what a project's sandboxes reach."""
        await table.save(unit.connection, project, network)
        unit.record(NetworkSet(network.mode.value, network.packages, by))

    async def allow(self, unit: Unit, project: ProjectId, wanted: Destination, by: str, checkpoint: str = "") -> None:
        """Puts a host on a project's list; one that is there already stays."""
        if await listed.add(unit.connection, project, wanted, self._clock.now()):
            unit.record(HostAllowed(wanted.host, wanted.port, checkpoint, by))

    async def allow_images(
        self, unit: Unit, project: ProjectId, registry: Destination, by: str, checkpoint: str
    ) -> None:
        """Lets the container engine fetch images of a registry for the project, and no program reach it."""
        unit.record(HostAllowed(registry.host, registry.port, checkpoint, by, images=True))

    async def remove(self, unit: Unit, project: ProjectId, wanted: Destination, by: str) -> bool:
        """Takes a host off a project's list, also as a registry, and says whether it was there."""
        is_registry = wanted in await _registries(unit.connection, project)
        was_there = await listed.remove(unit.connection, project, wanted)
        if was_there:
            unit.record(HostRemoved(wanted.host, wanted.port, by))
        if is_registry:
            unit.record(HostRemoved(wanted.host, wanted.port, by, images=True))
        return was_there or is_registry


async def _registries(connection: Connection, project: ProjectId) -> tuple[Destination, ...]:
    """As the log has them: they are few, and asked for rarely."""
    said = [
        *await event_log.newest_of(connection, HostAllowed.kind, project, _MOST_READ),
        *await event_log.newest_of(connection, HostRemoved.kind, project, _MOST_READ),
    ]
    allowed: dict[Destination, bool] = {}
    for item in sorted(said, key=lambda item: item.seq):
        if isinstance(item.event, HostAllowed | HostRemoved) and item.event.images:
            allowed[Destination(item.event.host, item.event.port)] = isinstance(item.event, HostAllowed)
    return tuple(sorted((each for each in allowed if allowed[each]), key=str))
