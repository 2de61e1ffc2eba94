"""What is kept for new runs: no more than there is room for, and never an empty volume in its place."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from studio.base.paths import Paths
from studio.domain.errors import EngineError, UserError
from studio.domain.ids import DataId, ProjectId, RunId
from studio.domain.service_data import ServiceData
from studio.domain.services import ServiceState, ServiceView
from studio.sandbox import labels
from studio.sandbox.images import Images, image_sources
from studio.sandbox.kept_data import Held, KeptData, Room
from studio.sandbox.pod_maker import Pods
from studio.sandbox.project_images import ProjectImages
from studio.sandbox.service_spec import ServiceSize
from studio.sandbox.spec.service import Service, Services, ServiceVolume
from studio.sandbox.volume_use import VolumeUse
from tests.fixtures.set_clock import SetClock
from tests.fixtures.told_engine import ToldEngine

SHOP, RUN, DATA = ProjectId("p-shop"), RunId("r-new"), DataId("d-kept")
KEPT = ServiceData(DATA, SHOP, RunId("r-old"), ("data",), 48 << 20, datetime(2026, 1, 1, tzinfo=UTC))


class House:
    """Kept data on an engine that runs nothing."""

    def __init__(self, paths: Paths) -> None:
        self.engine = ToldEngine()
        self.paths = paths
        self.images = Images(self.engine.engine, image_sources(), paths.cache, {})
        self.kept = KeptData(self.engine.engine, self.images, SetClock(), paths.home)
        self.worn = {**labels.ours(paths.home), labels.PROJECT: SHOP, labels.RUN: RUN}

    async def start(self) -> ServiceView:
        """A database beside a new run, which begins with what is kept."""
        pods = Pods(self.engine.engine, SetClock(), self.paths.home, ServiceSize(), self.kept)
        db = Service("db", "db:1", volumes=(ServiceVolume("data", "/data"),))
        pod = await pods.open("c1", self.worn, Services((db,)), None, _no_ports, KEPT)
        return pod.views[0]


@pytest.fixture
def house(tmp_path: Path) -> House:
    paths = Paths(tmp_path / "data")
    paths.make()
    return House(paths)


async def test_nothing_is_copied_that_there_is_no_room_for(house: House) -> None:
    house.engine.sizes = {"v1": 48 << 20}

    async def little() -> Room:
        return Room(most=1 << 30, free=1 << 20)

    house.kept.room = little
    with pytest.raises(UserError, match="A copy of the data takes 50 MB, and 1 MB of disk may be used"):
        await house.kept.keep(DATA, SHOP, (Held("v1", "data", "70:70"),), house.worn)

    assert house.engine.worn == {}


async def test_no_more_is_kept_than_a_run_may_have(house: House) -> None:
    house.engine.sizes = {"v1": 48 << 20}

    async def small() -> Room:
        return Room(most=10 << 20, free=1 << 40)

    house.kept.room = small
    with pytest.raises(UserError, match="The data take 50 MB, and a run may have 10 MB"):
        await house.kept.keep(DATA, SHOP, (Held("v1", "data", "70:70"),), house.worn)


async def test_a_service_whose_data_are_not_at_the_engine_is_not_started_empty(house: House) -> None:
    view = await house.start()

    assert view.state is ServiceState.FAILED
    assert view.why == "The data that new runs begin with are not at this container engine."
    assert view.action.endswith("studio sandbox data p-shop forget")
    assert (house.engine.worn, house.engine.specs) == ({}, {})


async def test_a_service_that_could_not_read_its_data_is_not_started(house: House) -> None:
    ours = {**labels.ours(house.paths.home), labels.PROJECT: SHOP}
    of = {labels.DATA: DATA, labels.DATA_NAME: "data", labels.DATA_USER: "999:999"}
    await house.engine.create_volume("kept", {**ours, **of})

    view = await house.start()

    assert view.state is ServiceState.FAILED
    assert view.why == "The data that new runs begin with belong to 999:999, and the service runs as 70:70."


async def test_what_is_kept_is_no_cache_of_its_project(house: House) -> None:
    ours = {**labels.ours(house.paths.home), labels.PROJECT: SHOP}
    await house.engine.create_volume("kept", {**ours, labels.DATA: DATA})
    await house.engine.create_volume("cache", ours)
    house.engine.sizes = {"kept": 500, "cache": 7}

    async def worn() -> dict[str, str]:
        return labels.ours(house.paths.home)

    assert await VolumeUse(house.engine.engine, worn, SetClock()).by_owner(fresh=True) == {SHOP: 7}


async def test_what_is_kept_outlives_a_new_cache_and_goes_when_it_is_forgotten(house: House) -> None:
    ours = {**labels.ours(house.paths.home), labels.PROJECT: SHOP}
    await house.engine.create_volume("kept", {**ours, labels.DATA: DATA})
    await house.engine.create_volume("cache", ours)
    await house.engine.create_volume("of-a-run", {**ours, labels.RUN: RUN})
    images = ProjectImages(house.engine.engine, house.images, house.paths.cache, house.paths)

    await images.drop_caches(SHOP, "none")
    assert set(house.engine.worn) == {"kept", "of-a-run"}

    await house.kept.clear(SHOP, but=DATA)
    assert set(house.engine.worn) == {"kept", "of-a-run"}

    await house.kept.clear(SHOP)
    assert set(house.engine.worn) == {"of-a-run"}


async def test_nothing_is_deleted_at_an_engine_that_does_not_see_the_data_folder(house: House) -> None:
    ours = {**labels.ours(house.paths.home), labels.PROJECT: SHOP}
    await house.engine.create_volume("kept", {**ours, labels.DATA: DATA})

    async def refuse() -> None:
        raise EngineError("It cannot see the folders of this machine.")

    house.kept.require_sight = refuse
    await house.kept.clear(SHOP)

    assert set(house.engine.worn) == {"kept"}


async def _no_ports() -> tuple[int, ...]:
    return ()
