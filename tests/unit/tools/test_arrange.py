"""The tools move and delete, on real files."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from studio.domain.ids import CallId
from studio.domain.messages import ToolCall
from studio.domain.tools import ToolOutcome
from studio.sandbox.box import Sandbox
from studio.tools.hands import Hands
from studio.tools.runner import FAILED_CHARACTERS, run_call
from studio.tools.table import TOOLS
from studio.workspace.files import Folder


async def call(hands: Hands, name: str, **arguments: object) -> ToolOutcome:
    return await run_call(TOOLS, ToolCall(CallId.new(), name, dict(arguments)), hands)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The workspace: a file, a folder with two files; beside it stands what no tool may touch."""
    root, outside = tmp_path / "workspace", tmp_path / "outside"
    (root / "src" / "deep").mkdir(parents=True)
    (root / "a.py").write_text("x = 1\n")
    (root / "src" / "b.py").write_text("y = 2\n")
    (root / "src" / "deep" / "c.py").write_text("z = 3\n")
    outside.mkdir()
    (outside / "kept.txt").write_text("kept")
    return root


@pytest.fixture
def hands(root: Path) -> Hands:
    return Hands(Folder(root), cast(Sandbox, None), lambda text: None)


def names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


async def test_a_file_is_moved_into_folders_that_are_made_for_it(hands: Hands, root: Path) -> None:
    outcome = await call(hands, "move", path="./a.py", to="/workspace/lib/new/a.py")
    assert (outcome.ok, outcome.changed) == (True, True)
    assert (root / "lib/new/a.py").read_text() == "x = 1\n"
    assert not (root / "a.py").exists()


async def test_a_folder_is_moved_with_all_in_it(hands: Hands, root: Path) -> None:
    assert (await call(hands, "move", path="src", to="lib")).text == "Moved src to lib."
    assert names(root / "lib") == ["b.py", "deep", "deep/c.py"]


@pytest.mark.parametrize(
    ("path", "to", "said"),
    [
        ("no.py", "b.py", "There is no no.py. List its folder"),
        ("a.py", "src/b.py", "src/b.py exists already. Choose another name, or delete it first."),
        ("a.py", "src", "src is a folder that is there. To move it in there, say src/a.py."),
        ("a.py", "a.py", "a.py cannot be moved to itself"),
        ("src", "src/deep/src", "src cannot be moved to itself or below itself"),
        (".", "b", "The project's root itself"),
        ("a.py", "/workspace", "The project's root itself"),
        ("a.py", "a.py/b", "cannot be moved to itself or below itself"),
        ("src/b.py", "a.py/b", "leads through a link or a file"),
        ("a.py", "x" * 300, "is not a path inside this folder"),
    ],
)
async def test_what_cannot_be_moved_is_explained_and_stays(
    hands: Hands, root: Path, path: str, to: str, said: str
) -> None:
    before = names(root)
    outcome = await call(hands, "move", path=path, to=to)
    assert not outcome.ok
    assert said in outcome.text
    assert names(root) == before


async def test_a_file_or_an_empty_folder_is_deleted(hands: Hands, root: Path) -> None:
    (root / "empty").mkdir()
    assert (await call(hands, "delete", path="a.py")).text == "Deleted a.py."
    assert (await call(hands, "delete", path="empty")).ok
    assert names(root) == ["src", "src/b.py", "src/deep", "src/deep/c.py"]


async def test_a_folder_with_something_in_it_is_deleted_only_when_that_is_said(hands: Hands, root: Path) -> None:
    refused = await call(hands, "delete", path="src")
    assert "not empty: 3 names are in it. Send the call again with recursive true" in refused.text
    assert (root / "src/deep/c.py").exists()

    assert (
        await call(hands, "delete", path="src", recursive=True)
    ).text == "Deleted the folder src with 3 names in it."
    assert names(root) == ["a.py"]


