"""Snapshots of very many files, and those that were cut off."""

from __future__ import annotations

import pytest

from studio.domain.errors import GitError
from tests.fixtures.git_stories import StartWork


async def test_a_snapshot_that_failed_half_way_is_taken_when_the_workspace_is_opened_again(
    start_work: StartWork,
) -> None:
    work = await start_work()
    (work.guest.folder / "new.txt").write_text("new\n")
    lock = work.guest.folder / ".git/refs/studio/head.lock"
    lock.touch()
    with pytest.raises(GitError):
        await work.snapshot()
    lock.unlink()

    await work.workspaces.populate(work.run, work.guest)

    assert await work.changed()
    assert (await work.must_snapshot()).files == ("new.txt",)
    assert not await work.changed()


async def test_of_many_changed_files_the_first_are_named_and_the_rest_counted(start_work: StartWork) -> None:
    work = await start_work()
    for number in range(503):
        (work.guest.folder / f"n{number:03}").write_text("")
    taken = await work.must_snapshot()
    assert (len(taken.files), taken.files[0], taken.files[-1], taken.left_out) == (500, "n000", "n499", 3)
    (work.guest.folder / "one more").write_text("")
    taken = await work.must_snapshot()
    assert (taken.files, taken.left_out) == (("one more",), 0)
