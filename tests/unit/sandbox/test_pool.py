"""What waits in the pool is given to one run or ended, never both, and leaves no home behind."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from studio.contracts.containers import ContainerSpec
from studio.domain.errors import EngineError
from studio.domain.ids import ProjectId
from studio.sandbox import labels
from studio.sandbox.pool import FOLDER, KEPT_SECONDS, Pool
from tests.fixtures.set_clock import SetClock
from tests.fixtures.told_engine import ToldEngine

SHOP, BANK = ProjectId("p-shop"), ProjectId("p-bank")


class House:
    """A pool on an engine that is told what to do."""

    def __init__(self, folder: Path) -> None:
        self.workspaces = folder
        self.engine = ToldEngine()
        self.clock = SetClock()
        self.pool = Pool(self.engine.engine, self.clock)

    def home(self, name: str) -> Path:
        """Makes the home of a slot."""
        home = self.workspaces / FOLDER / name
        (home / "files").mkdir(parents=True)
        return home

    def spec(self, name: str) -> ContainerSpec:
        """Its container."""
        return ContainerSpec(f"studio-{name}", "i", "1:1", (), {labels.SLOT: name}, {})

    async def fill(self, name: str, project: ProjectId) -> None:
        """Has a slot wait."""
        async with self.pool.making(name, self.workspaces):
            await self.pool.fill(name, project, self.home(name), self.spec(name))

    def pass_time(self, seconds: float) -> None:
        """Moves the clock on."""
        self.clock.time += timedelta(seconds=seconds)


@pytest.fixture
async def house(tmp_path: Path) -> House:
    return House(tmp_path)


async def test_a_slot_that_was_taken_while_another_one_was_ended_is_not_ended(house: House) -> None:
    await house.fill("slot-1", SHOP)
    house.pass_time(KEPT_SECONDS - 1)
    await house.fill("slot-2", BANK)
    slow = house.engine.hold("remove c1")
    house.pass_time(1)
    looking = asyncio.create_task(house.pool.look())
    await house.engine.until("remove c1")
    taken = house.pool.take(BANK)
    house.pass_time(KEPT_SECONDS)

    slow.set()
    await looking

    assert taken is not None
    assert list(house.engine.specs) == ["c2"]
    await house.pool.drop(taken)


async def test_a_slot_that_is_about_to_be_ended_is_given_to_no_run(house: House) -> None:
    await house.fill("slot-1", SHOP)

    house.pass_time(KEPT_SECONDS)

    assert house.pool.take(SHOP) is None
    await house.pool.drop_all()


async def test_the_home_of_a_slot_that_is_being_made_is_not_swept_away(house: House) -> None:
    async with house.pool.making("slot-1", house.workspaces):
        home = house.home("slot-1")

        house.pool.sweep(house.workspaces)

        assert home.exists()


async def test_a_slot_that_could_not_be_made_leaves_no_home(house: House) -> None:
    house.engine.refuses.add("start")

    with pytest.raises(EngineError):
        await house.fill("slot-1", SHOP)

    assert list((house.workspaces / FOLDER).iterdir()) == []
    assert house.pool.size == 0


async def test_the_container_of_a_run_that_has_ended_is_no_longer_held(house: House) -> None:
    await house.fill("slot-1", SHOP)
    slot = house.pool.take(SHOP)
    assert slot is not None
    await house.pool.assigned(slot, house.spec("slot-1"), slot.home)
    (state,) = await house.engine.containers({})
    assert house.pool.holds(state)

    house.pool.ended(slot.up.container)

    assert not house.pool.holds(state)
    await slot.up.link.close()


async def test_of_two_that_wait_the_older_one_makes_room(house: House) -> None:
    await house.fill("slot-1", SHOP)
    house.pass_time(60)
    await house.fill("slot-2", BANK)

    assert await house.pool.give_up_one()

    assert list(house.engine.specs) == ["c2"]
    await house.pool.drop_all()
