"""Data kept for new runs: each begins with a copy of its own, and none ever with half of one."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from studio.adapters.clock import SystemClock
from studio.adapters.docker.engine import DockerEngine
from studio.base.paths import Paths
from studio.domain.ids import DataId, RunId
from studio.domain.service_data import ServiceData
from studio.domain.services import ServiceState
from studio.sandbox import labels
from studio.sandbox.box import Sandbox
from studio.sandbox.images import Images
from studio.sandbox.kept_data import mark_of
from studio.sandbox.reaper import Known, Reaper
from studio.sandbox.sandboxes import Sandboxes
from tests.fixtures.branches import PROJECT, SHOP, Branches, branches, order, orders, states
from tests.fixtures.postgres_image import postgres_image

__all__ = ["branches", "postgres_image"]

pytestmark = pytest.mark.docker

READY = {"db": ServiceState.READY, "web": ServiceState.READY}


async def kept_of(sandbox: Sandbox, sandboxes: Sandboxes) -> ServiceData:
    """Ends a branch and keeps what its services have for new ones."""
    pod, data = sandbox.pod, DataId.new()
    assert pod is not None
    await sandboxes.close(sandbox.id, "its data are kept")
    async with sandboxes.at_rest(sandbox.id):
        size = await sandboxes.kept_data.keep(data, PROJECT, pod.held, pod.worn)
    await sandboxes.kept_data.clear(PROJECT, data)
    names = tuple(one.name for one in pod.held)
    return ServiceData(data, PROJECT, sandbox.id, names, size, datetime.now(UTC))


async def test_new_branches_begin_with_what_one_kept_until_it_is_forgotten(
    branches: Branches,
    sandboxes: Sandboxes,
    engine: DockerEngine,
    images: Images,
    sandbox_paths: Paths,
    postgres_image: str,
) -> None:
    shop = SHOP.replace("IMAGE", postgres_image)
    first = await branches.start(shop)
    await order(first, "apples")
    data = await kept_of(first, sandboxes)
    assert data.bytes > 1 << 20

    second = await branches.start(shop, data=data)
    assert states(second) == READY
    assert await orders(second) == ["apples"]
    await order(second, "pears")

    again, third = await branches.start(shop, first.id, data), await branches.start(shop, data=data)
    assert (await orders(again), await orders(third)) == (["apples"], ["apples"])
    assert third.pod is not None
    assert third.pod.views[0].note == "Its data began as a copy of what is kept for new runs."

    async def known() -> Known:
        return Known({PROJECT}, set(branches.made), {data.id})

    async def forgotten() -> Known:
        return Known({PROJECT}, set(branches.made))

    clock = SystemClock()
    assert await Reaper(engine, sandboxes, images, clock, known).find() == ()
    litter = await Reaper(engine, sandboxes, images, clock, forgotten).find()
    assert {one.reason for one in litter} == {"no new run begins with it"}

    await sandboxes.kept_data.clear(PROJECT)
    assert await engine.volumes({**labels.ours(sandbox_paths.home), labels.DATA: data.id}) == ()
    assert await orders(second) == ["apples", "pears"]


async def test_a_copy_that_was_broken_off_is_made_anew(
    branches: Branches, sandboxes: Sandboxes, engine: DockerEngine, sandbox_paths: Paths, postgres_image: str
) -> None:
    shop = SHOP.replace("IMAGE", postgres_image)
    first = await branches.start(shop)
    await order(first, "apples")
    data = await kept_of(first, sandboxes)
    assert first.pod is not None
    # What a Studio that was killed meanwhile leaves: a volume that is not whole, and the mark beside it.
    run = RunId.new()
    (held,) = (one for one in first.pod.held if one.name == "data")
    half = held.volume.replace(first.id, run)
    worn = {**labels.ours(sandbox_paths.home), labels.PROJECT: PROJECT, labels.RUN: run, labels.VOLUME: "data"}
    for name in (half, mark_of(half)):
        await engine.create_volume(name, worn)

    sandbox = await branches.start(shop, run, data)

    assert await orders(sandbox) == ["apples"]
    left = {volume.name for volume in await engine.volumes({labels.RUN: run})}
    assert half in left
    assert mark_of(half) not in left
    await sandboxes.kept_data.clear(PROJECT)
