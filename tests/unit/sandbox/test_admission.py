"""A further sandbox starts only where there is room; what is not used makes some."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from studio.domain.errors import EngineError
from studio.domain.ids import RunId
from studio.sandbox.admission import Admission, Floor, Lack, Machine

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


@dataclass
class House:
    """A machine with sandboxes; one that is closed gives its gibibyte of memory back."""

    machine: Machine = PLENTY
    boxes: list[Box] = field(default_factory=list)
    did: list[str] = field(default_factory=list)

    def admission(self) -> Admission:
        return Admission(FLOOR, lambda: self.machine, lambda: self.boxes, self._sleep, self._retire)

    def box(self, name: str, **more: bool | float) -> None:
        rest = Rest(bool(more.pop("asleep", False)), float(more.pop("unused", 0.0)))
        self.boxes.append(Box(RunId(name), rest, **more))  # type: ignore[arg-type]

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

    await house.admission().require()

    assert house.did == []


async def test_the_one_that_was_not_used_for_longest_sleeps_to_make_a_place() -> None:
    house = House()
    house.box("r1", unused=100.0)
    house.box("r2", unused=900.0)

    await house.admission().require()

    assert house.did == ["r2 sleeps"]


async def test_where_all_are_at_work_it_is_said_what_to_stop() -> None:
    house = House()
    house.box("r1", busy=True)
    house.box("r2", unused=30.0)

    with pytest.raises(EngineError) as refused:
        await house.admission().require()

    assert refused.value.sentence == "There is no room for another sandbox: 2 are awake, which are the most."
    assert refused.value.action.endswith("studio sandbox stop r2")
    assert house.did == []


async def test_sleeping_sandboxes_give_their_memory_back_until_there_is_enough() -> None:
    house = House(Machine(memory=0, disk=PLENTY.disk))
    house.box("r1", asleep=True, unused=100.0)
    house.box("r2", asleep=True, unused=900.0)

    await house.admission().require()

    assert house.did == ["r2 closed"]


async def test_a_process_behind_is_not_ended_for_room() -> None:
    house = House(Machine(memory=0, disk=PLENTY.disk))
    house.box("r1", asleep=True, unused=900.0, holds_processes=True)

    with pytest.raises(EngineError, match="of memory are free"):
        await house.admission().require()

    assert house.did == []


async def test_a_full_disk_says_where_to_look() -> None:
    house = House(Machine(memory=PLENTY.memory, disk=5_000_000))

    with pytest.raises(EngineError, match="5 MB of disk are free") as refused:
        await house.admission().require()

    assert refused.value.action == f"See what takes it: studio sandbox {Lack.DISK.value}"


async def test_a_machine_that_does_not_tell_its_memory_is_no_reason_to_refuse() -> None:
    await House(Machine(memory=None, disk=PLENTY.disk)).admission().require()
