"""What takes no room in a repository and too much of a disk is not laid out."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from studio.domain.errors import UserError
from studio.workspace.base_files import lay_out
from studio.workspace.ceiling import require_room
from studio.workspace.git import Git, find_git
from tests.fixtures.git_stories import Person
from tests.unit.workspace.test_base_files import tree_of


@pytest.fixture
def git(person: Person) -> Git:
    """The hardened runner on the person's repository."""
    return Git(find_git(os.environ["PATH"]), person.folder / ".git", person.folder)


def folders_of(person: Person, tree: str, count: int) -> str:
    """A tree with the same one under so many names."""
    return tree_of(person, "".join(f"040000 tree {tree}\td{number}\n" for number in range(count)))


def file_of(person: Person, text: str) -> str:
    """A tree with that file in it."""
    person.write("file", text)
    return tree_of(person, f"100644 blob {person.git('hash-object', '-w', 'file')}\tfile\n")


async def test_a_commit_that_names_one_large_file_very_often_writes_nothing(
    person: Person, git: Git, tmp_path: Path
) -> None:
    tree = folders_of(person, folders_of(person, file_of(person, "0" * (32 << 20)), 30), 30)
    commit = person.git("commit-tree", tree, "-m", "Large")
    (tmp_path / "base").mkdir()

    with pytest.raises(UserError, match=r"take 28,803 MiB; at most 16,384 MiB are laid out"):
        await lay_out(git, commit, tmp_path)

    assert os.listdir(tmp_path / "base") == []


async def test_each_file_and_folder_takes_a_block_at_least(person: Person, git: Git, tmp_path: Path) -> None:
    commit = person.git("commit-tree", folders_of(person, file_of(person, ""), 300), "-m", "Small")

    await require_room(git, commit, tmp_path, most_bytes=600 * 4096)
    with pytest.raises(UserError, match="at most 2 MiB"):
        await require_room(git, commit, tmp_path, most_bytes=599 * 4096)


async def test_folders_that_are_nested_in_each_other_without_end_are_not_listed_to_it(
    person: Person, git: Git, tmp_path: Path
) -> None:
    tree = file_of(person, "small")
    for _ in range(12):
        tree = folders_of(person, tree, 10)
    commit = person.git("commit-tree", tree, "-m", "A million million files")

    with pytest.raises(UserError, match="too many files"):
        await require_room(git, commit, tmp_path, most_listed=1 << 20)
