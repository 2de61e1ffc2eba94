"""Networks: what people let the sandboxes of each project reach; the only writer of it."""

from __future__ import annotations

from studio.contracts.clock import Clock
from studio.domain.events import HostAllowed, HostRemoved, NetworkSet
from studio.domain.ids import ProjectId
from studio.domain.network import Destination, Network
from studio.events.recorder import Recorder, Unit
from studio.store import hosts as listed
from studio.store import networks as table
from studio.store.database import Database


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

    async def set(self, unit: Unit, project: ProjectId, network: Network, by: str) -> None:
        """Sets what a project's sandboxes reach."""
        await table.save(unit.connection, project, network)
        unit.record(NetworkSet(network.mode.value, network.packages, by))

    async def allow(self, unit: Unit, project: ProjectId, wanted: Destination, by: str, checkpoint: str = "") -> None:
        """Puts a host on a project's list; one that is there already stays."""
        if await listed.add(unit.connection, project, wanted, self._clock.now()):
            unit.record(HostAllowed(wanted.host, wanted.port, checkpoint, by))

    async def remove(self, unit: Unit, project: ProjectId, wanted: Destination, by: str) -> bool:
        """Takes a host off a project's list and says whether it was there."""
        was_there = await listed.remove(unit.connection, project, wanted)
        if was_there:
            unit.record(HostRemoved(wanted.host, wanted.port, by))
        return was_there
