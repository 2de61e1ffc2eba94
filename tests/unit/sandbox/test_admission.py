"""A further sandbox starts only where there is room; what is not used makes some."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest

from studio.domain.errors import EngineError
from studio.domain.ids import RunId
from studio.sandbox.admission import STARTING_BYTES, Admission, Floor, Lack, Machine

GIBIBYTE = 1 << 30
FLOOR = Floor(memory=GIBIBYTE, disk=GIBIBYTE, at_once=2)
PLENTY = Machine(memory=8 * GIBIBYTE, disk=80 * GIBIBYTE)


@dataclass
class Rest:
    asleep: bool = False
    unused: float = 0.0


@dataclass
class Box:
    id: RunId
    sleep: Rest
    busy: bool = False
    holds_processes: bool = False
    runs_behind: bool = False
    broken: str = ""

    async def look_behind(self) -> None:
        if self.broken:
            raise EngineError(self.broken)
        self.holds_processes = self.holds_processes or self.runs_behind


@dataclass
class Pool:
    """So many wait for no run."""

    size: int = 0

    async def give_up_one(self) -> bool:
        self.size -= 1
        return self.size >= 0


@dataclass
class House:
    """A machine with sandboxes; one that is closed gives its gibibyte of memory back."""

    machine: Machine = PLENTY
    boxes: list[Box] = field(default_factory=list)
    did: list[str] = field(default_factory=list)
    pool: Pool = field(default_factory=Pool)
    asked: int = 0

    async def start(self, services: int = 0) -> None:
        """Starts one more, which is up at once."""
        async with self.admission().place(services):
            """It starts."""

    def admission(self) -> Admission:
        return Admission(FLOOR, self._look, lambda: self.boxes, self._sleep, self._retire, self.pool)

    def box(self, name: str, **more: bool | float | str) -> None:
        rest = Rest(bool(more.pop("asleep", False)), float(more.pop("unused", 0.0)))
        self.boxes.append(Box(RunId(name), rest, **more))  # type: ignore[arg-type]

    def _look(self) -> Machine:
        self.asked += 1
        return self.machine

    async def _sleep(self, run: RunId) -> bool:
        self.did.append(f"{run} sleeps")
        next(box for box in self.boxes if box.id == run).sleep.asleep = True
        return True

    async def _retire(self, run: RunId, reason: str) -> bool:
        self.did.append(f"{run} closed")
        self.boxes = [box for box in self.boxes if box.id != run]
        assert self.machine.memory is not None
        self.machine = Machine(self.machine.memory + GIBIBYTE, self.machine.disk)
        return True


async def test_where_there_is_room_nothing_is_touched() -> None:
    house = House()
    house.box("r1", unused=9000.0)

    await house.start()

    assert house.did == []


async def test_the_one_that_was_not_used_for_longest_sleeps_to_make_a_place() -> None:
    house = House()
    house.box("r1", unused=100.0)
    house.box("r2", unused=900.0)

    await house.start()

    assert house.did == ["r2 sleeps"]


async def test_the_ones_of_a_moment_ago_make_a_place_when_nothing_runs_in_them() -> None:
    house = House()
    house.box("r1", unused=30.0, runs_behind=True)
    house.box("r2", unused=6.0)

    await house.start()

    assert house.did == ["r2 sleeps"]


async def test_a_broken_one_keeps_nobody_from_starting() -> None:
    house = House()
    house.box("r1", unused=30.0, broken="The sandbox's supervisor ended unexpectedly.")
    house.box("r2", unused=6.0)

    await house.start()

    assert house.did == ["r2 sleeps"]


async def test_where_all_are_at_work_it_is_said_what_to_stop() -> None:
    house = House()
    house.box("r1", busy=True)
    house.box("r2", unused=30.0, runs_behind=True)

    with pytest.raises(EngineError) as refused:
        await house.start()

    assert refused.value.sentence == "There is no room for another sandbox: 2 are awake, which are the most."
    assert refused.value.action.endswith("studio sandbox stop r2")
    assert house.did == []


async def test_sleeping_sandboxes_give_their_memory_back_until_there_is_enough() -> None:
    house = House(Machine(memory=0, disk=PLENTY.disk))
    house.box("r1", asleep=True, unused=100.0)
    house.box("r2", asleep=True, unused=900.0)

    await house.start()

    assert house.did == ["r2 closed"]


async def test_a_process_behind_is_not_ended_for_room() -> None:
    house = House(Machine(memory=0, disk=PLENTY.disk))
    house.box("r1", asleep=True, unused=900.0, holds_processes=True)

    with pytest.raises(EngineError, match="of memory are free"):
        await house.start()

    assert house.did == []


async def test_a_full_disk_says_where_to_look() -> None:
    house = House(Machine(memory=PLENTY.memory, disk=5_000_000))

    with pytest.raises(EngineError, match="5 MB of disk are free") as refused:
        await house.start()

    assert refused.value.action == f"See what takes it: studio sandbox {Lack.DISK.value}"


async def test_a_machine_that_does_not_tell_its_memory_is_no_reason_to_refuse() -> None:
    await House(Machine(memory=None, disk=PLENTY.disk)).start()


async def test_those_that_are_starting_take_the_places_that_they_will_have() -> None:
    house = House()
    admission = house.admission()

    async with admission.place(0), admission.place(0):
        with pytest.raises(EngineError, match="2 are awake, which are the most"):
            async with admission.place(0):
                pytest.fail("a third one starts")


async def test_one_that_did_not_start_leaves_its_place_to_the_next() -> None:
    house = House()
    house.box("r1")
    admission = house.admission()
    with pytest.raises(OSError, match="it broke"):
        async with admission.place(0):
            raise OSError("it broke")

    async with admission.place(0):
        assert len(house.boxes) == 1


@pytest.mark.parametrize(("left", "ends"), [(GIBIBYTE + 1, "starts"), (GIBIBYTE - 1, "refused")])
async def test_where_others_are_starting_it_is_seen_first_what_memory_they_take(left: int, ends: str) -> None:
    house = House(Machine(memory=GIBIBYTE + 100, disk=PLENTY.disk))
    admission = house.admission()

    async def second() -> str:
        try:
            async with admission.place(0):
                return "starts"
        except EngineError:
            return "refused"

    async with admission.place(0):
        waiting = asyncio.create_task(second())
        while house.asked < 2:
            await asyncio.sleep(0)
        house.machine = Machine(memory=left, disk=PLENTY.disk)

    assert await waiting == ends


async def test_services_need_memory_too() -> None:
    house = House(Machine(memory=GIBIBYTE + 2 * STARTING_BYTES, disk=PLENTY.disk))

    await house.start(services=2)

    with pytest.raises(EngineError, match="of memory are free"):
        await house.start(services=3)


async def test_what_waits_in_the_pool_goes_before_a_run_is_put_to_sleep() -> None:
    house = House(pool=Pool(1))
    house.box("r1", unused=9000.0)

    await house.start()

    assert house.pool.size == 0
    assert house.did == []
