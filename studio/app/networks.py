"""The networks door: what the sandboxes of a project may reach, and what they reached."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from shlex import quote

from studio.app.decisions import OPERATOR
from studio.checkpoints.checkpoints import Checkpoints
from studio.checkpoints.networks import Networks
from studio.contracts.outside import Outside
from studio.domain.checkpoints import BY_NETWORK, CheckpointKind, CheckpointState
from studio.domain.errors import NotFound, UserError
from studio.domain.ids import ProjectId, RunId
from studio.domain.network import Attempt, Destination, Network, NetworkMode, asked_of, is_of_images
from studio.events.recorder import Recorder
from studio.sandbox.egress.addresses import THIS_MACHINE, trouble_with
from studio.sandbox.egress.clients import KnownClients
from studio.sandbox.egress.egress import Egress
from studio.sandbox.sandboxes import Sandboxes
from studio.store import connections, projects, runs
from studio.store.database import Database
from studio.workflow.acts import Acts, act

_LOOK_UP_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class NetworkView:
    """What a project's sandboxes may reach.

    `registries` are those of which the container engine may fetch images, and which no program reaches by that.
    `own` are the hosts of this machine's package clients, where these count, and `left_out` what of them a sandbox
    does not get. `start_anew` are runs whose sandbox was started before, and knows no way out until it starts anew.
    """

    mode: NetworkMode
    packages: bool
    hosts: tuple[str, ...]
    own: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    start_anew: tuple[RunId, ...] = ()
    registries: tuple[str, ...] = ()


class ProjectNetworks:
    """Modes and lists of hosts; a change counts for the next connection, and ends those that are there.

    It answers the questions that it leaves nothing to ask about.
    """

    def __init__(
        self,
        acts: Acts,
        database: Database,
        recorder: Recorder,
        networks: Networks,
        clients: KnownClients,
        egress: Egress,
        sandboxes: Sandboxes,
        outside: Outside,
        checkpoints: Checkpoints,
    ) -> None:
        self.acts = acts
        self._database = database
        self._recorder = recorder
        self._networks = networks
        self._clients = clients
        self._egress = egress
        self._sandboxes = sandboxes
        self._outside = outside
        self._checkpoints = checkpoints

    @act
    async def show(self, project: ProjectId) -> NetworkView:
        """What the project's sandboxes may reach as it stands."""
        return await self._view(project)

    @act
    async def set(self, project: ProjectId, mode: NetworkMode, packages: bool | None = None) -> NetworkView:
        """Sets the mode; `packages` says whether the hosts of this machine's package clients count as listed."""
        before = await self._networks.of(project)
        network = Network(mode, before.packages if packages is None else packages)
        async with self._recorder.unit(project, None) as unit:
            await projects.get(unit.connection, project)
            await self._networks.set(unit, project, network, OPERATOR)
        self._clients.renew()
        if network != before:
            self._egress.cut(project)
            await self._settle(project, network.mode)
        return await self._view(project)

    @act
    async def allow(self, project: ProjectId, host: str) -> NetworkView:
        """Puts a host on the project's list; raises UserError for what is none, and for this machine itself."""
        wanted = Destination.parse(host)
        if await self._is_here(wanted):
            raise UserError(
                f"{wanted.host} is this machine, which no sandbox reaches.",
                "What a sandbox is to reach of it, start inside: a service of a compose file, for example.",
            )
        async with self._recorder.unit(project, None) as unit:
            await projects.get(unit.connection, project)
            await self._networks.allow(unit, project, wanted, OPERATOR)
        await self._answer(project, CheckpointState.APPROVED, lambda act: asked_of(act) == wanted)
        return await self._view(project)

    @act
    async def remove(self, project: ProjectId, host: str) -> NetworkView:
        """Takes a host off the project's list; raises NotFound where it is not on it."""
        wanted = Destination.parse(host)
        async with self._recorder.unit(project, None) as unit:
            found = await projects.get(unit.connection, project)
            if not await self._networks.remove(unit, project, wanted, OPERATOR):
                see = f"See the list: studio sandbox network {quote(found.name)}"
                raise NotFound(f"{wanted} is not on the list of {found.name}.", see)
        self._egress.cut(project)
        return await self._view(project)

    async def mode(self, project: ProjectId) -> NetworkMode:
        """What the project's sandboxes may reach, without the hosts."""
        return (await self._networks.of(project)).mode

    async def connections(self, project: ProjectId, run: RunId | None = None, most: int = 200) -> tuple[Attempt, ...]:
        """The newest attempts to reach a host, newest first, whatever became of them."""
        async with self._database.reading() as connection:
            return await connections.newest(connection, project, run, most)

    async def _view(self, project: ProjectId) -> NetworkView:
        network, hosts = await self._networks.of(project), await self._networks.hosts(project)
        named = tuple(map(str, hosts))
        registries = tuple(map(str, await self._networks.registries(project)))
        if network.mode is NetworkMode.NONE:
            return NetworkView(network.mode, network.packages, named, registries=registries)
        clients = await self._clients.get()
        own = tuple(sorted(map(str, clients.hosts))) if network.packages else ()
        left_out = clients.left_out if network.packages else ()
        anew = await self._without_way_out(project)
        return NetworkView(network.mode, network.packages, named, own, left_out, anew, registries)

    async def _settle(self, project: ProjectId, mode: NetworkMode) -> None:
        """Answers what a mode has answered: where all is open each host, and where nothing is none of a program's."""
        if mode is NetworkMode.OPEN:
            await self._answer(project, CheckpointState.APPROVED, lambda _act: True)
        elif mode is NetworkMode.NONE:
            await self._answer(project, CheckpointState.VOID, lambda act: not is_of_images(act))

    async def _answer(self, project: ProjectId, state: CheckpointState, which: Callable[[str], bool]) -> None:
        for asked in await self._checkpoints.waiting():
            if asked.project == project and asked.kind is CheckpointKind.NETWORK and which(asked.act):
                with suppress(UserError):  # somebody answered it this very moment
                    async with self._recorder.unit(project, asked.run) as unit:
                        await self._checkpoints.decide(unit, asked, state, "", BY_NETWORK)

    async def _is_here(self, wanted: Destination) -> bool:
        """Whether a name leads to this machine; one that leads nowhere now may do so later."""
        try:
            async with asyncio.timeout(_LOOK_UP_SECONDS):
                addresses = await self._outside.resolve(wanted.host)
        except (OSError, UnicodeError):  # also TimeoutError
            return False
        return any(
            trouble_with(address, is_own=True) == THIS_MACHINE or self._outside.is_here(address)
            for address in addresses
        )

    async def _without_way_out(self, project: ProjectId) -> tuple[RunId, ...]:
        async with self._database.reading() as connection:
            known = await runs.all_runs(connection, project)
        opened = ((run.id, self._sandboxes.get(run.id)) for run in known)
        return tuple(run for run, sandbox in opened if sandbox is not None and not sandbox.has_way_out)
