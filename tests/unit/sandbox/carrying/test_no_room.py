"""Where the engine's machine has no room: what is there comes home, and nobody works on old files unawares."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from studio.domain.errors import EngineError
from studio.sandbox.carrying.failures import disk_is_full
from studio.sandbox.carrying.far_tree import FarTree
from studio.sandbox.inside.signs import Sign
from tests.fixtures.carried import Story, tree

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the inner half runs inside Linux containers only")


class FullStory(Story):
    """A workspace whose other half finds no room for a file, for as long as its disk `is_full`."""

    is_full = False

    async def _far(self) -> FarTree:
        far = Far((await super()._far())._speaking)
        far.story = self
        return far


class Far(FarTree):
    story: FullStory

    async def take(self, gone: Any, made: Any, contents: Any, *more: Any) -> dict[str, Sign]:
        if contents and self.story.is_full:
            raise disk_is_full()
        return await super().take(gone, made, contents, *more)


@pytest.fixture
def story(tmp_path: Path) -> FullStory:
    return FullStory(tmp_path)


async def test_what_was_made_there_comes_home_all_the_same(story: FullStory) -> None:
    async with story.carried() as carrier:
        story.is_full = True
        (story.here / "saved").write_text("a person's")
        (story.there / "made").write_text("a program's")

        with pytest.raises(EngineError, match="disk of the container engine's machine is full"):
            await carrier.bring_home()

        assert (story.here / "made").read_text() == "a program's"


async def test_each_command_is_told_of_it_until_there_is_room(story: FullStory) -> None:
    async with story.carried() as carrier:
        story.is_full = True
        (story.here / "saved").write_text("a person's")
        for _ in range(2):
            with pytest.raises(EngineError, match="disk of the container engine's machine is full"):
                await carrier.lay_in()

        story.is_full = False
        await carrier.lay_in()

        assert tree(story.there) == tree(story.here) == {"saved": (b"a person's", 0o644)}
