"""Files that no commit holds come into a workspace as .worktreeinclude says, and nothing else does."""

from __future__ import annotations

import os

import pytest

from studio.domain.errors import GitError
from studio.workspace.including import Included
from tests.fixtures.git_stories import Person, StartWork, Work

IGNORED = "*.key\n.env*\nlocal/\n"


async def included(work: Work, patterns: str, agreed: bytes | None = None) -> Included:
    return await work.workspaces.include(work.project, work.run, patterns.encode(), work.guest, agreed)


def lies_there(work: Work, path: str) -> bool:
    return (work.guest.folder / path).exists()


@pytest.fixture
async def work(person: Person, start_work: StartWork) -> Work:
    """A run on a project that ignores keys, environments and a folder."""
    person.write(".gitignore", IGNORED)
    person.commit("Ignore")
    return await start_work()


async def test_untracked_files_that_match_are_put_in_with_their_folders(person: Person, work: Work) -> None:
    for path in (".env", "local/deep/a.key", "b.key", "local/other.txt"):
        person.write(path, f"{path}\n")

    assert await included(work, "# mine\n.env\n*.key\n!b.key\n") == Included((".env", "local/deep/a.key"))
    assert (work.guest.folder / "local/deep/a.key").read_text() == "local/deep/a.key\n"
    assert not lies_there(work, "local/other.txt")
    assert await work.snapshot() is None


async def test_a_file_that_would_get_into_a_commit_stays_out(person: Person, work: Work) -> None:
    person.write("notes.txt", "n\n")
    person.write(".git/info/exclude", "notes.txt\n")

    found = await included(work, "*.txt\nsrc/\n")

    assert found == Included(left_out=("Not put in, as .gitignore lets it into commits: notes.txt.",))
    assert not lies_there(work, "notes.txt")


async def test_no_link_is_followed_and_no_pipe_waited_for(person: Person, work: Work) -> None:
    secret = person.folder.parent / "secret.key"
    secret.write_text("secret\n")
    (person.folder / "own.key").symlink_to(secret)
    (person.folder / "local").symlink_to(secret.parent)
    os.mkfifo(person.folder / "pipe.key")

    found = await included(work, "*.key\nlocal\n")

    assert found.files == ()
    assert found.left_out == (
        "own.key is not put in: it leads through a link or a file.",
        "Not put in, as .gitignore lets it into commits: local.",
    )
    assert not lies_there(work, "own.key")


async def test_nothing_that_is_there_is_replaced(person: Person, work: Work) -> None:
    (work.guest.folder / "a.key").write_text("theirs\n")
    person.write("a.key", "mine\n")

    assert (await included(work, "*.key\n")).left_out == ("a.key is not put in: the workspace has one of that name.",)
    assert (work.guest.folder / "a.key").read_text() == "theirs\n"


async def test_nothing_is_written_through_a_link_of_the_workspace(person: Person, work: Work) -> None:
    outside = person.folder.parent / "outside"
    outside.mkdir()
    (work.guest.folder / "local").symlink_to(outside)
    person.write("local/b.key", "mine\n")

    with pytest.raises(GitError, match="cannot say which files"):
        await included(work, "*.key\n")

    assert list(outside.iterdir()) == []


async def test_a_large_file_is_left_out_by_name(person: Person, work: Work) -> None:
    with (person.folder / "0.key").open("wb") as file:
        file.truncate((10 << 20) + 1)
    person.write("1.key", "x")

    assert await included(work, "*.key\n") == Included(("1.key",), ("0.key is not put in: it is larger than 10 MiB.",))


async def test_patterns_that_match_nothing_put_nothing_in(work: Work) -> None:
    assert await included(work, "nothing\n") == Included()


async def test_what_nobody_agreed_to_is_held_back_by_name(person: Person, work: Work) -> None:
    for path in (".env", "a.key", "b.key", "notes.txt"):
        person.write(path, "x\n")

    found = await included(work, ".env\n*.key\nnotes.txt\n", agreed=b".env\na.key\n")

    assert (found.files, found.held) == ((".env", "a.key"), ("b.key",))
    assert not lies_there(work, "b.key")


async def test_fewer_files_need_no_new_yes(person: Person, work: Work) -> None:
    for path in (".env", "a.key"):
        person.write(path, "x\n")

    assert await included(work, ".env\n", agreed=b".env\n*.key\n") == Included((".env",))
