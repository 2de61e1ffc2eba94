"""Studio: all doors of one data folder."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from studio.app.aids import OfferedAids
from studio.app.board import Boards
from studio.app.briefs import WrittenBriefs
from studio.app.budgets import Budgets
from studio.app.chats import Chats
from studio.app.choices import Choices
from studio.app.consoles import Consoles
from studio.app.container_engines import ContainerEngines
from studio.app.decisions import Decisions
from studio.app.doctor import Doctor
from studio.app.estimates import Estimates
from studio.app.experiments import TriedExperiments
from studio.app.feed import Feed
from studio.app.files import Files
from studio.app.fitness import Fitnesses
from studio.app.forking import Forks
from studio.app.handovers import Handovers
from studio.app.networks import ProjectNetworks
from studio.app.parkings import Parkings
from studio.app.plans import SandboxPlans
from studio.app.policies import Policies
from studio.app.preferences import Preferences
from studio.app.previews import Previews
from studio.app.processes import Processes
from studio.app.projects import Projects
from studio.app.provider_tests import ProviderTests
from studio.app.providers import Providers
from studio.app.pulls import Pulls
from studio.app.queue import Queues
from studio.app.references import References
from studio.app.replay import Replays
from studio.app.restoring import Restoring
from studio.app.retrying import Retries
from studio.app.review import Review
from studio.app.roles import OfferedRoles
from studio.app.routing_tables import RoutingTables
from studio.app.rule_drafts import RuleDrafts
from studio.app.sandboxes import SandboxesDoor
from studio.app.terminals import Terminals
from studio.app.usage import Usages
from studio.app.vault import Vault
from studio.base.paths import Paths
from studio.base.settings import Settings
from studio.sandbox.images import Images


@dataclass(frozen=True, slots=True)
class Studio:
    """What faces hold; `close` ends everything that was begun and is called once.

    When another process holds the engine of this data folder, that one does the work; once it is gone, this one
    takes over. `own_engine` returns once this one does the work and raises StudioError when taking over fails;
    `engine_lost` raises the same, and waits for ever otherwise.
    """

    paths: Paths
    settings: Settings
    projects: Projects
    chats: Chats
    queue: Queues
    replays: Replays
    retries: Retries
    parkings: Parkings
    review: Review
    references: References
    handovers: Handovers
    restoring: Restoring
    forks: Forks
    files: Files
    terminals: Terminals
    previews: Previews
    consoles: Consoles
    sandboxes: SandboxesDoor
    processes: Processes
    checkpoints: Decisions
    networks: ProjectNetworks
    plans: SandboxPlans
    policies: Policies
    rule_drafts: RuleDrafts
    budgets: Budgets
    estimates: Estimates
    experiments: TriedExperiments
    usage: Usages
    vault: Vault
    providers: Providers
    provider_tests: ProviderTests
    preferences: Preferences
    doctor: Doctor
    container_engine: ContainerEngines
    models: Choices
    pulls: Pulls
    routing: RoutingTables
    roles: OfferedRoles
    fitness: Fitnesses
    aids: OfferedAids
    board: Boards
    briefs: WrittenBriefs
    feed: Feed
    images: Images
    is_attached: Callable[[], bool]
    own_engine: Callable[[], Coroutine[Any, Any, None]]
    engine_lost: Callable[[], Coroutine[Any, Any, None]]
    close: Callable[[], Awaitable[None]]

    @property
    def attached(self) -> bool:
        """Whether another process does the work at this moment."""
        return self.is_attached()
