"""Images that a project's files name, and their registries."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from studio.adapters.docker.engine import DockerEngine
from studio.adapters.docker.find import Endpoint
from studio.domain.errors import EngineError, PolicyRefused
from studio.domain.network import Destination
from studio.sandbox.build_bounds import BuildBounds, Disk
from studio.sandbox.named_images import NamedImages
from studio.sandbox.shape import Size
from tests.fixtures.played_engine import PlayedEngine
from tests.fixtures.told_engine import ToldEngine
from tests.unit.sandbox.test_registries import Yard, yard

__all__ = ["yard"]

LARGE = "registry.example.org/large"


async def test_an_image_that_fills_the_disk_is_fetched_no_further(yard: Yard, tmp_path: Path) -> None:
    played, said = PlayedEngine(), list[str]()
    played.has_images = False
    bounds = BuildBounds(Size(), Disk(lambda: 1 if played.is_busy else 9, 5), look_seconds=0.01)
    async with await asyncio.start_unix_server(played.serve, tmp_path / "e.sock"), asyncio.timeout(60):
        engine = DockerEngine(Endpoint(f"unix://{tmp_path}/e.sock"))
        with pytest.raises(EngineError, match="5 bytes are kept free"):
            await NamedImages(engine, bounds, yard.registries).id_of(LARGE, said.append, yard.whose)
        await played.left.acquire()
        await engine.close()

    assert said == ["Fetching the image registry.example.org/large from registry.example.org."]


async def test_an_image_is_fetched_only_after_a_yes_and_one_that_is_here_without_a_question(yard: Yard) -> None:
    told, said = ToldEngine(), list[str]()
    told.absent = {LARGE}
    named = NamedImages(told.engine, BuildBounds(Size()), yard.registries)
    yard.judge.allowed.clear()
    with pytest.raises(PolicyRefused):
        await named.require_allowed((LARGE, "here:1"), yard.whose)
    with pytest.raises(PolicyRefused):
        await named.id_of(LARGE, said.append, yard.whose)
    assert (told.did, said) == ([], [])
    yard.judge.allowed.add(Destination("registry.example.org", 443))

    assert await named.id_of(LARGE, said.append, yard.whose) == LARGE
    assert told.did == [f"pull {LARGE}"]
    assert {images for _, images in yard.judge.asked} == {(LARGE,)}


async def test_nobody_is_asked_where_there_are_no_images_to_fetch(yard: Yard) -> None:
    told = ToldEngine()
    told.absent, told.weaker = {LARGE}, "weaker"

    await NamedImages(told.engine, BuildBounds(Size()), yard.registries).require_allowed((LARGE,), yard.whose)

    assert yard.judge.asked == []
