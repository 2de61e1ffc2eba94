"""Sandboxing: what containers are started with, built in one place."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial

from studio.agents.beside import Beside
from studio.agents.compose_files import ComposeFiles
from studio.agents.include_trust import IncludeTrust
from studio.agents.live import LiveRuns
from studio.agents.plans import Plans
from studio.agents.preparing import Preparing
from studio.agents.retiring import Keeping, Retiring
from studio.agents.service_data import DataKeeper
from studio.agents.service_data_log import ServiceDataLog
from studio.agents.services import ServiceNotes
from studio.app.engines import engine_in
from studio.app.sandboxes import SandboxesDoor
from studio.base.aio import in_thread
from studio.base.paths import Paths, shared_cache
from studio.base.setting import SettingsError
from studio.base.settings import Settings
from studio.contracts.clock import Clock
from studio.contracts.sandbox_engine import ExecStream, SandboxEngine
from studio.domain.errors import UserError
from studio.domain.events import Delta
from studio.events.recorder import Recorder
from studio.sandbox.admission import Admission, Floor, this_machine
from studio.sandbox.build_bounds import BuildBounds, Disk
from studio.sandbox.build_rooms import BuildRooms
from studio.sandbox.caretaker import Bounds, Caretaker
from studio.sandbox.carrying.far import Far
from studio.sandbox.egress.egress import Egress
from studio.sandbox.engine_watch import EngineWatch
from studio.sandbox.facts import Facts
from studio.sandbox.folders import Folders
from studio.sandbox.images import Images, image_sources
from studio.sandbox.kept_data import Room
from studio.sandbox.meter import Meter
from studio.sandbox.project_images import ProjectImages
from studio.sandbox.quota import Quota
from studio.sandbox.reaper import Reaper
from studio.sandbox.sandboxes import Sandboxes
from studio.sandbox.service_spec import ServiceSize
from studio.sandbox.shape import Size
from studio.sandbox.terminal import attached_terminal
from studio.store.database import Database
from studio.workflow.acts import Acts
from studio.workspace.workspaces import Workspaces

MEBIBYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class Sandboxing:
    """The container engine of one process, and what stands on it."""

    engine: SandboxEngine
    images: Images
    sandboxes: Sandboxes
    folders: Folders


def sandboxing_in(
    environment: Mapping[str, str],
    paths: Paths,
    settings: Settings,
    clock: Clock,
    recorder: Recorder,
    egress: Egress,
    stack: AsyncExitStack,
) -> Sandboxing:
    """Builds it for one data folder; nothing is asked of the engine yet, and `stack` frees what is held."""
    engine = engine_in(environment, paths, settings)
    stack.push_async_callback(engine.close)
    images = Images(engine, image_sources(), shared_cache(), environment)
    size = _size(settings)
    services = ServiceSize(settings.service_memory_mb * MEBIBYTE, settings.service_cpus, settings.service_seconds)
    facts = Facts(recorder)
    stack.push_async_callback(facts.close)
    sandboxes = Sandboxes(engine, images, paths, clock, size, environment, services, facts, egress)
    folders = Folders(engine, paths)
    sandboxes.require_sight = partial(folders.require, images.tag)
    sandboxes.kept_data.require_sight = sandboxes.require_sight
    sandboxes.kept_data.room = partial(_room, paths, settings)
    sandboxes.far = Far(engine, clock, paths, folders)
    sandboxes.far.most = settings.sandbox_disk_mb * MEBIBYTE
    return Sandboxing(engine, images, sandboxes, folders)


def beside_of(
    settings: Settings,
    workspaces: Workspaces,
    database: Database,
    recorder: Recorder,
    on_delta: Callable[[Delta], None],
) -> Beside:
    """What stands beside sandboxes: the services of compose files, where the person wants them."""
    compose = ComposeFiles(workspaces, wanted=settings.services == "on")
    notes, data = ServiceNotes(database, recorder), ServiceDataLog(database, recorder)
    return Beside(compose, workspaces, notes, data, on_delta)


def look_after(
    sandboxing: Sandboxing,
    settings: Settings,
    clock: Clock,
    database: Database,
    live_runs: LiveRuns,
    paths: Paths,
    stack: AsyncExitStack,
) -> None:
    """Looks after the sandboxes while this process has the engine, and lets none start that there is no room for."""
    engine, sandboxes, retiring = sandboxing.engine, sandboxing.sandboxes, Retiring(database, live_runs)
    bounds = Bounds(settings.sandbox_sleep_minutes * 60, settings.sandbox_stop_minutes * 60)
    most, least = settings.sandbox_disk_mb * MEBIBYTE, settings.sandbox_free_disk_mb * MEBIBYTE
    quota = Quota(engine, sandboxes, clock, paths.home, most, retiring.end, least)
    caretaker = Caretaker(sandboxes, clock, bounds, retiring.retire, (quota, sandboxes.pool))
    floor = Floor(settings.sandbox_free_memory_mb * MEBIBYTE, least, settings.sandboxes_awake)
    admission = Admission(
        *(floor, partial(this_machine, paths.home), sandboxes.opened, caretaker.put_to_sleep, retiring.retire),
        sandboxes.pool,
    )
    sandboxes.admit = admission.place
    # What waits in the pool is given to a run with its folders, which a volume at an engine elsewhere cannot be.
    sandboxes.has_room = partial(_has_room, admission, sandboxing.folders)
    stack.push_async_callback(caretaker.close)
    caretaker.start()


def plans_in(
    sandboxing: Sandboxing,
    paths: Paths,
    settings: Settings,
    egress: Egress,
    workspaces: Workspaces,
    database: Database,
    recorder: Recorder,
) -> tuple[Plans, Preparing]:
    """What makes plans for its sandboxes out of what a project's commits say, and makes workspaces ready by them."""
    rooms = BuildRooms(sandboxing.sandboxes, sandboxing.images, egress, paths)
    disk = Disk(lambda: this_machine(paths.home).disk, settings.sandbox_free_disk_mb * MEBIBYTE)
    bounds = BuildBounds(_size(settings), disk)
    sight = sandboxing.sandboxes.require_sight
    images = ProjectImages(
        *(sandboxing.engine, sandboxing.images, image_sources(), paths, rooms, sight, bounds, egress.registries)
    )
    plans = Plans(workspaces, images, paths.home, database, recorder, usual=settings.setup_by_lockfile == "on")
    trust = IncludeTrust(workspaces, database, recorder)
    return plans, Preparing(workspaces, database, recorder, settings.setup_timeout, plans.drop_caches, trust)


