"""Who ends a sandbox from outside of a turn ends that one, whatever has come up for its run meanwhile."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest

from studio.agents.beside import Beside
from studio.agents.journal import Journal
from studio.agents.live import LiveRuns
from studio.agents.plans import Plans
from studio.agents.retiring import Retiring
from studio.base.paths import Paths
from studio.domain.errors import EngineError
from studio.domain.events import SandboxStopped
from studio.domain.runs import Run
from studio.events.recorder import Recorder
from studio.sandbox.box import Sandbox
from studio.sandbox.engine_watch import EngineWatch
from studio.sandbox.images import Images, image_sources
from studio.sandbox.sandboxes import Sandboxes
from studio.store import event_log, projects, runs
from studio.store.database import Database
from studio.workspace.workspaces import Workspaces
from tests.fixtures.memory import a_project, a_run
from tests.fixtures.set_clock import SetClock
from tests.fixtures.told_engine import ToldEngine


class House:
    """A run whose sandboxes come and go on an engine that runs nothing; nothing else of it is asked for."""

    def __init__(self, database: Database, recorder: Recorder, paths: Paths, run: Run) -> None:
        self.run = run
        self.database = database
        self.paths = paths
        told = ToldEngine().engine
        images = Images(told, image_sources(), paths.cache, {})
        self.sandboxes = Sandboxes(told, images, paths, SetClock(), env={})
        rest = (cast(Plans, None), cast(EngineWatch, None), cast(Workspaces, None), cast(Beside, None))
        self.live_runs = LiveRuns(self.sandboxes, images, *rest, Journal(database, recorder), lambda delta: None, 1.0)
        self.retiring = Retiring(database, self.live_runs)

    async def start(self) -> Sandbox:
        """A sandbox for the run, in place of one that broke."""
        folder = self.paths.workspaces / self.run.id / "files"
        folder.mkdir(parents=True, exist_ok=True)
        return await self.sandboxes.open(self.run.project, self.run.id, folder)

    async def stopped(self) -> list[str]:
        """The containers that are recorded as stopped."""
        async with self.database.reading() as connection:
            events = await event_log.newest(connection, self.run.id, 100)
        return [one.event.container for one in events if isinstance(one.event, SandboxStopped)]


@pytest.fixture
async def house(tmp_path: Path, database: Database, recorder: Recorder) -> House:
    paths = Paths(tmp_path / "data")
    paths.make()
    project = a_project()
    run = a_run(project)
    async with database.transaction() as connection:
        await projects.add(connection, project)
        await runs.add(connection, run)
    return House(database, recorder, paths, run)


async def test_a_sandbox_that_took_the_place_of_the_one_to_be_ended_stays(house: House) -> None:
    full = await house.start()
    full.fail(EngineError("Its disk is full."))
    newer = await house.start()

    await house.retiring.end(full, "it has too much on disk")

    assert house.sandboxes.get(house.run.id) is newer
    assert await house.stopped() == []
    await house.sandboxes.close_all()


async def test_a_sandbox_that_broke_is_ended_and_its_end_recorded(house: House) -> None:
    full = await house.start()
    full.fail(EngineError("Its disk is full."))

    await house.retiring.end(full, "it has too much on disk")

    assert house.sandboxes.held(house.run.id) is None
    assert await house.stopped() == [full.container]


async def test_a_sandbox_in_which_somebody_works_is_not_retired(house: House) -> None:
    used = await house.start()

    async with house.live_runs.clone_lock(house.run.id):
        assert not await house.retiring.retire(house.run.id, "nobody uses it")

    assert house.sandboxes.get(house.run.id) is used
    assert await house.retiring.retire(house.run.id, "nobody uses it")
    assert house.sandboxes.held(house.run.id) is None
