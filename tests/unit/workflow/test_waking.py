"""The durable engine sleeps until a turn or another process wants it."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from dbos import DBOSClient, EnqueueOptions, WorkflowHandleAsync

from studio.adapters.clock import SystemClock
from studio.domain.errors import StoreError
from studio.workflow.engine import ACT_QUEUE
from studio.workflow.waking import WakingClient, WakingEngine

REPOSITORY = Path(__file__).parents[3]

OPEN_AND_TELL = """
import asyncio, os, sys
from studio.app.bootstrap import open_studio
from studio.app.standing import Access

async def main():
    studio = await open_studio(os.environ, Access.ENGINE)
    await asyncio.sleep(0)
    print(sorted({"dbos", "psycopg", "genai_prices", "anthropic", "openai"} & sys.modules.keys()))
    await studio.close()

asyncio.run(main())
"""


class Log:
    def __init__(self) -> None:
        self.turns: list[tuple[str, str]] = []
        self.acts: list[tuple[str, str]] = []

    async def run_turn(self, run: str, turn: str) -> str:
        self.turns.append((run, turn))
        return "replied"

    async def perform(self, name: str, arguments: str) -> str:
        self.acts.append((name, arguments))
        return '{"done": 1}'


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.fixture
async def engine(tmp_path: Path, log: Log) -> AsyncIterator[WakingEngine]:
    made = WakingEngine(tmp_path / "engine.db", log.run_turn, log.perform, SystemClock())
    yield made
    await made.stop()


def test_an_idle_studio_has_loaded_neither_the_engine_nor_a_provider(tmp_path: Path) -> None:
    environment = {**os.environ, "STUDIO_HOME": str(tmp_path / "home"), "PYTHONPATH": str(REPOSITORY)}
    told = subprocess.run(
        [sys.executable, "-c", OPEN_AND_TELL], env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    assert told.stdout.strip() == "[]"


async def test_an_act_of_another_process_wakes_the_engine(tmp_path: Path, engine: WakingEngine, log: Log) -> None:
    engine.listen()
    client = WakingClient(tmp_path / "engine.db", SystemClock())
    try:
        assert await client.perform("Chats.send", "{}") == '{"done": 1}'
        assert await client.perform("Chats.cancel", "{}") == '{"done": 1}'
    finally:
        await client.close()
    assert log.acts == [("Chats.send", "{}"), ("Chats.cancel", "{}")]


async def test_of_an_act_nothing_stays_with_the_engine_once_it_is_answered(
    tmp_path: Path, engine: WakingEngine, log: Log
) -> None:
    engine.listen()
    client = WakingClient(tmp_path / "engine.db", SystemClock())
    assert await client.perform("Sandboxes.follow_logs", '{"word": "a word of the log"}') == '{"done": 1}'
    await client.close()
    await engine.stop()
    assert _kept(tmp_path / "engine.db") == 0


async def test_answers_that_nobody_took_are_forgotten_by_the_next_engine(
    tmp_path: Path, engine: WakingEngine, log: Log
) -> None:
    database = tmp_path / "engine.db"
    await engine.wake()
    await _ask_and_leave(database)
    await engine.stop()
    assert _kept(database) > 0
    with sqlite3.connect(database) as kept:
        kept.execute("UPDATE workflow_status SET created_at = created_at - 3600000")
    again = WakingEngine(database, log.run_turn, log.perform, SystemClock())
    await again.wake()
    try:
        async with asyncio.timeout(30):
            while _kept(database):
                await asyncio.sleep(0.05)
    finally:
        await again.stop()


async def _ask_and_leave(database: Path) -> None:
    asking = DBOSClient(system_database_url=f"sqlite:///{database}", application_name="studio")
    options: EnqueueOptions = {"queue_name": ACT_QUEUE, "workflow_name": "act_v1", "app_version": "1"}
    handle: WorkflowHandleAsync[str] = await asking.enqueue_async(
        options, "Chats.send", '{"word": "a word of the log"}'
    )
    assert await handle.get_result(polling_interval_sec=0.05) == '{"done": 1}'
    await asyncio.to_thread(asking.destroy)


def _kept(database: Path) -> int:
    """How many rows hold something of what was asked and answered."""
    tables = ("workflow_status", "workflow_input", "workflow_output", "operation_outputs")
    with sqlite3.connect(database) as kept:
        return sum(kept.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables)


async def test_a_turn_wakes_the_engine_once(engine: WakingEngine, log: Log) -> None:
    woken = await engine.wake()
    await engine.start_turn("r1", "t1")
    assert await engine.wake() is woken


async def test_an_act_under_way_while_the_engine_stops_has_that_engine_and_no_second_one(
    tmp_path: Path, log: Log
) -> None:
    begun, stopping = asyncio.Event(), asyncio.Event()
    had: list[object] = []

    async def perform(name: str, arguments: str) -> str:
        begun.set()
        await stopping.wait()
        had.append(await waking.wake())
        return "{}"

    waking = WakingEngine(tmp_path / "engine.db", log.run_turn, perform, SystemClock())
    woken = await waking.wake()
    client = WakingClient(tmp_path / "engine.db", SystemClock())
    waking.listen()
    asking = asyncio.create_task(client.perform("Queues.interrupt", "{}"))
    await begun.wait()
    stop = asyncio.create_task(waking.stop())
    for _ in range(50):
        await asyncio.sleep(0)  # until all that the stop does before it waits for the act is done
    stopping.set()
    await stop
    assert await asking == "{}"
    assert had == [woken]
    await client.close()


async def test_a_file_that_cannot_be_used_is_named_before_anything_is_begun(tmp_path: Path, log: Log) -> None:
    (tmp_path / "engine.db").mkdir()
    engine = WakingEngine(tmp_path / "engine.db", log.run_turn, log.perform, SystemClock())
    with pytest.raises(StoreError, match=r"engine\.db cannot be used") as raised:
        await engine.start_turn("r1", "t1")
    assert "Move it away" in raised.value.action
    assert log.turns == []
    await engine.stop()
