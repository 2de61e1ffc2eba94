"""Whoever writes too much is stopped, wherever it writes; whoever has stopped writing may go on."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path
from typing import ClassVar, cast

import pytest

from studio.base.paths import Paths
from studio.contracts.containers import Volume
from studio.domain.errors import EngineError
from studio.domain.ids import ProjectId, RunId
from studio.sandbox import labels
from studio.sandbox.box import Sandbox
from studio.sandbox.carrying.carrier import Carrier
from studio.sandbox.images import Images, image_sources
from studio.sandbox.plan import STANDARD_PLAN, SandboxPlan
from studio.sandbox.quota import EVERY_SECONDS, FELL_AT_FLOOR_BYTES, FELL_BYTES, MOST_STOPS, SLACK_BYTES, Quota
from studio.sandbox.sandboxes import Sandboxes
from tests.fixtures.set_clock import SetClock
from tests.fixtures.told_engine import ToldEngine

MEBIBYTE = 1 << 20
MOST = 100 * MEBIBYTE
PLENTY, FLOOR = 1 << 40, 1 << 30
SHOP = ProjectId("p-shop")
CACHE = Volume("cache-of-shop", "/studio/cache")


class Carried:
    """Files that are carried: nothing of them is on its way."""

    busy = False

    async def close(self) -> None:
        """Has nothing to bring home."""


class House:
    """Sandboxes of one data folder on an engine that runs nothing: the test writes what they would."""

    def __init__(self, paths: Paths) -> None:
        self.engine = ToldEngine()
        self.clock = SetClock()
        self.paths = paths
        self.free = PLENTY
        self.ended: list[str] = []
        self.sandboxes = Sandboxes(
            *(self.engine.engine, Images(self.engine.engine, image_sources(), paths.cache, {}), paths, self.clock),
            env={},
        )
        self.quota = Quota(
            *(self.engine.engine, self.sandboxes, self.clock, paths.home, MOST, self._end, FLOOR), lambda _: self.free
        )

    async def open(self, run: str, plan: SandboxPlan = STANDARD_PLAN) -> Sandbox:
        """A sandbox of the project that is counted once."""
        folder = self.paths.workspaces / run / "files"
        folder.mkdir(parents=True, exist_ok=True)
        sandbox = await self.sandboxes.open(SHOP, RunId(run), folder, plan=plan)
        await self.quota.look()
        return sandbox

    def keep(self, sandbox: Sandbox, size: int) -> None:
        """Has the services of a run keep so many bytes; how much is free is another thing."""
        name = f"data-of-{sandbox.id}"
        worn = {**labels.ours(self.paths.home), labels.PROJECT: SHOP, labels.RUN: sandbox.id}
        self.engine.worn[name], self.engine.sizes[name] = worn, size

    async def pass_a_minute(self, *used: Sandbox) -> None:
        """Looks a minute later, in which these were used."""
        self.clock.time += timedelta(seconds=EVERY_SECONDS)
        for sandbox in used:
            sandbox.sleep.touch()
        await self.quota.look()

    async def _end(self, sandbox: Sandbox, reason: str) -> None:
        self.engine.did.append(f"end {sandbox.id}")
        if "end" in self.engine.refuses:
            raise EngineError("It does not end it.")
        await self.sandboxes.close(sandbox.id, reason, sandbox)
        self.ended.append(reason)


@pytest.fixture
async def house(tmp_path: Path) -> House:
    paths = Paths(tmp_path / "data")
    paths.make()
    return House(paths)


async def test_what_a_service_keeps_counts_as_its_runs(house: House) -> None:
    sandbox = await house.open("r1")
    (sandbox.folder / "big.bin").write_bytes(b"1" * (4 * MEBIBYTE))
    house.keep(sandbox, MOST)

    await house.pass_a_minute(sandbox)

    assert house.ended == [
        "The files of run r1, with 105 MB in its services' volumes, take 109 MB, and may take 105 MB"
    ]


async def test_a_project_whose_caches_have_too_much_has_its_runs_stopped(house: House) -> None:
    sandboxes = [await house.open(run, SandboxPlan(volumes=(CACHE,))) for run in ("r1", "r2")]
    house.engine.sizes[CACHE.name] = MOST + 1

    await house.pass_a_minute(*sandboxes)

    assert len(house.ended) == 2
    assert sandboxes[0].broken is not None
    assert "below /studio/cache" in sandboxes[0].broken.action


async def test_what_other_data_folders_keep_is_nobodys_here(house: House) -> None:
    sandbox = await house.open("r1")
    house.engine.worn["data"] = {labels.HOME: "/elsewhere", labels.RUN: "r1"}
    house.engine.sizes["data"] = 100 * MOST

    await house.pass_a_minute(sandbox)

    assert house.ended == []
    assert sandbox.broken is None
    await house.sandboxes.close_all()


async def test_files_are_counted_also_where_the_engine_cannot_count_volumes(house: House) -> None:
    sandbox = await house.open("r1", SandboxPlan(volumes=(CACHE,)))
    house.engine.refuses.add("count")
    (sandbox.folder / "big.bin").write_bytes(b"1" * (MOST + MEBIBYTE))

    await house.pass_a_minute(sandbox)

    assert len(house.ended) == 1


@pytest.mark.parametrize(("here", "there"), [(MOST + MEBIBYTE, 0), (MEBIBYTE, MOST + MEBIBYTE)])
async def test_carried_files_count_where_there_are_more_of_them(house: House, here: int, there: int) -> None:
    sandbox = await house.open("r1")
    sandbox.carrier = cast(Carrier, Carried())
    (sandbox.folder / "big.bin").write_bytes(b"1" * here)
    house.keep(sandbox, there)

    await house.pass_a_minute(sandbox)

    assert house.ended == ["The files of run r1 take 106 MB, and may take 105 MB"]


async def test_carried_files_count_once(house: House) -> None:
    sandbox = await house.open("r1")
    sandbox.carrier = cast(Carrier, Carried())
    (sandbox.folder / "big.bin").write_bytes(b"1" * (MOST * 3 // 4))
    house.keep(sandbox, MOST * 3 // 4)

    await house.pass_a_minute(sandbox)

    assert house.ended == []
    await house.sandboxes.close_all()


async def test_volumes_are_counted_once_a_minute_however_many_sandboxes_there_are(house: House) -> None:
    await house.open("r1", SandboxPlan(volumes=(CACHE,)))
    await house.open("r2", SandboxPlan(volumes=(CACHE,)))

    assert house.engine.did.count("count disk") == 1
    await house.sandboxes.close_all()


async def test_one_that_writes_slowly_and_unused_is_seen_by_what_is_free(house: House) -> None:
    sandbox = await house.open("r1")
    house.keep(sandbox, MOST + 1)

    for _ in range(4):
        house.free -= FELL_BYTES // 4
        house.clock.time += timedelta(seconds=3)
        await house.quota.look()

    assert len(house.ended) == 1


async def test_services_are_frozen_with_what_is_stopped(house: House) -> None:
    sandbox = await house.open("r1")
    house.keep(sandbox, MOST + 1)
    sandbox.pod = TwoServices()  # type: ignore[assignment]

    await house.pass_a_minute(sandbox)

    assert {"pause db", "pause mail"} <= set(house.engine.did)


async def test_one_that_cannot_be_frozen_is_ended_all_the_same(house: House) -> None:
    sandbox = await house.open("r1")
    house.keep(sandbox, MOST + 1)
    house.engine.refuses.add("pause")

    await house.pass_a_minute(sandbox)

    assert len(house.ended) == 1


async def test_one_that_could_not_be_ended_is_ended_at_the_next_look(house: House) -> None:
    sandbox = await house.open("r1")
    house.keep(sandbox, MOST + 1)
    house.engine.refuses.add("end")
    await house.pass_a_minute(sandbox)
    assert house.ended == []
    house.engine.refuses.clear()

    await house.quota.look()

    assert len(house.ended) == 1
    assert await house.sandboxes.containers() == ()


async def test_who_never_deletes_is_given_no_slack_for_ever(house: House) -> None:
    for times in range(MOST_STOPS + 1):
        sandbox = await house.open("r1")
        assert sandbox.broken is None
        house.keep(sandbox, MOST + 1 + times * (SLACK_BYTES + MEBIBYTE))
        await house.pass_a_minute(sandbox)

    again = await house.open("r1")

    assert again.broken is not None
    assert "each new sandbox is as well" in again.broken.action


async def test_below_the_floor_who_wrote_most_is_stopped_and_the_others_go_on(house: House) -> None:
    first, second = await house.open("r1"), await house.open("r2")
    house.free = FLOOR - FELL_AT_FLOOR_BYTES
    house.keep(second, 20 * MEBIBYTE)

    await house.quota.look()

    assert first.broken is None
    assert second.broken is not None
    assert "are to stay free; run r2 wrote most of late" in second.broken.sentence
    assert house.engine.did[-1] == f"unpause {first.container}"
    await house.sandboxes.close_all()


async def test_below_the_floor_who_hides_files_from_the_count_is_suspected(house: House) -> None:
    sandbox = await house.open("r1")
    house.free = FLOOR - FELL_AT_FLOOR_BYTES
    shutil.rmtree(sandbox.folder)

    await house.quota.look()

    assert sandbox.broken is not None


async def test_where_somebody_else_fills_the_disk_no_run_is_stopped_for_it(house: House) -> None:
    sandbox = await house.open("r1")
    house.free = FLOOR - FELL_AT_FLOOR_BYTES

    await house.quota.look()

    assert sandbox.broken is None
    await house.sandboxes.close_all()


class TwoServices:
    """Services beside a sandbox."""

    running: ClassVar = {"db": "db", "mail": "mail"}

    async def end(self, within: float = 0.0) -> None:
        """They end."""
