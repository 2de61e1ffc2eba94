"""Going out: what lets sandboxes reach hosts outside, built in one place."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass

from studio.adapters.outside import SystemOutside
from studio.agents.reaching import Reaching
from studio.app.networks import ProjectNetworks
from studio.base.settings import Settings
from studio.checkpoints.checkpoints import Checkpoints
from studio.checkpoints.networks import Networks
from studio.contracts.clock import Clock
from studio.contracts.outside import Outside
from studio.events.hub import Hub
from studio.events.recorder import Recorder
from studio.sandbox.egress.clients import KnownClients
from studio.sandbox.egress.egress import Egress
from studio.sandbox.egress.ledger import ConnectionLedger
from studio.sandbox.sandboxes import Sandboxes
from studio.store.database import Database
from studio.workflow.acts import Acts

_MEBIBYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class GoingOut:
    """The way out of sandboxes of one process, and what people say of it."""

    database: Database
    recorder: Recorder
    networks: Networks
    clients: KnownClients
    egress: Egress
    outside: Outside
    checkpoints: Checkpoints

    def door(self, acts: Acts, sandboxes: Sandboxes) -> ProjectNetworks:
        """What faces set it by."""
        return ProjectNetworks(
            *(acts, self.database, self.recorder, self.networks, self.clients, self.egress, sandboxes, self.outside),
            self.checkpoints,
        )


def going_out_in(
    environment: Mapping[str, str],
    settings: Settings,
    clock: Clock,
    database: Database,
    recorder: Recorder,
    hub: Hub,
    checkpoints: Checkpoints,
    stack: AsyncExitStack,
    outside: Outside | None = None,
) -> GoingOut:
    """Builds it for one data folder, on this machine's own network unless another `outside` is given."""
    if outside is None:
        system = SystemOutside()
        stack.callback(system.close)
        outside = system
    networks, clients = Networks(database, recorder, clock), KnownClients(environment)
    judge = Reaching(database, recorder, hub, networks, checkpoints, clients, settings.network_ask_seconds)
    ledger = ConnectionLedger(database, clock)
    egress = Egress(judge, ledger, outside, clock, settings.network_mb * _MEBIBYTE)
    return GoingOut(database, recorder, networks, clients, egress, outside, checkpoints)
