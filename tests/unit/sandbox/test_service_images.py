"""Images of services that are not here: asked for together, fetched after a yes, left out by name without one."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.base.paths import Paths
from studio.domain.services import ServiceState, ServiceView
from studio.sandbox import labels
from studio.sandbox.images import Images, image_sources
from studio.sandbox.kept_data import KeptData
from studio.sandbox.pod_maker import Pods
from studio.sandbox.service_spec import ServiceSize
from studio.sandbox.spec.service import Need, Service, Services
from tests.fixtures.set_clock import SetClock
from tests.fixtures.told_engine import ToldEngine
from tests.unit.sandbox.test_registries import APP, DB, Yard, yard

__all__ = ["yard"]

SERVICES = Services((Service("app", APP, needs=(Need("db"),)), Service("db", DB), Service("cache", "cache:1")))


class Story:
    """A compose file with three services, of which two have images that are not on this machine."""

    def __init__(self, yard: Yard, home: Path) -> None:
        self.engine = ToldEngine()
        self.engine.absent = {APP, DB}
        self.yard = yard
        self.home = home

    async def views(self) -> dict[str, ServiceView]:
        engine, images = self.engine.engine, Images(self.engine.engine, image_sources(), self.home / "cache", {})
        kept = KeptData(engine, images, SetClock(), self.home)
        pods = Pods(engine, SetClock(), self.home, ServiceSize(seconds=1), kept, self.yard.registries)
        worn = {**labels.ours(self.home), labels.PROJECT: self.yard.whose.project, labels.RUN: self.yard.whose.run}
        pod = await pods.open("c1", worn, SERVICES, None, _no_ports)
        return {view.name: view for view in pod.views}


@pytest.fixture
def story(yard: Yard, tmp_path: Path) -> Story:
    paths = Paths(tmp_path / "data")
    paths.make()
    return Story(yard, paths.home)


async def test_what_is_not_allowed_is_left_out_by_name_and_the_rest_starts(story: Story) -> None:
    story.yard.judge.allowed.clear()
    views = await story.views()

    assert {name: view.state for name, view in views.items()} == {
        "app": ServiceState.FAILED,
        "db": ServiceState.LEFT_OUT,
        "cache": ServiceState.RUNNING,
    }
    assert (views["app"].why, DB in views["db"].why) == ("it waits for db, which is left out", True)
    assert [did for did in story.engine.did if did.startswith("pull")] == []


async def test_all_images_are_one_question_and_are_fetched_after_a_yes(story: Story) -> None:
    views = await story.views()

    assert {view.state for view in views.values()} == {ServiceState.RUNNING}
    assert story.yard.judge.asked[0] == ("registry.example.org:443", (APP, DB))
    assert sorted(did for did in story.engine.did if did.startswith("pull")) == [f"pull {APP}", f"pull {DB}"]


async def test_without_a_container_engine_nobody_is_asked_for_what_cannot_be_had(story: Story) -> None:
    story.engine.weaker = "weaker"
    story.engine.refuses = {"pull"}

    assert (await story.views())["db"].why == "It does not pull."
    assert story.yard.judge.asked == []


async def _no_ports() -> tuple[int, ...]:
    return ()
