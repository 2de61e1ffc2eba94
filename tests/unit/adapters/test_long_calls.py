"""Builds and pulls, which take long or for ever: they keep nothing else waiting, and end when nobody waits for them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from studio.adapters.docker.engine import DockerEngine
from studio.adapters.docker.find import Endpoint
from studio.contracts.containers import BuildOptions
from studio.domain.errors import EngineError, EngineGone
from tests.fixtures.played_engine import PlayedEngine

MANY = 12
"""More of them than there are threads for all other calls."""


@pytest.fixture
async def played() -> PlayedEngine:
    return PlayedEngine()


@pytest.fixture
async def engine(played: PlayedEngine, tmp_path: Path) -> AsyncIterator[DockerEngine]:
    async with await asyncio.start_unix_server(played.serve, tmp_path / "e.sock"), asyncio.timeout(60):
        opened = DockerEngine(Endpoint(f"unix://{tmp_path}/e.sock"))
        yield opened
        await opened.close()


@pytest.fixture
def context(tmp_path: Path) -> Path:
    (folder := tmp_path / "context").mkdir()
    (folder / "Dockerfile").write_text("FROM base\nRUN sleep infinity\n")
    return folder


async def ended(*calls: asyncio.Task[None]) -> list[BaseException | None]:
    for call in calls:
        call.cancel()
    return await asyncio.gather(*calls, return_exceptions=True)


async def test_pulls_of_registries_that_say_nothing_keep_no_other_call_waiting(
    played: PlayedEngine, engine: DockerEngine
) -> None:
    pulls = [asyncio.create_task(engine.pull_image(f"registry.example.org/p{number}")) for number in range(MANY)]
    for _ in pulls:
        await played.begun.acquire()

    assert await engine.image_id("studio:1") == "sha256:1"
    await ended(*pulls)


async def test_the_engine_hears_that_nobody_waits_for_a_pull_any_more(
    played: PlayedEngine, engine: DockerEngine
) -> None:
    pull = asyncio.create_task(engine.pull_image("registry.example.org/p"))
    await played.begun.acquire()
    await ended(pull)

    await played.left.acquire()


async def test_the_engine_hears_that_nobody_waits_for_a_build_any_more(
    played: PlayedEngine, engine: DockerEngine, context: Path
) -> None:
    said: asyncio.Queue[str] = asyncio.Queue()
    build = asyncio.create_task(engine.build_image(context, "Dockerfile", "t:1", said.put_nowait))
    assert await said.get() == "Step 1/2 : FROM base"
    await ended(build)

    await played.left.acquire()


async def test_a_build_that_takes_longer_than_it_may_is_stopped(
    played: PlayedEngine, engine: DockerEngine, context: Path
) -> None:
    with pytest.raises(EngineError, match="took longer than 0 minutes"):
        await engine.build_image(context, "Dockerfile", "t:1", lambda _: None, None, BuildOptions(seconds=0))


async def test_an_engine_that_goes_away_in_the_middle_of_a_build_is_said_to_be_gone(
    played: PlayedEngine, engine: DockerEngine, context: Path
) -> None:
    played.breaks_off = True
    with pytest.raises(EngineGone):
        await engine.build_image(context, "Dockerfile", "t:1", lambda _: None)
