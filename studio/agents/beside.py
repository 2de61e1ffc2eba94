"""What stands beside a run's sandbox: the services that its base commit asks for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from studio.agents.compose_files import ComposeFiles
from studio.agents.service_data_log import ServiceDataLog
from studio.agents.services import ServiceNotes
from studio.domain.events import Delta
from studio.domain.runs import Run
from studio.sandbox.box import Sandbox
from studio.sandbox.plan import STANDARD_PLAN, SandboxPlan
from studio.sandbox.spec.service import Services
from studio.workspace.workspaces import Workspaces


def starting(services: Services) -> str:
    """What is about to be started."""
    return f"Starting services: {', '.join(f'{service.name} ({service.image})' for service in services.started)}.\n"


class Beside:
    """Brings the services into the plan of a run's sandbox, and notes how they came up."""

    def __init__(
        self,
        compose: ComposeFiles,
        workspaces: Workspaces,
        notes: ServiceNotes,
        data: ServiceDataLog,
        on_delta: Callable[[Delta], None],
    ) -> None:
        self.compose = compose
        self.data = data
        self._workspaces = workspaces
        self._notes = notes
        self._on_delta = on_delta

    async def plan(self, run: Run, plan: SandboxPlan = STANDARD_PLAN) -> tuple[SandboxPlan, Path | None]:
        """`plan` with the services of the run, and where the files lie that they read. Raises GitError."""
        services = await self.compose.at(run.project, run.base_commit)
        base, data = None, await self.data.of(run.project) if services.started else None
        if any(service.files for service in services.started):
            await self._workspaces.lay_out_base(run)
            base = self._workspaces.base_folder(run.id)
        if services.started:
            self._on_delta(Delta(run.project, run.id, "setup", starting(services)))
        # What its devcontainer.json says of the sandbox counts before what a compose file says of the app.
        return replace(plan, services=services, data=data, env={**services.app_env, **plan.env}), base

    async def images(self, run: Run) -> tuple[str, ...]:
        """What the services of the run start from. Raises UserError or GitError."""
        services = await self.compose.at(run.project, run.base_commit)
        return tuple(service.image for service in services.started)

    async def came_up(self, run: Run, plan: SandboxPlan, sandbox: Sandbox) -> None:
        """Notes how the services of a sandbox stand that was started just now."""
        if sandbox.pod is not None:
            await self._notes.started(run, plan.services.file, sandbox.pod.views)
