"""Images that a project's files name, and their registries."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from studio.adapters.docker.engine import DockerEngine
from studio.adapters.docker.find import Endpoint
from studio.domain.errors import EngineError
from studio.sandbox.build_bounds import BuildBounds, Disk
from studio.sandbox.named_images import NamedImages
from studio.sandbox.shape import Size
from tests.fixtures.played_engine import PlayedEngine


async def test_an_image_that_fills_the_disk_is_fetched_no_further(tmp_path: Path) -> None:
    played, said = PlayedEngine(), list[str]()
    played.has_images = False
    bounds = BuildBounds(Size(), Disk(lambda: 1 if played.is_busy else 9, 5), look_seconds=0.01)
    async with await asyncio.start_unix_server(played.serve, tmp_path / "e.sock"), asyncio.timeout(60):
        engine = DockerEngine(Endpoint(f"unix://{tmp_path}/e.sock"))
        with pytest.raises(EngineError, match="5 bytes are kept free"):
            await NamedImages(engine, bounds).id_of("registry.example.org/large", said.append)
        await played.left.acquire()
        await engine.close()

    assert said == ["Fetching the image registry.example.org/large from registry.example.org."]
