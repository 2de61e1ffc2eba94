"""A container engine that takes calls and never answers keeps nothing else waiting."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest

from studio.adapters.docker.engine import DockerEngine
from studio.adapters.docker.find import Endpoint
from studio.base.aio import in_thread
from studio.domain.errors import EngineError, EngineGone

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


async def test_calls_to_an_engine_that_was_given_up_are_refused_at_once_until_it_answers(tmp_path: Path) -> None:
    heard, answers = asyncio.Event(), asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if await reader.read(1):
            heard.set()
        await answers.wait()
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        writer.close()

    server = await asyncio.start_unix_server(answer, tmp_path / "hung.sock")
    engine = DockerEngine(Endpoint(f"unix://{tmp_path}/hung.sock"))
    asked = asyncio.create_task(engine.info())
    await heard.wait()

    engine.give_up(EngineGone("It hangs.", hung=True))
    for call in (asked, engine.info()):
        with pytest.raises(EngineGone, match="It hangs"):
            await call
    answers.set()
    await engine.ping(20)
    with pytest.raises(EngineError) as now:
        await engine.info()

    assert "hangs" not in now.value.sentence
    server.close()
    await engine.close()


async def test_an_engine_that_answers_no_ping_hangs(tmp_path: Path) -> None:
    over = asyncio.Event()

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await over.wait()
        writer.close()

    server = await asyncio.start_unix_server(hang, tmp_path / "hung.sock")
    engine = DockerEngine(Endpoint(f"unix://{tmp_path}/hung.sock"))

    with pytest.raises(EngineGone) as caught:
        await engine.ping(0.05)

    assert caught.value.hung
    over.set()
    server.close()
    await engine.close()


async def test_a_socket_at_which_nobody_listens_is_no_hung_engine(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(tmp_path / "left.sock"))
    engine = DockerEngine(Endpoint(f"unix://{tmp_path}/left.sock"))

    with pytest.raises(EngineGone) as caught:
        await engine.ping(20)

    assert not caught.value.hung
    await engine.close()


async def test_an_engine_that_was_not_there_is_found_where_it_is_by_now(tmp_path: Path) -> None:
    found = [Endpoint(f"unix://{tmp_path}/nowhere.sock")]
    engine = DockerEngine(found[0], {}, lambda: found[0])
    with pytest.raises(EngineGone):
        await engine.ping(20)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        writer.close()

    server = await asyncio.start_unix_server(answer, tmp_path / "here.sock")
    found[0] = Endpoint(f"unix://{tmp_path}/here.sock")
    await engine.ping(20)

    server.close()
    await engine.close()
