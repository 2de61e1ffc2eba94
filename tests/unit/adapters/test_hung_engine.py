"""A container engine that takes calls and never answers keeps nothing else waiting."""

from __future__ import annotations

import asyncio
from pathlib import Path

from studio.adapters.docker.engine import DockerEngine
from studio.adapters.docker.find import Endpoint
from studio.base.aio import in_thread
from studio.domain.errors import EngineError

MANY = 40
"""More calls than Python itself would keep threads for."""


async def test_files_can_be_read_while_the_engine_hangs(tmp_path: Path) -> None:
    heard, hung = asyncio.Event(), asyncio.Event()

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if await reader.read(1):  # the first visitor only finds out whether somebody is there
            heard.set()
        await hung.wait()
        writer.close()

    server = await asyncio.start_unix_server(hang, tmp_path / "hung.sock")
    engine = DockerEngine(Endpoint(f"unix://{tmp_path}/hung.sock"))
    asked = [asyncio.create_task(engine.info()) for _ in range(MANY)]
    await heard.wait()

    async with asyncio.timeout(20):
        assert await in_thread((tmp_path / "hung.sock").is_socket)

    assert not any(call.done() for call in asked)
    server.close()
    hung.set()
    ends = await asyncio.gather(*asked, return_exceptions=True)
    assert all(isinstance(end, EngineError) for end in ends)
    await engine.close()