async def test_links_are_deleted_and_moved_themselves_and_never_followed(hands: Hands, root: Path) -> None:
    outside = root.parent / "outside"
    (root / "link").symlink_to(outside)
    (root / "src" / "link").symlink_to(outside)

    for path in ("link/kept.txt", "src/link/kept.txt"):
        assert not (await call(hands, "delete", path=path, recursive=True)).ok
        assert not (await call(hands, "move", path=path, to="stolen.txt")).ok
    assert not (await call(hands, "move", path="a.py", to="link/a.py")).ok
    assert (await call(hands, "move", path="link", to="other")).ok
    assert (await call(hands, "delete", path="other", recursive=True)).ok
    assert (await call(hands, "delete", path="src", recursive=True)).ok

    assert names(outside) == ["kept.txt"]
    assert names(root) == ["a.py"]


@pytest.mark.parametrize("path", ["../outside", "src/../../outside", "/etc", "..", "", "\0", "\udc80", "a\0b", "/"])
async def test_nothing_outside_the_workspace_is_moved_or_deleted(hands: Hands, root: Path, path: str) -> None:
    before = names(root.parent)
    assert not (await call(hands, "delete", path=path, recursive=True)).ok
    assert not (await call(hands, "move", path=path, to="here")).ok
    assert not (await call(hands, "move", path="a.py", to=path)).ok
    assert names(root.parent) == before


@pytest.mark.parametrize("path", [".git", ".git/config", "sub/.GIT", "sub"])
async def test_what_is_gits_own_is_neither_moved_nor_deleted(hands: Hands, root: Path, path: str) -> None:
    (root / ".git").mkdir()
    (root / ".git" / "config").touch()
    (root / "sub" / ".GIT").mkdir(parents=True)
    before = names(root)
    assert "Git" in (await call(hands, "delete", path=path, recursive=True)).text
    assert path == "sub" or "Git" in (await call(hands, "move", path=path, to="mine")).text
    assert names(root) == before


async def test_a_name_with_a_line_end_is_written_out(hands: Hands, root: Path) -> None:
    (root / "a\nb\u202e").touch()
    assert (await call(hands, "move", path="a\nb\u202e", to="c\nd")).text == "Moved a\\nb\\u202e to c\\nd."
    assert (await call(hands, "delete", path="c\nd")).text == "Deleted c\\nd."


async def test_a_tree_nested_without_end_is_left_whole(hands: Hands, root: Path) -> None:
    here = os.open(root / "src", os.O_RDONLY)
    for _ in range(500):
        os.mkdir("d", dir_fd=here)
        below = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)
    outcome = await call(hands, "delete", path="src", recursive=True)
    assert "holds folders more than 64 deep. Use shell with rm -r." in outcome.text
    assert (root / "src" / "b.py").exists()


async def test_what_a_dead_process_moved_or_deleted_is_not_an_error(hands: Hands, root: Path) -> None:
    again = replace(hands, again=True)
    await call(hands, "move", path="a.py", to="b.py")
    moved = await call(again, "move", path="a.py", to="b.py")
    assert (moved.ok, moved.changed) == (True, False)
    await call(hands, "delete", path="src", recursive=True)
    assert (await call(again, "delete", path="src", recursive=True)).text == "src is gone already."
    assert not (await call(hands, "delete", path="src", recursive=True)).ok
    assert names(root) == ["b.py"]


async def test_ten_megabytes_of_path_are_answered_in_few_words(hands: Hands, root: Path) -> None:
    before = names(root)
    for arguments in ({"path": "x" * 10_000_000, "to": "b"}, {"path": "a.py", "to": "x/" * 5_000_000}):
        outcome = await call(hands, "move", **arguments)
        assert (outcome.ok, len(outcome.text) <= FAILED_CHARACTERS) == (False, True)
    assert not (await call(hands, "delete", path="x" * 10_000_000)).ok
    assert names(root) == before
