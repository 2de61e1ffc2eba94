from __future__ import annotations

import asyncio
import threading

import pytest

from studio.base.aio import Tasks, in_thread


async def test_blocking_work_runs_beside_the_loop() -> None:
    assert await in_thread(threading.get_ident) != threading.get_ident()


async def test_what_blocking_work_raises_arrives() -> None:
    with pytest.raises(ZeroDivisionError):
        await in_thread(divmod, 1, 0)


async def test_closing_cancels_what_runs_and_waits_for_its_end() -> None:
    ended: list[str] = []

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            ended.append("tidied up")

    tasks = Tasks()
    task = tasks.spawn(work(), "work")
    await asyncio.sleep(0)
    await tasks.close()
    assert ended == ["tidied up"]
    assert task.cancelled()
    assert len(tasks) == 0


async def test_a_failure_is_heard_even_when_nobody_awaits_it(caplog: pytest.LogCaptureFixture) -> None:
    async def work() -> None:
        raise ValueError("broken")

    tasks = Tasks()
    task = tasks.spawn(work(), "mending")
    await asyncio.wait({task})
    await tasks.close()
    assert any("mending" in str(record.msg) and "broken" in str(record.msg) for record in caplog.records)


async def test_a_task_spawned_while_closing_is_refused() -> None:
    tasks = Tasks()
    await tasks.close()
    with pytest.raises(RuntimeError, match="late"):
        tasks.spawn(asyncio.sleep(0), "late")
