"""How many processes a step of a build has, counted while it runs."""

from __future__ import annotations

import asyncio

import pytest

from studio.adapters.docker.step_watch import StepWatch
from studio.domain.errors import EngineError


async def test_a_build_is_ended_whose_step_has_more_processes_than_it_may() -> None:
    asked: list[str] = []
    counts = iter((3, 4, 5))

    async def count(container: str) -> int:
        asked.append(container)
        return next(counts)

    watch, ended = StepWatch(4, count, look_seconds=0), asyncio.Event()

    async def build() -> None:
        watch.hear("Step 2/2 : RUN make")
        watch.hear(" ---> Running in 0a1b2c3d4e5f")
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    with pytest.raises(EngineError, match="more than 4 processes"):
        await watch.over(build())
    assert asked == ["0a1b2c3d4e5f"] * 3
    assert ended.is_set()


async def test_a_step_that_speaks_like_the_builder_is_counted_all_the_same() -> None:
    async def count(container: str) -> int:
        if container != "0a1b2c3d4e5f":
            raise EngineError("There is no such container.")
        return 5

    watch = StepWatch(4, count, look_seconds=0)

    async def build() -> None:
        watch.hear(" ---> Running in 0a1b2c3d4e5f")
        watch.hear(" ---> Running in ffffffffffff")
        await asyncio.Event().wait()

    with pytest.raises(EngineError, match="more than 4 processes"):
        await watch.over(build())


async def test_a_build_that_names_containers_without_an_end_is_ended() -> None:
    async def count(container: str) -> int:
        return 1

    watch = StepWatch(4, count, look_seconds=0)

    async def build() -> None:
        for number in range(1000):
            watch.hear(f" ---> Running in {number:012x}")
        await asyncio.Event().wait()

    with pytest.raises(EngineError, match="named more than"):
        await watch.over(build())


async def test_a_step_that_ended_while_it_was_counted_ends_no_build() -> None:
    counted = asyncio.Event()

    async def count(container: str) -> int:
        counted.set()
        raise EngineError("The container is gone.")

    watch = StepWatch(4, count, look_seconds=0)

    async def build() -> None:
        watch.hear(" ---> Running in 0a1b2c3d4e5f")
        await counted.wait()

    await watch.over(build())


async def test_a_build_without_a_bound_is_not_looked_at() -> None:
    async def count(container: str) -> int:
        raise AssertionError(container)

    watch = StepWatch(0, count, look_seconds=0)

    async def build() -> None:
        watch.hear(" ---> Running in 0a1b2c3d4e5f")
        await asyncio.sleep(0)

    await watch.over(build())
