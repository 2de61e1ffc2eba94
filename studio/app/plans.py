"""The plans door: what a project's sandboxes would be made of, before a run is started."""

from __future__ import annotations

import asyncio
import shlex
from dataclasses import dataclass

from studio.agents.compose_files import ComposeFiles
from studio.agents.include_trust import IncludeTrust
from studio.agents.plans import Plans
from studio.checkpoints.networks import Networks
from studio.domain.errors import EngineError
from studio.domain.ids import ProjectId
from studio.domain.network import Destination
from studio.domain.projects import Project
from studio.domain.services import told_of
from studio.sandbox.egress.registries import host_of
from studio.sandbox.plan import STANDARD_PLAN
from studio.sandbox.pods import left_view
from studio.sandbox.spec.service import Service
from studio.sandbox.spec.wanted import Wanted
from studio.workspace.workspaces import Workspaces

_ENGINE_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class PlanView:
    """What a commit says about sandboxes.

    `sources` are tried in their order until one gives an image, `expects` are programs that it must bring, because
    nothing installs them. `services` tells in a line each what stands beside a sandbox, `left` what is the sandbox's
    own; `refused` are sentences on what is not granted. `includes` are the lines of .worktreeinclude, `asked` those
    that came (`+ `) and went (`- `) since somebody agreed to them. `missing` are the images that a new run would need
    and that are not on this machine, None where no container engine says so; `asks` the registries about which a
    person is asked for them.
    """

    commit: str
    sources: tuple[str, ...]
    setup: tuple[str, ...]
    env: tuple[str, ...]
    ports: tuple[int, ...]
    refused: tuple[str, ...]
    services: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    expects: tuple[str, ...] = ()
    includes: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    missing: tuple[str, ...] | None = ()
    asks: tuple[str, ...] = ()


class SandboxPlans:
    """Reads and judges; nothing is built."""

    def __init__(
        self, plans: Plans, workspaces: Workspaces, compose: ComposeFiles, trust: IncludeTrust, networks: Networks
    ) -> None:
        self._networks = networks
        self._plans = plans
        self._workspaces = workspaces
        self._compose = compose
        self._trust = trust

    async def show(self, project: Project) -> PlanView:
        """What new runs of the project start from as its checkout stands now. Raises UserError, GitError."""
        base = await self._workspaces.base(project)
        spec = await self._plans.read(project.id, base.commit)
        services = await self._compose.at(project.id, base.commit)
        includes = await self._trust.show(project)
        missing = await self._missing(project.id, base.commit, tuple(one.image for one in services.started))
        settings = spec.settings
        env = {**services.app_env, **(settings.env if settings else {})}
        return PlanView(
            commit=base.commit,
            sources=(*map(_source, spec.sources), STANDARD_PLAN.origin),
            setup=tuple(_line(command.argv) for command in settings.setup) if settings else (),
            env=tuple(sorted(env)),
            ports=settings.forward_ports if settings else (),
            refused=(
                *(f"{one.sentence} {one.action}".strip() for one in spec.refused),
                *(told_of(left_view(one)) for one in services.left if not one.at_home),
            ),
            services=tuple(_beside(service) for service in services.started),
            left=tuple(told_of(left_view(one)) for one in services.left if one.at_home),
            expects=settings.expects if settings else (),
            includes=includes.lines,
            asked=includes.changed,
            missing=missing,
            asks=await self._asks(project.id, missing or ()),
        )

    async def _missing(self, project: ProjectId, commit: str, beside: tuple[str, ...]) -> tuple[str, ...] | None:
        try:
            async with asyncio.timeout(_ENGINE_SECONDS):
                lacking = (*await self._plans.lacking(project, commit), *await self._plans.absent(beside))
        except (EngineError, TimeoutError):
            return None
        return tuple(dict.fromkeys(lacking))

    async def _asks(self, project: ProjectId, images: tuple[str, ...]) -> tuple[str, ...]:
        hosts = dict.fromkeys(map(host_of, images))
        return tuple(
            [host for host in hosts if not (await self._networks.lets_images(project, Destination.parse(host)))[0]]
        )


def _source(wanted: Wanted) -> str:
    """A source with the images that it takes something from."""
    images = (wanted.image,) if wanted.image else wanted.build.bases if wanted.build is not None else ()
    return f"{wanted.origin} ({'' if wanted.image else 'built from '}{', '.join(images)})" if images else wanted.origin


def _beside(service: Service) -> str:
    at = ", ".join(f"localhost:{port}" for port in service.ports)
    where = f" on {at}" if at else ", on the ports that its image names"
    kept = f", keeps {', '.join(volume.target for volume in service.volumes)}" if service.volumes else ""
    return f"{service.name} from {service.image}{where}{kept}"


def _line(argv: tuple[str, ...]) -> str:
    return argv[2] if argv[:2] == ("sh", "-c") else shlex.join(argv)
