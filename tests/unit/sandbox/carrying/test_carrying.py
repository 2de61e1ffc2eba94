"""Where an engine does not see this machine's folders, a workspace is the same here and there all the same."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from studio.domain.errors import EngineError
from studio.sandbox.carrying.agreement import is_home
from studio.sandbox.carrying.far_tree import ENTRIES_MAX
from studio.sandbox.carrying.tree import Tree
from studio.sandbox.inside.signs import Sign
from tests.fixtures.carried import Story, tree

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the inner half runs inside Linux containers only")


@pytest.fixture
def story(tmp_path: Path) -> Story:
    return Story(tmp_path)


async def test_what_is_here_at_first_is_there_then(story: Story) -> None:
    (story.here / "src").mkdir()
    (story.here / "src/run.sh").write_text("echo hello\n")
    (story.here / "src/run.sh").chmod(0o755)
    (story.here / "link").symlink_to("src/run.sh")

    async with story.carried():
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


async def test_what_somebody_else_is_laying_in_is_waited_for(story: Story) -> None:
    async with story.carried() as carrier:
        (story.here / "app.py").write_text("print(1)\n")
        other = asyncio.create_task(carrier.bring_home())
        while not carrier.busy:
            await asyncio.sleep(0)

        await carrier.lay_in()

        assert tree(story.there) == {"app.py": (b"print(1)\n", 0o644)}
        await other


async def test_what_changed_while_no_sandbox_was_open_is_told_from_what_was_deleted(story: Story) -> None:
    for name in ("kept", "deleted"):
        (story.here / name).write_text(name)
    async with story.carried():
        pass
    (story.here / "deleted").unlink()
    (story.here / "kept").write_text("edited")

    async with story.carried():
        assert tree(story.there) == tree(story.here) == {"kept": (b"edited", 0o644)}


async def test_a_volume_that_is_new_takes_everything_and_deletes_nothing(story: Story) -> None:
    (story.here / "work").write_text("work")
    async with story.carried():
        pass
    story.make_anew()

    async with story.carried():
        assert tree(story.there) == tree(story.here) == {"work": (b"work", 0o644)}


async def test_the_volume_of_another_engine_brings_nothing_old_over_what_is_here(story: Story) -> None:
    (story.here / "app.py").write_text("as it was")
    async with story.carried():
        pass
    first, story.there, story.volume = story.there, story.there.with_name("there-b"), "at engine b"
    story.there.mkdir()
    async with story.carried() as carrier:
        (story.there / "app.py").write_text("a day's work")
        (story.there / "added.py").write_text("new")
        await carrier.bring_home()

    story.there, story.volume = first, "made first"
    async with story.carried():
        assert tree(story.there) == tree(story.here)
        assert (story.here / "app.py").read_text() == "a day's work"
        assert (story.here / "added.py").read_text() == "new"


@pytest.mark.parametrize("is_open", [False, True])
async def test_a_folder_here_that_was_made_anew_deletes_nothing_there(story: Story, is_open: bool) -> None:
    (story.here / "work").write_text("work")
    async with story.carried() as carrier:
        if is_open:
            story.here.rename(story.here.with_name("away"))
            story.here.mkdir()
            await carrier.bring_home()
            assert tree(story.there) == tree(story.here) == {"work": (b"work", 0o644)}
    if not is_open:
        story.here.rename(story.here.with_name("away"))
        story.here.mkdir()
    async with story.carried():
        assert tree(story.there) == tree(story.here) == {"work": (b"work", 0o644)}


async def test_a_file_here_is_not_deleted_for_a_folder_that_was_made_there(story: Story) -> None:
    async with story.carried() as carrier:
        (story.here / "out").write_text("a person's")
        (story.there / "out").mkdir()
        (story.there / "out/new").write_text("a program's")

        await carrier.bring_home()
        await carrier.bring_home()

        assert tree(story.here) == tree(story.there)
        assert (story.here / "out").read_text() == "a person's"
        assert (story.here / "out.studio-conflict/new").read_text() == "a program's"


class Meeting(Tree):
    """A folder here in which a command is to begin at the moment when files have come home."""

    loop: asyncio.AbstractEventLoop
    begin: Callable[[], Coroutine[Any, Any, None]] | None = None
    beginning: Future[None]

    def unpack(self, *given: Any, **more: Any) -> dict[str, Sign]:
        taken = super().unpack(*given, **more)
        if self.begin is not None:
            self.beginning = asyncio.run_coroutine_threadsafe(self.begin(), self.loop)
            self.begin = None
            with suppress(TimeoutError):
                self.beginning.result(0.3)
        return taken


async def test_a_command_that_begins_while_files_come_home_deletes_nothing(story: Story) -> None:
    story.tree = meeting = Meeting(story.here, None, ENTRIES_MAX)
    meeting.loop = asyncio.get_running_loop()
    for name in ("a", "b"):
        (story.here / name).write_text(name)
    async with story.carried() as carrier:
        (story.there / "built").write_text("x")
        meeting.begin = carrier.lay_in

        await carrier.bring_home()
        await asyncio.wrap_future(meeting.beginning)

        assert tree(story.there) == tree(story.here)
        assert {"a", "b", "built"} == tree(story.here).keys()


async def test_after_one_who_did_not_wait_for_the_answer_files_are_carried_on(story: Story) -> None:
    async with story.carried() as carrier:
        await carrier.lay_in()  # after which the carrying that nobody waits for rests
        (story.there / "made").write_text("x")
        story.programs[0].asked.clear()
        asking = asyncio.create_task(carrier.bring_home())
        await story.programs[0].asked.wait()
        asking.cancel()
        await asyncio.wait({asking})

        await carrier.bring_home()

        assert tree(story.here) == {"made": (b"x", 0o644)}
        assert [program.process.returncode is None for program in story.programs] == [False, True]


async def test_a_place_that_cannot_be_written_is_told_and_carrying_goes_on_after(story: Story, tmp_path: Path) -> None:
    story.scratch = tmp_path / "scratch"
    story.scratch.mkdir()
    async with story.carried() as carrier:
        story.scratch.rename(tmp_path / "away")
        (story.there / "made").write_text("x")
        with pytest.raises(EngineError, match="cannot be carried: No such file"):
            await carrier.bring_home()
        (tmp_path / "away").rename(story.scratch)

        await carrier.bring_home()

        assert tree(story.here) == {"made": (b"x", 0o644)}


async def test_thousands_of_files_are_told_of_in_pages_that_are_read_in_one_breath(story: Story) -> None:
    async with story.carried() as carrier:
        for number in range(3000):
            (story.there / f"{number:0100}").touch()

        await carrier.bring_home()

        assert tree(story.here) == tree(story.there)


async def test_a_program_that_stands_still_does_not_keep_a_sandbox_from_closing(story: Story) -> None:
    async with story.carried() as carrier:
        os.kill(story.programs[0].process.pid, signal.SIGSTOP)

        await carrier.close(seconds=0.2)

        assert not is_home(story.scratch / "carried.json", story.volume)


async def test_a_volume_is_home_once_its_sandbox_is_closed_and_all_of_it_is_here(story: Story) -> None:
    agreed = story.scratch / "carried.json"
    async with story.carried():
        (story.there / "made").write_text("x")
        assert not is_home(agreed, story.volume)

    assert is_home(agreed, story.volume)
    assert not is_home(agreed, "another volume")
    assert not is_home(story.scratch / "none.json", "")


async def test_a_volume_with_a_file_that_was_too_large_is_not_home(tmp_path: Path) -> None:
    story = Story(tmp_path, most=1000)
    async with story.carried():
        (story.there / "huge").write_bytes(bytes(2000))

    assert not is_home(story.scratch / "carried.json", story.volume)


async def test_what_is_here_counts_for_the_room_that_is_left(tmp_path: Path) -> None:
    story = Story(tmp_path, most=1000)
    async with story.carried() as carrier:
        (story.here / "mine").write_bytes(bytes(900))
        (story.there / "made").write_bytes(bytes(200))

        await carrier.bring_home()

        assert tree(story.here).keys() == {"mine"}


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
        said = carrier.news.take()
        assert said.startswith("Too large to be copied home")
        assert "huge" in said
        assert "\x1b" not in said


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
