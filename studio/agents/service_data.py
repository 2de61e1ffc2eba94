"""Service data: what the services of a project's new runs begin with, kept from one run when a person says so."""

from __future__ import annotations

from studio.agents.live import LiveRuns
from studio.agents.retiring import Retiring
from studio.agents.service_data_log import ServiceDataLog
from studio.domain.errors import NotFound, UserError
from studio.domain.ids import DataId, ProjectId
from studio.domain.runs import Run, RunState
from studio.domain.service_data import ServiceData
from studio.sandbox.sandboxes import Sandboxes


class DataKeeper:
    """Copies a run's volumes while nobody uses them, and forgets the copies again."""

    def __init__(self, log: ServiceDataLog, sandboxes: Sandboxes, live_runs: LiveRuns, retiring: Retiring) -> None:
        self._log = log
        self._sandboxes = sandboxes
        self._live_runs = live_runs
        self._retiring = retiring

    async def keep(self, run: Run) -> ServiceData:
        """Ends the run's sandbox and copies what its services keep, in the place of what was kept before.

        The services are started first, so that each is asked to end in order. Raises EngineError, and UserError while
        the run works, where it has no such data, or no room is left.
        """
        if run.state is RunState.DISCARDED:
            raise UserError(f"Run {run.id} was discarded; nothing of its services is left.", "Name another run.")
        pod = (await self._live_runs.visit(run)).sandbox.pod
        held = pod.held if pod is not None else ()
        if pod is None or not held:
            raise UserError(
                f"Run {run.id} has no service that keeps data.",
                "Its services are those of the compose file at its base commit; see studio sandbox plan.",
            )
        if not await self._retiring.retire(run.id, "what its services keep is copied for new runs"):
            raise UserError(f"Run {run.id} is working in it.", f"Stop that first: studio runs cancel {run.id}")
        data, kept = DataId.new(), self._sandboxes.kept_data
        async with self._sandboxes.at_rest(run.id):
            size = await kept.keep(data, run.project, held, pod.worn)
            found = await self._log.kept(run, data, tuple(one.name for one in held), size)
        await kept.clear(run.project, data)
        return found

    async def forget(self, project: ProjectId) -> ServiceData:
        """Lets services of new runs begin empty again; those that have their copy keep it. Raises NotFound."""
        found = await self._log.of(project)
        if found is None:
            raise NotFound("Nothing is kept for new runs: their services begin empty.")
        await self._log.forgotten(found)
        await self._sandboxes.kept_data.clear(project)
        return found
