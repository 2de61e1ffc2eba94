"""What was changed on both sides at once: one of the two stays, and nobody's work is lost."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from studio.domain.errors import EngineError
from studio.domain.events import FilesKept
from studio.sandbox.carrying.far_tree import ENTRIES_MAX
from studio.sandbox.carrying.plan import planned
from studio.sandbox.carrying.tree import Tree
from studio.sandbox.inside.signs import Sign
from tests.fixtures.carried import Story, tree

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the inner half runs inside Linux containers only")


@pytest.fixture
def story(tmp_path: Path) -> Story:
    return Story(tmp_path)


def write(file: Path, text: str, time: float) -> None:
    file.write_text(text)
    os.utime(file, (time, time))


@pytest.mark.parametrize("later", ["here", "there"])
async def test_the_one_that_gives_way_is_kept_beside_the_other_on_both_sides(story: Story, later: str) -> None:
    (story.here / "app.py").write_text("first")
    async with story.carried() as carrier:
        write(story.here / "app.py", "here", 2e9 if later == "here" else 1e9)
        write(story.there / "app.py", "there", 1e9 if later == "here" else 2e9)

        await carrier.bring_home()

        assert tree(story.here) == tree(story.there)
        assert {file.name: file.read_text() for file in story.here.iterdir()} == {
            "app.py": later,
            "app.py.studio-conflict": "there" if later == "here" else "here",
        }


async def test_people_and_the_agent_are_told_once_where_the_other_one_is(story: Story) -> None:
    (story.here / "app.py").write_text("first")
    async with story.carried() as carrier:
        write(story.here / "app.py", "here", 1e9)
        write(story.there / "app.py", "there", 2e9)

        await carrier.bring_home()

        await carrier.bring_home()

        assert story.told == [FilesKept(("app.py",), ("app.py.studio-conflict",))]
        assert "app.py (the other version: app.py.studio-conflict)" in carrier.news.take()
        assert carrier.news.take() == ""


class Failing(Tree):
    """A folder here whose files once cannot be brought home, just after they were."""

    fails = False

    def unpack(self, *given: Any, **more: Any) -> dict[str, Sign]:
        taken = super().unpack(*given, **more)
        if self.fails:
            self.fails = False
            raise EngineError("The connection has ended.")
        return taken


async def test_they_are_told_of_it_also_where_that_carrying_failed(story: Story) -> None:
    story.tree = failing = Failing(story.here, None, ENTRIES_MAX)
    (story.here / "app.py").write_text("first")
    async with story.carried() as carrier:
        failing.fails = True
        write(story.here / "app.py", "here", 1e9)
        write(story.there / "app.py", "there", 2e9)
        with suppress(EngineError):  # the carrying that nobody waits for may have met it
            await carrier.bring_home()
        assert not failing.fails

        await carrier.bring_home()

        assert story.told == [FilesKept(("app.py",), ("app.py.studio-conflict",))]
        assert "app.py (the other version: app.py.studio-conflict)" in carrier.news.take()


async def test_the_agent_is_told_of_each_where_one_file_gave_way_twice(story: Story) -> None:
    (story.here / "a").write_text("first")
    async with story.carried() as carrier:
        for number in (1, 2):
            write(story.here / "a", f"here {number}", 1e9 + number)
            write(story.there / "a", f"there {number}", 2e9 + number)
            await carrier.bring_home()

        said = carrier.news.take()

        assert "a (the other version: a.studio-conflict)" in said
        assert "a (the other version: a.studio-conflict-2)" in said


async def test_one_that_is_made_anew_on_both_sides_is_kept_too(story: Story) -> None:
    async with story.carried() as carrier:
        write(story.here / "notes", "a person's", 1e9)
        write(story.there / "notes", "an agent's", 2e9)

        await carrier.bring_home()

        assert (story.here / "notes").read_text() == "a person's"
        assert (story.here / "notes.studio-conflict").read_text() == "an agent's"


async def test_the_next_one_gets_a_name_of_its_own(story: Story) -> None:
    (story.here / "a").write_text("first")
    async with story.carried() as carrier:
        for number in (1, 2):
            write(story.here / "a", f"here {number}", 1e9 + number)
            write(story.there / "a", f"there {number}", 2e9 + number)
            await carrier.bring_home()

        assert tree(story.here) == tree(story.there)
        assert (story.here / "a.studio-conflict").read_text() == "here 1"
        assert (story.here / "a.studio-conflict-2").read_text() == "here 2"


@pytest.mark.parametrize("later", ["here", "there"])
async def test_the_same_change_on_both_sides_leaves_nothing_beside(story: Story, later: str) -> None:
    (story.here / "a").write_text("first")
    async with story.carried() as carrier:
        write(story.here / "a", "formatted", 2e9 if later == "here" else 1e9)
        write(story.there / "a", "formatted", 1e9 if later == "here" else 2e9)

        await carrier.bring_home()

        assert tree(story.here) == tree(story.there) == {"a": (b"formatted", 0o644)}
        assert carrier.news.take() == ""


async def test_a_link_that_gives_way_is_kept(story: Story) -> None:
    async with story.carried() as carrier:
        (story.here / "data").write_text("a person's")
        (story.there / "data").symlink_to("elsewhere")

        await carrier.bring_home()

        assert tree(story.here) == tree(story.there)
        assert os.readlink(story.here / "data.studio-conflict") == "elsewhere"


async def test_a_file_that_gives_way_to_a_folder_with_something_new_is_kept(story: Story) -> None:
    (story.here / "out").mkdir()
    async with story.carried() as carrier:
        (story.here / "out/new").write_text("a person's")
        (story.there / "out").rmdir()
        (story.there / "out").write_text("a program's")

        await carrier.bring_home()

        assert tree(story.here) == tree(story.there)
        assert (story.here / "out/new").read_text() == "a person's"
        assert (story.here / "out.studio-conflict").read_text() == "a program's"


async def test_of_a_volume_that_is_met_for_the_first_time_only_what_is_later_is_kept(story: Story) -> None:
    for name in ("old", "later"):
        write(story.here / name, "here", 1.5e9)
    write(story.there / "old", "there", 1e9)
    write(story.there / "later", "there", 2e9)

    async with story.carried():
        assert tree(story.here) == tree(story.there)
        assert {file.name: file.read_text() for file in story.here.iterdir()} == {
            "old": "here",
            "later": "here",
            "later.studio-conflict": "there",
        }


FILE: Sign = ["f", 0o644, 3, 1, 1, ""]
OTHER: Sign = ["f", 0o644, 4, 2, 2, ""]


def test_a_name_that_is_as_long_as_a_name_may_be_is_shortened() -> None:
    name = "ä" * 127

    (beside,) = planned({}, {f"in/{name}": FILE}, {f"in/{name}": OTHER}).beside.values()

    assert len(os.fsencode(beside.removeprefix("in/"))) <= 255
    assert beside.endswith(".studio-conflict")


def test_a_name_that_either_side_has_is_not_taken() -> None:
    here, there = (
        {"a": FILE, "a.studio-conflict": FILE},
        {"a": OTHER, "a.studio-conflict": FILE, "a.studio-conflict-2": FILE},
    )

    assert planned({}, here, there).beside == {"a": "a.studio-conflict-3"}
