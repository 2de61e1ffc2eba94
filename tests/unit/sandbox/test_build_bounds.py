"""What the steps of a project's Dockerfile may take of the machine."""

from __future__ import annotations

import asyncio

import pytest

from studio.contracts.containers import BuildOptions
from studio.domain.errors import EngineError
from studio.sandbox.build_bounds import BuildBounds, Disk
from studio.sandbox.shape import Size

GIB = 1 << 30


class Build:
    """A build that never ends by itself."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.ended = asyncio.Event()

    async def run(self) -> None:
        self.begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.ended.set()


def test_a_step_has_the_memory_and_the_processors_of_a_sandbox_and_some_more_processes() -> None:
    asked = BuildOptions({"A": "b"}, "dev", "none")

    assert BuildBounds(Size(3 * GIB, 0.5, 10)).of(asked) == BuildOptions(
        {"A": "b"}, "dev", "none", memory_bytes=3 * GIB, cpus=0.5, pids=80
    )


async def test_a_build_that_fills_the_disk_is_stopped_before_it_is_full() -> None:
    build = Build()
    free = iter((4 * GIB, 2 * GIB, GIB - 1))
    bounds = BuildBounds(Size(), Disk(lambda: next(free), GIB), look_seconds=0)

    with pytest.raises(EngineError, match=r"1\.1 GB are kept free") as stopped:
        await bounds.keep(build.run())
    assert build.ended.is_set()
    assert stopped.value.retryable


async def test_a_build_ends_with_the_waiting_for_it() -> None:
    build = Build()
    keeping = asyncio.create_task(BuildBounds(Size()).keep(build.run()))
    await build.begun.wait()
    keeping.cancel()
    await asyncio.wait({keeping})

    assert build.ended.is_set()


async def test_a_step_that_was_killed_says_how_much_memory_it_may_have() -> None:
    async def killed() -> None:
        raise EngineError("Building failed: The command returned a non-zero code: 137.")

    with pytest.raises(EngineError, match=r"more memory than a sandbox may have \(2.1 GB\)"):
        await BuildBounds(Size()).keep(killed())