def sandboxes_door(
    sandboxing: Sandboxing,
    acts: Acts,
    database: Database,
    live_runs: LiveRuns,
    beside: Beside,
    preparing: Preparing,
    paths: Paths,
    clock: Clock,
) -> SandboxesDoor:
    """What people see and do of them."""
    engine, sandboxes = sandboxing.engine, sandboxing.sandboxes
    reaper = Reaper(engine, sandboxes, sandboxing.images, clock, Keeping(database).known)
    meter = Meter(engine, sandboxes, reaper, paths)
    keeper = DataKeeper(beside.data, sandboxes, live_runs, Retiring(database, live_runs))
    return SandboxesDoor(
        acts, database, engine, sandboxes, live_runs, reaper, meter, beside.data, keeper, preparing.trust
    )


def watch_over(
    sandboxing: Sandboxing, database: Database, recorder: Recorder, clock: Clock, stack: AsyncExitStack
) -> EngineWatch:
    """The watch over its container engine, which has not begun: sandboxes are lost with it, and cleared away after."""
    watch = EngineWatch(sandboxing.engine, database, recorder, clock)
    stack.push_async_callback(watch.close)
    watch.at_loss(sandboxing.sandboxes.lose_all)
    watch.at_loss(lambda _gone: sandboxing.folders.forget())
    watch.before_back(sandboxing.sandboxes.reap)
    watch.before_use(sandboxing.folders.require)
    return watch


@asynccontextmanager
async def open_terminal(
    environment: Mapping[str, str], container: str, columns: int, rows: int
) -> AsyncIterator[ExecStream]:
    """A shell inside a running container, for one terminal; it ends with the block. Raises EngineError, UserError."""
    paths = Paths.from_environment(environment)
    try:
        settings = await in_thread(Settings.load, paths.settings, environment)
    except SettingsError as error:
        raise UserError(error.sentence, error.action) from error
    engine = engine_in(environment, paths, settings)
    try:
        async with attached_terminal(engine, container, columns, rows) as stream:
            yield stream
    finally:
        await engine.close()


async def _room(paths: Paths, settings: Settings) -> Room:
    """What a copy of what services keep may take."""
    free = (await in_thread(this_machine, paths.home)).disk
    return Room(settings.sandbox_disk_mb * MEBIBYTE, free - settings.sandbox_free_disk_mb * MEBIBYTE)


async def _has_room(admission: Admission, folders: Folders) -> bool:
    return not folders.are_carried and await admission.has_room()


def _size(settings: Settings) -> Size:
    return Size(settings.sandbox_memory_mb * MEBIBYTE, settings.sandbox_cpus, settings.sandbox_pids)
