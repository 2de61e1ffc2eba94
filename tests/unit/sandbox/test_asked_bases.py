"""An image that a Dockerfile starts from, or that a project names, is asked for before anything is built."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.base.paths import Paths
from studio.domain.errors import PolicyRefused
from studio.sandbox.images import Images, image_sources
from studio.sandbox.project_images import ProjectImages, Source
from studio.sandbox.spec.wanted import Build, Wanted
from tests.fixtures.told_engine import ToldEngine
from tests.unit.sandbox.test_registries import APP, DB, Yard, yard

__all__ = ["yard"]

BUILT = Wanted("Dockerfile", build=Build("Dockerfile", text=f"FROM {APP}\nCOPY --from={DB} /a /a\n", bases=(APP, DB)))


class Unbuilt(ToldEngine):
    """An engine that has built nothing for a project."""

    async def image_id(self, tag: str) -> str | None:
        """No image of a project."""
        return None if tag.startswith("studio-project-") else await super().image_id(tag)


async def _refused(yard: Yard, tmp_path: Path, wanted: Wanted, engine: ToldEngine) -> PolicyRefused:
    paths = Paths(tmp_path / "data")
    paths.make()
    images = Images(engine.engine, image_sources(), paths.cache, {})
    made = ProjectImages(engine.engine, images, image_sources(), paths, registries=yard.registries)

    async def lay_out(scratch: Path) -> Path:
        raise AssertionError

    with pytest.raises(PolicyRefused) as refused:
        await made.ensure(yard.whose.project, yard.whose.run, wanted, Source({}, lay_out), print)
    return refused.value


async def test_all_that_a_dockerfile_takes_something_from_is_one_question_and_without_a_yes_nothing_is_built(
    yard: Yard, tmp_path: Path
) -> None:
    engine = Unbuilt()
    engine.absent = {APP, DB}
    yard.judge.allowed.clear()

    assert APP in (await _refused(yard, tmp_path, BUILT, engine)).sentence
    assert yard.judge.asked == [("registry.example.org:443", (APP, DB))]
    assert engine.did == []


async def test_an_image_that_a_project_names_is_asked_for(yard: Yard, tmp_path: Path) -> None:
    engine = Unbuilt()
    engine.absent = {APP}
    yard.judge.allowed.clear()

    assert APP in (await _refused(yard, tmp_path, Wanted("devcontainer.json", image=APP), engine)).sentence
    assert engine.did == []
