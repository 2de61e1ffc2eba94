"""The sandboxes door: the containers of runs, and what they take, for people."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace

from studio.agents.include_trust import Includes, IncludeTrust
from studio.agents.live import LiveRuns
from studio.agents.retiring import Retiring
from studio.agents.service_data import DataKeeper
from studio.agents.service_data_log import ServiceDataLog
from studio.base.text import plain
from studio.contracts.containers import ContainerStats
from studio.contracts.sandbox_engine import SandboxEngine
from studio.domain.container_logs import LogPage
from studio.domain.errors import EngineError, NotFound, UserError
from studio.domain.ids import ProjectId, RunId
from studio.domain.projects import Project
from studio.domain.runs import Run, RunState
from studio.domain.sandboxes import Cleared, DiskMeter, SandboxState, SandboxUse, SandboxView
from studio.domain.service_data import ServiceData
from studio.sandbox.box import Sandbox
from studio.sandbox.meter import Meter
from studio.sandbox.reaper import Reaper
from studio.sandbox.sandboxes import Sandboxes
from studio.store import projects, runs
from studio.store.database import Database
from studio.workflow.acts import Acts, act

LOG_LINES = 200
MOST_WAIT = 30.0


class SandboxesDoor:
    """Lists, starts, stops and clears away."""

    def __init__(
        self,
        acts: Acts,
        database: Database,
        engine: SandboxEngine,
        sandboxes: Sandboxes,
        live_runs: LiveRuns,
        reaper: Reaper,
        meter: Meter,
        data: ServiceDataLog,
        keeper: DataKeeper,
        trust: IncludeTrust,
    ) -> None:
        self.acts = acts
        self._database = database
        self._engine = engine
        self._sandboxes = sandboxes
        self._live_runs = live_runs
        self._retiring = Retiring(database, live_runs)
        self._reaper = reaper
        self._meter = meter
        self._data = data
        self._keeper = keeper
        self._trust = trust

    @act
    async def list(self) -> tuple[SandboxView, ...]:
        """The sandboxes that are up, those that sleep and those that were lost, the one used last before all others."""
        opened = self._sandboxes.opened()
        # A sandbox that sleeps is not woken for it: how its services stood when it fell asleep is how they stand.
        awake = [sandbox.pod.look() for sandbox in opened if sandbox.pod is not None and not sandbox.sleep.asleep]
        await asyncio.gather(*awake, return_exceptions=True)
        views = [self._view(sandbox) for sandbox in opened]
        return tuple(sorted(views, key=lambda view: view.unused))

    @act
    async def ready(self) -> dict[ProjectId, tuple[str, ...]]:
        """The names of the sandboxes that wait for the next run of each project."""
        return self._sandboxes.pool.waiting()

    @act
    async def stats(self, run: RunId) -> SandboxView:
        """How the run's sandbox stands, with what it uses where it is up; the engine takes about a second to say."""
        sandbox = self._open(await self._run(run))
        view = self._view(sandbox)
        return await self._with_use(view, sandbox.stats) if view.state.open else view

    @act
    async def glance(self, run: RunId) -> SandboxView:
        """How the run's sandbox stands, also that there is none; with what it uses where it is awake."""
        found = await self._run(run)
        sandbox = self._sandboxes.held(found.id)
        if sandbox is not None:
            view = self._view(sandbox)
            return await self._with_use(view, sandbox.use_now) if view.state is SandboxState.RUNNING else view
        starts = self._live_runs.is_opening(found.id)
        return SandboxView(found.id, found.project, SandboxState.STARTING if starts else SandboxState.NONE)

    async def _with_use(self, view: SandboxView, reading: Callable[[], Awaitable[ContainerStats]]) -> SandboxView:
        try:
            read = await reading()
        except EngineError as error:
            return replace(view, trouble=error.sentence)
        return replace(view, use=SandboxUse(read.memory_bytes, read.cpu_percent, read.pids))

    @act
    async def start(self, run: RunId) -> SandboxView:
        """Makes sure that the run's sandbox is up and awake. Raises EngineError, UserError for a discarded run."""
        found = await self._run(run)
        if found.state is RunState.DISCARDED:
            raise UserError(f"Run {found.id} was discarded; it has no files any more.", "Start a new run.")
        live = await self._live_runs.visit(found)
        await live.sandbox.sleep.wake()
        return self._view(live.sandbox)

    @act
    async def stop(self, run: RunId) -> None:
        """Ends the run's sandbox and all that runs in it; the files stay. Raises UserError while the run works."""
        found = await self._run(run)
        self._open(found)
        await self._retire(found, "a person stopped it")

    @act
    async def restart(self, run: RunId) -> SandboxView:
        """Ends the run's sandbox and starts another. Raises UserError while the run works."""
        found = await self._run(run)
        await self._retire(found, "a person restarted it")
        return self._view((await self._live_runs.visit(found)).sandbox)

    @act
    async def delete(self, run: RunId) -> None:
        """Ends the run's sandbox and deletes what services beside it kept; files and snapshots stay.

        Raises UserError while the run works, FilesElsewhere where files that are not here were kept at the engine.
        """
        found = await self._run(run)
        await self._retire(found, "a person deleted it")
        await self._sandboxes.forget(found.id)

    @act
    async def logs(self, run: RunId, lines: int = LOG_LINES) -> dict[str, str]:
        """What the sandbox's own program, its services and the processes behind said last, by name."""
        sandbox = self._open(await self._run(run))
        said = {"sandbox": plain((await self._engine.logs(sandbox.container, lines)).decode("utf-8", "replace"))}
        if sandbox.pod is not None:
            for service in sandbox.pod.views:
                with suppress(NotFound):  # one that was left out has said nothing
                    said[service.name] = await sandbox.pod.logs(service.name, lines)
        for process in await sandbox.processes.list():
            text = (await sandbox.processes.output(process.name, 0, 0)).text
            said[f"{process.name} ({process.command})"] = "\n".join(plain(text).splitlines()[-lines:])
        return said

    @act
    async def follow_logs(self, run: RunId, mark: int = 0, sandbox: str = "", wait: float = 0.0) -> LogPage:
        """What was written behind a mark in that container, as far as it is kept; from the start in another one.

        Where nothing was, it waits up to `wait` seconds for something. To read is no use of a sandbox, and wakes none.
        """
        found = self._sandboxes.get(run)
        if found is None:
            return LogPage()
        found.logs.follow()
        if found.container != sandbox:
            mark = 0
        elif wait:
            with suppress(TimeoutError, EngineError):
                async with asyncio.timeout(min(wait, MOST_WAIT)):
                    await found.logs.news(mark)
            if self._sandboxes.get(run) is not found:
                return LogPage()
        news = found.logs.since(mark)
        return LogPage(news.lines, news.lost, news.mark, found.container)

    @act
    async def disk(self) -> DiskMeter:
        """What sandboxes take on disk, and what of it is left over; it takes seconds to count. Raises EngineError."""
        return await self._meter.read()

    @act
    async def prune(self) -> Cleared:
        """Clears away what is left over. Raises EngineError."""
        return await self._reaper.clear()

    async def data(self, project: ProjectId) -> ServiceData | None:
        """What the services of the project's new runs begin with; None where that is nothing."""
        return await self._data.of(project)

    @act
    async def keep_data(self, run: RunId) -> ServiceData:
        """Copies what the run's services keep, for new runs of the project to begin with; ends its sandbox for that.

        Raises EngineError, and UserError while the run works or where it has no such data.
        """
        return await self._keeper.keep(await self._run(run))

    @act
    async def forget_data(self, project: ProjectId) -> ServiceData:
        """Lets services of the project's new runs begin empty; returns what was forgotten. Raises NotFound."""
        return await self._keeper.forget(project)

    async def includes(self, project: ProjectId) -> Includes:
        """What .worktreeinclude asks for as the checkout stands, and what of that nobody agreed to. Raises GitError."""
        return await self._trust.show(await self._project(project))

    @act
    async def allow_includes(self, project: ProjectId, digest: str) -> Includes:
        """Agrees to the text so named, for new runs. Raises UserError where it is another one by now, GitError."""
        return await self._trust.allow(await self._project(project), digest)

    async def _project(self, project: ProjectId) -> Project:
        async with self._database.reading() as connection:
            return await projects.get(connection, project)

    async def _retire(self, run: Run, reason: str) -> None:
        if not await self._retiring.retire(run.id, reason):
            raise UserError(f"Run {run.id} is working in it.", f"Stop that first: studio runs cancel {run.id}")

    async def _run(self, run: RunId) -> Run:
        async with self._database.reading() as connection:
            return await runs.by_prefix(connection, run)

    def _open(self, run: Run) -> Sandbox:
        for sandbox in self._sandboxes.opened():
            if sandbox.id == run.id:
                return sandbox
        raise UserError(f"Run {run.id} has no sandbox now.", f"Start one: studio sandbox start {run.id}")

    def _view(self, sandbox: Sandbox) -> SandboxView:
        return SandboxView(
            run=sandbox.id,
            project=sandbox.project,
            state=self._sandboxes.state(sandbox.id),
            container=sandbox.container,
            image=sandbox.image,
            unused=sandbox.sleep.unused,
            memory_limit=sandbox.memory_limit,
            disk_bytes=sandbox.disk_bytes,
            services=sandbox.pod.views if sandbox.pod is not None else (),
            keeps=tuple(one.name for one in sandbox.pod.held) if sandbox.pod is not None else (),
            trouble=sandbox.broken.sentence if sandbox.broken is not None else "",
            weaker=sandbox.weaker,
        )
