"""What is made for one run, build or check does not add up over a long day."""

from __future__ import annotations

import gc
import weakref
from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast

import pytest

from studio.adapters.clock import SystemClock
from studio.agents.failures import Failures
from studio.agents.hearing import Hearing
from studio.agents.live import LiveRuns
from studio.app.previews import Previews
from studio.base.paths import Paths
from studio.contracts.containers import ImageState
from studio.domain.ids import ProjectId, RunId
from studio.domain.projects import Project
from studio.sandbox import labels
from studio.sandbox.box import Sandbox
from studio.sandbox.build_rooms import BuildRooms
from studio.sandbox.egress.egress import Egress
from studio.sandbox.egress.ledger import ConnectionLedger
from studio.sandbox.egress.way_out import WayOut
from studio.sandbox.images import Images, image_sources
from studio.sandbox.pod_maker import Pods
from studio.sandbox.reaper import Known, Reaper
from studio.sandbox.sandboxes import Sandboxes
from studio.sandbox.service_spec import ServiceSize
from studio.sandbox.spec.service import HealthCheck, Service, Services
from studio.store.database import Database
from studio.workspace.files import Folder
from tests.fixtures.acts import HereAndNow
from tests.fixtures.memory import NOON, a_run
from tests.fixtures.outside import PlainJudge, ScriptedOutside
from tests.fixtures.set_clock import SetClock
from tests.fixtures.told_engine import ToldEngine

SHOP = ProjectId("p-shop")
MONTH = 30 * 86_400


class House:
    """Sandboxes on an engine that runs nothing."""

    def __init__(self, paths: Paths, database: Database) -> None:
        self.engine = ToldEngine()
        self.clock = SetClock()
        self.paths = paths
        self.database = database
        self.images = Images(self.engine.engine, image_sources(), paths.cache, {})
        ledger = ConnectionLedger(database, SystemClock())
        self.egress = Egress(PlainJudge(), ledger, ScriptedOutside(), SystemClock(), 0)
        self.sandboxes = self.of(None)

    def of(self, egress: Egress | None) -> Sandboxes:
        """Sandboxes with this way out."""
        return Sandboxes(self.engine.engine, self.images, self.paths, self.clock, env={}, egress=egress)

    async def open(self, run: str) -> Sandbox:
        """A sandbox of the project."""
        folder = self.paths.workspaces / run / "files"
        folder.mkdir(parents=True)
        return await self.sandboxes.open(SHOP, RunId(run), folder)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    paths = Paths(tmp_path / "data")
    paths.make()
    database = await Database.open(paths.database)
    yield House(paths, database)
    await database.close()


async def test_all_builds_of_a_project_have_one_way_out_and_one_ceiling(house: House) -> None:
    rooms = BuildRooms(house.sandboxes, house.images, house.egress, house.paths)
    runs = []
    for _ in range(2):
        async with rooms.lend(SHOP):
            runs += [sandbox.id for sandbox in house.sandboxes.opened()]

    assert runs[0] == runs[1]
    assert house.sandboxes.opened() == ()


async def test_the_way_out_of_a_run_goes_with_it(house: House) -> None:
    sandboxes = house.of(house.egress)
    house.egress.serve(SHOP, RunId("r1"))

    await sandboxes.forget(RunId("r1"))

    assert [one for one in gc.get_objects() if isinstance(one, WayOut)] == []


async def test_a_sandbox_that_is_closed_is_no_longer_heard(house: House) -> None:
    hearing = Hearing(cast(Failures, None), house.clock, lambda delta: None)
    sandbox = await house.open("r1")
    hearing.attend(
        a_run(Project(SHOP, "shop", house.paths.home, NOON), id=RunId("r1")), sandbox, Folder(sandbox.folder)
    )
    await house.sandboxes.close(RunId("r1"), "done")
    gone = weakref.ref(sandbox)
    del sandbox

    hearing.let_go("r1")

    gc.collect()
    assert gone() is None


async def test_a_preview_goes_with_its_sandbox(house: House) -> None:
    previews = Previews(HereAndNow(), house.sandboxes, house.database, cast(LiveRuns, None))
    gone = weakref.ref(await house.open("r1"))
    await previews.stop(RunId("r1"))
    await house.sandboxes.close(RunId("r1"), "done")

    await house.open("r2")
    await previews.stop(RunId("r2"))

    gc.collect()
    assert gone() is None
    await house.sandboxes.close_all()


async def test_what_was_gathered_for_an_older_image_of_studios_own_is_litter(house: House) -> None:
    _, _, current = house.images.tag.partition(":")
    made = house.clock.now().timestamp() - MONTH
    for tag in (f"studio-tools:1a2b3c4d-{current}", "studio-tools:1a2b3c4d-older", "tools:of-somebody-else"):
        house.engine.there[tag] = ImageState(tag, (tag,), 1000, {}, made)

    reaper = Reaper(house.engine.engine, house.sandboxes, house.images, house.clock, _known)

    assert [litter.name for litter in await reaper.find()] == ["studio-tools:1a2b3c4d-older"]


async def test_a_check_that_never_ends_is_asked_for_less_and_less_often(house: House) -> None:
    kept = house.sandboxes.kept_data
    pods = Pods(house.engine.engine, house.clock, house.paths.home, ServiceSize(seconds=60), kept)
    health = HealthCheck(("check",), timeout=0.001, every=1.0)
    worn = {**labels.ours(house.paths.home), labels.PROJECT: SHOP, labels.RUN: "r1"}

    pod = await pods.open("c1", worn, Services((Service("db", "db:1", health=health),)), None, _no_ports)

    assert pod.views[0].why == "after 60 seconds its health check does not succeed yet"
    assert pod.views[0].action == (
        "It said nothing. It may come up yet: studio sandbox logs r1 shows more. If it needs longer, raise "
        "service_seconds."
    )
    assert house.engine.did.count("exec check") < 10


async def _known() -> Known:
    return Known({SHOP}, set())


async def _no_ports() -> tuple[int, ...]:
    return ()
