"""What is saved inside while files are laid in is not overwritten by them."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from studio.sandbox.carrying.tree import Tree
from studio.sandbox.inside.signs import Sign
from tests.fixtures.carried import Story, tree

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the inner half runs inside Linux containers only")


class Between(Tree):
    """A folder here; `happens` comes when both sides were looked at, and before anything is sent."""

    happens: Callable[[], object] | None = None

    def pack(self, *given: object, **more: object) -> dict[str, Sign]:
        happens, self.happens = self.happens, None
        if happens is not None:
            happens()
        return super().pack(*given, **more)  # type: ignore[arg-type]


@pytest.fixture
def story(tmp_path: Path) -> Story:
    return Story(tmp_path)


@pytest.fixture
def between(story: Story) -> Between:
    story.tree = between = Between(story.here, story.tree._owner, story.tree._most)
    return between


async def test_a_file_that_a_program_writes_meanwhile_is_kept(story: Story, between: Between) -> None:
    (story.here / "a").write_text("first")
    async with story.carried() as carrier:
        (story.here / "a").write_text("a person's")
        os.utime(story.here / "a", (2e9, 2e9))
        between.happens = lambda: (story.there / "a").write_text("a program's")

        await carrier.bring_home()
        await carrier.bring_home()

        assert tree(story.here) == tree(story.there)
        assert (story.here / "a").read_text() == "a person's"
        assert (story.here / "a.studio-conflict").read_text() == "a program's"


async def test_a_file_that_a_program_writes_meanwhile_is_not_deleted(story: Story, between: Between) -> None:
    (story.here / "a").write_text("first")
    async with story.carried() as carrier:
        (story.here / "a").unlink()
        between.happens = lambda: (story.there / "a").write_text("a program's")

        await carrier.bring_home()
        await carrier.bring_home()

        assert tree(story.here) == tree(story.there) == {"a": (b"a program's", 0o644)}


async def test_a_file_that_a_program_makes_meanwhile_gives_way_to_no_link(story: Story, between: Between) -> None:
    async with story.carried() as carrier:
        (story.here / "a").symlink_to("elsewhere")
        between.happens = lambda: (story.there / "a").write_text("a program's")

        await carrier.bring_home()
        await carrier.bring_home()

        assert tree(story.here) == tree(story.there)
        assert os.readlink(story.here / "a") == "elsewhere"
        assert (story.here / "a.studio-conflict").read_text() == "a program's"


async def test_a_folder_in_which_a_program_makes_something_meanwhile_is_kept(story: Story, between: Between) -> None:
    (story.here / "out").mkdir()
    async with story.carried() as carrier:
        (story.here / "out").rmdir()
        (story.here / "out").write_text("a person's")
        between.happens = lambda: (story.there / "out/new").write_text("a program's")

        await carrier.bring_home()
        await carrier.bring_home()

        assert tree(story.here) == tree(story.there)
        assert (story.here / "out").read_text() == "a person's"
        assert (story.here / "out.studio-conflict/new").read_text() == "a program's"
