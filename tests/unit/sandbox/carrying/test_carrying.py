"""Where an engine does not see this machine's folders, a workspace is the same here and there all the same."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.domain.errors import EngineError
from studio.sandbox.carrying.carrier import Carrier
from studio.sandbox.carrying.far_tree import ENTRIES_MAX, FarTree
from studio.sandbox.carrying.tree import Tree
from studio.sandbox.link import Link
from studio.sandbox.sleep import Sleep
from studio.sandbox.speaking import Speaking

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the inner half runs inside Linux containers only")

_HALF = "from studio.sandbox.inside.carry import serve; serve({{'root': {root!r}, 'most': {most}}})"


class Program:
    """The inner half as a process of this machine, spoken with as one in a sandbox is."""

    complaint = ""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process

    async def write(self, data: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(data)

    async def read(self) -> bytes:
        assert self.process.stdout is not None
        return await self.process.stdout.read(1 << 16)

    async def close(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        await self.process.wait()


class AwakeLink:
    broken = None


class Awake:
    asleep = False


class Story:
    """A workspace `here`, the same one `there`, and what is between them."""

    def __init__(self, folder: Path, most: int = 1 << 30) -> None:
        self.here, self.there = folder / "home/files", folder / "there"
        for side in (self.here, self.there):
            side.mkdir(parents=True, exist_ok=True)
        self.most = most
        self.programs: list[Program] = []

    @asynccontextmanager
    async def carried(self, *, empty: bool = False) -> AsyncIterator[Carrier]:
        """While a sandbox is open."""
        tree = Tree(self.here, None, ENTRIES_MAX)
        state = self.here.parent / "carried.json"
        made = Carrier(cast(Link, AwakeLink()), cast(Sleep, Awake()), tree, self._far, state, self.most)
        try:
            await made.start(empty=empty)
            yield made
        finally:
            await made.close()
            for program in self.programs:
                await program.close()

    async def _far(self) -> FarTree:
        script = _HALF.format(root=str(self.there), most=ENTRIES_MAX)
        words = (sys.executable, "-c", script)
        pipe = asyncio.subprocess.PIPE
        program = Program(await asyncio.create_subprocess_exec(*words, stdin=pipe, stdout=pipe))
        self.programs.append(program)
        return FarTree(cast(Speaking, program))


def tree(folder: Path) -> dict[str, object]:
    """All there is below a folder, by path: what a file holds and whether it runs, where a link leads."""
    found: dict[str, object] = {}
    for place, folders, files in os.walk(folder):
        for name in (*folders, *files):
            path = Path(place, name)
            key = str(path.relative_to(folder))
            if path.is_symlink():
                found[key] = os.readlink(path)
            else:
                found[key] = (path.read_bytes(), path.stat().st_mode & 0o777) if path.is_file() else "folder"
    return found


@pytest.fixture
def story(tmp_path: Path) -> Story:
    return Story(tmp_path)


async def test_what_is_here_at_first_is_there_then(story: Story) -> None:
    (story.here / "src").mkdir()
    (story.here / "src/run.sh").write_text("echo hello\n")
    (story.here / "src/run.sh").chmod(0o755)
    (story.here / "link").symlink_to("src/run.sh")

    async with story.carried(empty=True):
        assert tree(story.there) == tree(story.here)
        assert tree(story.there)["src/run.sh"] == (b"echo hello\n", 0o755)


async def test_what_a_command_wrote_and_deleted_comes_home(story: Story) -> None:
    (story.here / "old").write_text("old")
    async with story.carried() as carrier:
        (story.there / "old").unlink()
        (story.there / "new/deep").mkdir(parents=True)
        (story.there / "new/deep/file").write_bytes(b"made there\0")

        await carrier.bring_home()

        assert tree(story.here) == {
            "new": "folder",
            "new/deep": "folder",
            "new/deep/file": (b"made there\0", 0o644),
        }


async def test_what_was_saved_here_is_there_before_the_next_command(story: Story) -> None:
    (story.here / "gone").write_text("x")
    async with story.carried() as carrier:
        (story.here / "app.py").write_text("print(1)\n")
        (story.here / "gone").unlink()

        await carrier.lay_in()

        assert tree(story.there) == {"app.py": (b"print(1)\n", 0o644)}


async def test_what_changed_while_no_sandbox_was_open_is_told_from_what_was_deleted(story: Story) -> None:
    for name in ("kept", "deleted"):
        (story.here / name).write_text(name)
    async with story.carried(empty=True):
        pass
    (story.here / "deleted").unlink()
    (story.here / "kept").write_text("edited")

    async with story.carried():
        assert tree(story.there) == tree(story.here) == {"kept": (b"edited", 0o644)}


async def test_a_volume_that_is_new_takes_everything_and_deletes_nothing(story: Story) -> None:
    (story.here / "work").write_text("work")
    async with story.carried(empty=True):
        pass
    shutil.rmtree(story.there)
    story.there.mkdir()

    async with story.carried(empty=True):
        assert tree(story.there) == tree(story.here) == {"work": (b"work", 0o644)}


async def test_the_later_of_two_changes_stays(story: Story) -> None:
    for name in ("a", "b"):
        (story.here / name).write_text("first")
    async with story.carried() as carrier:
        for side, name, time in ((story.here, "a", 2e9), (story.there, "a", 1e9)):
            (side / name).write_text(f"{name} {time:.0f}")
            os.utime(side / name, (time, time))
        for side, name, time in ((story.here, "b", 1e9), (story.there, "b", 2e9)):
            (side / name).write_text(f"{name} {time:.0f}")
            os.utime(side / name, (time, time))

        await carrier.bring_home()

        assert tree(story.here) == tree(story.there)
        assert (story.here / "a").read_text() == "a 2000000000"
        assert (story.here / "b").read_text() == "b 2000000000"


async def test_the_repository_of_a_workspace_is_not_carried(story: Story) -> None:
    async with story.carried() as carrier:
        (story.there / ".git").mkdir()
        (story.there / ".git/config").write_text("[core]\n\tfsmonitor = evil\n")
        (story.there / "vendored/.git").mkdir(parents=True)

        await carrier.bring_home()

        assert tree(story.here) == {"vendored": "folder", "vendored/.git": "folder"}


async def test_pipes_and_devices_stay_where_they_are(story: Story) -> None:
    async with story.carried() as carrier:
        os.mkfifo(story.there / "pipe")
        (story.there / "file").write_text("x")

        await carrier.bring_home()

        assert tree(story.here) == {"file": (b"x", 0o644)}


async def test_nothing_is_written_through_a_link_that_came_home(story: Story, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "precious").write_text("precious")
    async with story.carried() as carrier:
        (story.there / "way").symlink_to(outside)
        await carrier.bring_home()
        assert os.readlink(story.here / "way") == str(outside)
        (story.there / "way").unlink()
        (story.there / "way").mkdir()
        (story.there / "way/precious").write_text("overwritten")

        await carrier.bring_home()

        assert (outside / "precious").read_text() == "precious"
        assert (story.here / "way/precious").read_text() == "overwritten"


async def test_a_link_in_place_of_a_folder_here_leads_no_write_out(story: Story, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    async with story.carried() as carrier:
        (story.there / "way").mkdir()
        await carrier.bring_home()
        (story.here / "way").rmdir()
        (story.here / "way").symlink_to(outside)
        (story.there / "way/file").write_text("escaped")

        await carrier.bring_home()

        assert list(outside.iterdir()) == []


async def test_a_file_that_is_too_large_stays_there_and_is_named(tmp_path: Path) -> None:
    story = Story(tmp_path, most=1000)
    async with story.carried() as carrier:
        (story.there / "small").write_bytes(bytes(900))
        with (story.there / "huge\x1b[2J").open("wb") as file:
            file.truncate(1 << 40)

        await carrier.bring_home()

        assert list(tree(story.here)) == ["small"]
        assert carrier.left_out.startswith("Too large to be copied home")
        assert "huge" in carrier.left_out
        assert "\x1b" not in carrier.left_out


async def test_a_carrying_program_that_was_ended_inside_is_started_again(story: Story) -> None:
    async with story.carried() as carrier:
        story.programs[0].process.kill()
        await story.programs[0].process.wait()
        (story.there / "after").write_text("after")

        await carrier.bring_home()

        assert tree(story.here) == {"after": (b"after", 0o644)}


async def test_a_folder_here_that_cannot_be_read_is_never_taken_for_an_empty_one(story: Story) -> None:
    (story.here / "work").write_text("work")
    async with story.carried() as carrier:
        story.here.rename(story.here.with_name("away"))

        with pytest.raises(EngineError, match="cannot be read"):
            await carrier.bring_home()

        assert tree(story.there) == {"work": (b"work", 0o644)}
        story.here.with_name("away").rename(story.here)


NAMES = st.sampled_from(["a", "b", "c", "ä\udcff"])
PATHS = st.lists(NAMES, min_size=1, max_size=3).map("/".join)


def _write(side: Path, path: str, data: bytes) -> None:
    place = side / path
    if any(above.is_symlink() or above.is_file() for above in place.parents if side in above.parents):
        return
    if not place.is_dir() or place.is_symlink():
        place.parent.mkdir(parents=True, exist_ok=True)
        place.unlink(missing_ok=True)
        place.write_bytes(data)


def _folder(side: Path, path: str, _: bytes) -> None:
    if not any(each.is_symlink() or each.is_file() for each in (side / path, *(side / path).parents)):
        (side / path).mkdir(parents=True, exist_ok=True)


def _link(side: Path, path: str, data: bytes) -> None:
    _delete(side, path, data)
    if not any(each.is_symlink() or each.exists() for each in (side / path,)) and (side / path).parent.is_dir():
        (side / path).symlink_to(f"to-{len(data)}")


def _delete(side: Path, path: str, _: bytes) -> None:
    if any(above.is_symlink() for above in (side / path).parents if side in above.parents):
        return
    if (side / path).is_dir() and not (side / path).is_symlink():
        shutil.rmtree(side / path)
    else:
        (side / path).unlink(missing_ok=True)


ACTS: list[Callable[[Path, str, bytes], None]] = [_write, _folder, _link, _delete]
CHANGES = st.lists(st.tuples(st.booleans(), st.sampled_from(ACTS), PATHS, st.binary(max_size=3)), max_size=8)


@settings(max_examples=25, deadline=None)
@given(rounds=st.lists(CHANGES, min_size=1, max_size=3))
def test_whatever_was_changed_on_either_side_both_sides_end_up_the_same(
    rounds: list[list[tuple[bool, Callable[[Path, str, bytes], None], str, bytes]]],
) -> None:
    async def story_of(folder: Path) -> None:
        story = Story(folder)
        async with story.carried() as carrier:
            for changes in rounds:
                for is_here, act, path, data in changes:
                    try:
                        act(story.here if is_here else story.there, path, data)
                    except NotADirectoryError:
                        continue
                for _ in range(4):
                    await carrier.bring_home()
                assert tree(story.here) == tree(story.there)

    with TemporaryDirectory() as folder:
        asyncio.run(story_of(Path(folder)))
