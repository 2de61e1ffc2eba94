"""Running a host program: bounded, and gone when it should be."""

from __future__ import annotations

import asyncio
import os

import pytest

from studio.workspace.process import run_program

ENVIRONMENT = {"PATH": os.environ["PATH"]}


def shell(script: str) -> tuple[str, ...]:
    return ("sh", "-c", script)


async def test_a_program_ends_with_its_exit_code_and_both_outputs() -> None:
    finished = await run_program(shell("cat; echo no >&2; exit 3"), env=ENVIRONMENT, stdin=b"hello")
    assert (finished.exit_code, finished.stdout, finished.stderr, finished.cut) == (3, b"hello", "no", False)


async def test_a_program_that_does_not_read_its_input_is_no_error() -> None:
    finished = await run_program(("true",), env=ENVIRONMENT, stdin=b"x" * (1 << 20))
    assert finished.exit_code == 0


async def test_a_program_that_writes_without_end_is_stopped_at_the_cap() -> None:
    finished = await run_program(("yes",), env=ENVIRONMENT, max_bytes=1000)
    assert finished.cut
    assert len(finished.stdout) == 1000


async def test_complaints_without_end_stay_bounded() -> None:
    finished = await run_program(shell("head -c 10000000 /dev/zero >&2"), env=ENVIRONMENT)
    assert len(finished.stderr) <= 64 * 1024


async def test_a_timeout_ends_the_program_and_its_children() -> None:
    reader, writer = os.pipe()
    try:
        with pytest.raises(TimeoutError):
            await run_program(holding(writer, "sleep 60 & sleep 60"), env=ENVIRONMENT, timeout=0.5)
    finally:
        os.close(writer)
    await all_holders_gone(reader)


async def test_cancelling_ends_the_program_and_its_children_at_any_moment() -> None:
    for delay in (0.0, 0.001, 0.003, 0.01, 0.03, 0.1):
        reader, writer = os.pipe()
        task = asyncio.create_task(run_program(holding(writer, "sleep 60 & sleep 60"), env=ENVIRONMENT))
        await asyncio.wait({task}, timeout=delay)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        os.close(writer)
        await all_holders_gone(reader)


def holding(descriptor: int, script: str) -> tuple[str, ...]:
    """A shell that holds a pipe of ours open, as do its children, for as long as they live."""
    return shell(f"exec 9> /proc/{os.getpid()}/fd/{descriptor}; {script}")


async def all_holders_gone(reader: int) -> None:
    """Waits for the end of the pipe, which comes when nobody holds it any more."""
    gone = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_reader(reader, gone.set)
    try:
        async with asyncio.timeout(20):
            await gone.wait()
    finally:
        loop.remove_reader(reader)
        os.close(reader)
