"""What Studio leaves at a container engine is found with the reason, and cleared away; nothing else is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from studio.adapters.clock import SystemClock
from studio.adapters.docker.engine import DockerEngine
from studio.base.paths import Paths
from studio.domain.ids import ProjectId, RunId
from studio.domain.sandboxes import LitterKind
from studio.sandbox import labels
from studio.sandbox.box import Sandbox
from studio.sandbox.images import Images
from studio.sandbox.meter import Meter
from studio.sandbox.reaper import STALE_DAYS, Known, Reaper
from studio.sandbox.sandboxes import Sandboxes

pytestmark = pytest.mark.docker

PROJECT, RUN = ProjectId("p-kept"), RunId("r-kept")


class MuchLater(SystemClock):
    """The machine's clock when images of today are stale."""

    def now(self) -> datetime:
        return super().now() + timedelta(days=STALE_DAYS + 1)


async def known() -> Known:
    return Known({PROJECT}, {RUN})


@asynccontextmanager
async def a_volume(engine: DockerEngine, home: Path, name: str, **worn: str) -> AsyncIterator[str]:
    made = f"studio-test-{labels.mark_of(home)}-{name}"
    await engine.create_volume(made, {**labels.ours(home), **worn})
    try:
        yield made
    finally:
        await engine.remove_volume(made)


@pytest.fixture
def reaper(engine: DockerEngine, sandboxes: Sandboxes, images: Images) -> Reaper:
    return Reaper(engine, sandboxes, images, SystemClock(), known)


async def test_volumes_of_runs_and_projects_that_are_gone_go(
    engine: DockerEngine, reaper: Reaper, sandbox_paths: Paths
) -> None:
    project = {labels.PROJECT: PROJECT}
    async with (
        a_volume(engine, sandbox_paths.home, "run", **project, **{labels.RUN: RUN}) as kept,
        a_volume(engine, sandbox_paths.home, "cache", **project) as cache,
        a_volume(engine, sandbox_paths.home, "old-run", **project, **{labels.RUN: "r-gone"}) as of_run,
        a_volume(engine, sandbox_paths.home, "old-cache", **{labels.PROJECT: "p-gone"}) as of_project,
    ):
        cleared = await reaper.clear()

        assert {(litter.id, litter.reason) for litter in cleared.gone} == {
            (of_run, "its run r-gone was discarded"),
            (of_project, "its project p-gone was removed"),
        }
        left = {volume.name for volume in await engine.volumes({labels.HOME: str(sandbox_paths.home)})}
        assert left == {kept, cache}


async def test_a_container_that_is_in_use_is_no_litter(reaper: Reaper, sandbox: Sandbox) -> None:
    assert [litter for litter in await reaper.find() if litter.kind is LitterKind.CONTAINER] == []


async def test_a_container_of_a_process_that_has_ended_goes(
    engine: DockerEngine, images: Images, sandbox: Sandbox, sandboxes: Sandboxes, sandbox_paths: Paths
) -> None:
    elsewhere = Reaper(engine, Sandboxes(engine, images, sandbox_paths, SystemClock()), images, SystemClock(), known)
    # To another Sandboxes of this process it is one that nobody holds, as after a crash.
    (litter,) = await elsewhere.find()
    assert (litter.kind, litter.id) == (LitterKind.CONTAINER, sandbox.container)

    await elsewhere.clear()

    assert await sandboxes.containers() == ()


async def test_an_image_that_nothing_uses_is_litter_after_a_week(
    engine: DockerEngine,
    sandboxes: Sandboxes,
    images: Images,
    tmp_path: Path,
    sandbox_paths: Paths,
    reaper: Reaper,
) -> None:
    (tmp_path / "Dockerfile").write_text(f"FROM {images.tag}\n")
    tag = f"studio-sandbox:{labels.mark_of(sandbox_paths.home)}"
    await engine.build_image(tmp_path, "Dockerfile", tag, lambda line: None, labels={"studio.test": tag})
    try:
        later = Reaper(engine, sandboxes, images, MuchLater(), known)
        found = {litter.name: litter.reason for litter in await later.find()}
        assert found[tag].startswith("no sandbox uses it, and it was made ")
        assert images.tag not in found
        assert tag not in {litter.name for litter in await reaper.find()}
    finally:
        await engine.remove_image(tag)


async def test_the_meter_counts_what_lies_in_the_data_folder(
    engine: DockerEngine, sandboxes: Sandboxes, reaper: Reaper, sandbox_paths: Paths
) -> None:
    (sandbox_paths.workspaces / "big").write_bytes(b"x" * 5_000_000)

    read = await Meter(engine, sandboxes, reaper, sandbox_paths).read()

    parts = {part.name: part.bytes for part in read.parts}
    assert 5_000_000 <= parts["workspaces"] < 6_000_000
    assert parts["images"] > 0
    assert read.free > 0
