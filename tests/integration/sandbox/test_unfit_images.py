"""An image that no sandbox can start from is refused by name, and tried again only when it is another one."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from studio.adapters.docker.engine import DockerEngine
from studio.base.paths import Paths
from studio.contracts.containers import BuildOptions
from studio.domain.errors import StudioError
from studio.domain.ids import ProjectId, RunId
from studio.sandbox.images import Images, image_sources
from studio.sandbox.project_images import ProjectImages, Source
from studio.sandbox.spec.wanted import Build, Wanted

pytestmark = pytest.mark.docker

UNFIT = {
    "that keeps files outside the walls": ("VOLUME /data", "keeps /data outside"),
    "that brings steps for a build": ("ONBUILD RUN true", "brings steps of its own"),
    "that wears a label of ours": ("LABEL studio.run=r1", "label that begins with studio"),
    "whose python only root may run": (
        "USER root\nRUN chmod 700 /usr/bin/python3.* && rm -f /usr/bin/python",
        "a user that is not root cannot run python3|returned a non-zero code",
    ),
    "without a shell": ("USER root\nRUN rm /bin/sh", "failed"),
}


@pytest.fixture
async def named(engine: DockerEngine) -> AsyncIterator[str]:
    """The name of an image that a test may make, and that is gone afterwards."""
    tag = f"studio-test:unfit-{os.getpid()}"
    yield tag
    await engine.remove_image(tag)


@pytest.mark.parametrize("why", UNFIT)
async def test_an_image_is_refused(
    why: str, named: str, engine: DockerEngine, images: Images, sandbox_paths: Paths, tmp_path: Path
) -> None:
    line, said = UNFIT[why]
    (tmp_path / "Dockerfile").write_text(f"FROM {images.tag}\n{line}\n")
    await engine.build_image(tmp_path, "Dockerfile", named, lambda _: None, None, BuildOptions(network="none"))
    made = ProjectImages(engine, images, image_sources(), sandbox_paths)
    lines: list[str] = []

    async def lay_out(scratch: Path) -> Path:
        return scratch

    async def refusal() -> str:
        with pytest.raises(StudioError) as refused:
            await made.ensure(
                ProjectId("p0000001"), RunId("r1"), Wanted("x", image=named), Source({}, lay_out), lines.append
            )
        return refused.value.sentence

    first = await refusal()
    assert any(part in first for part in said.split("|"))
    lines.clear()
    assert await refusal() == first
    assert lines == []
    assert await engine.images({"studio.home": str(sandbox_paths.home)}) == ()


async def test_a_dockerfile_is_not_built_from_an_image_that_brings_steps_for_it(
    named: str, engine: DockerEngine, images: Images, sandbox_paths: Paths, tmp_path: Path
) -> None:
    (tmp_path / "Dockerfile").write_text(f"FROM {images.tag}\nONBUILD RUN true\n")
    await engine.build_image(tmp_path, "Dockerfile", named, lambda _: None, None, BuildOptions(network="none"))
    build = Build("Dockerfile", text=f"FROM {named}\n", bases=(named,))
    lines: list[str] = []

    async def lay_out(scratch: Path) -> Path:
        return scratch

    with pytest.raises(StudioError, match="brings steps of its own"):
        await ProjectImages(engine, images, image_sources(), sandbox_paths).ensure(
            ProjectId("p0000001"), RunId("r1"), Wanted("x", build=build), Source({}, lay_out), lines.append
        )
    assert lines == []
