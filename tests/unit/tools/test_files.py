"""The file tools, on real files."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from studio.domain.ids import CallId
from studio.domain.messages import ToolCall
from studio.domain.tools import ToolOutcome
from studio.tools.hands import Hands
from studio.tools.runner import run_call
from studio.tools.table import TOOLS


async def call(hands: Hands, name: str, **arguments: object) -> ToolOutcome:
    return await run_call(TOOLS, ToolCall(CallId.new(), name, dict(arguments)), hands)


async def test_read_numbers_the_lines(hands: Hands, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("one\ntwo\nthree\n")
    assert (await call(hands, "read", path="a.py", start_line=2)).text == "2\ttwo\n3\tthree"


async def test_read_says_what_is_left_and_how_to_get_it(hands: Hands, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("one\ntwo\nthree\n")
    assert "2 more lines; ask with start_line=2" in (await call(hands, "read", path="a.py", lines=1)).text


@pytest.mark.parametrize("path", ["./src/a.py", "/workspace/src/a.py", "src//a.py"])
async def test_a_path_may_be_written_as_models_write_it(hands: Hands, tmp_path: Path, path: str) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "a.py").write_text("x = 1\n")
    assert (await call(hands, "read", path=path)).ok


@pytest.mark.parametrize("path", ["/etc/passwd", "../outside.txt", "link", "link/passwd"])
async def test_nothing_outside_the_workspace_is_read_or_written(hands: Hands, tmp_path: Path, path: str) -> None:
    outside = tmp_path.parent / "outside.txt"
    outside.write_text("secret")
    (tmp_path / "link").symlink_to("/etc")
    assert not (await call(hands, "read", path=path)).ok
    assert not (await call(hands, "write", path=path, content="mine")).ok
    assert outside.read_text() == "secret"


async def test_a_binary_file_is_not_shown(hands: Hands, tmp_path: Path) -> None:
    (tmp_path / "x.bin").write_bytes(b"\0\1\2")
    assert "binary" in (await call(hands, "read", path="x.bin")).text


async def test_write_makes_the_folders_it_needs(hands: Hands, tmp_path: Path) -> None:
    outcome = await call(hands, "write", path="src/deep/a.py", content="x = 1\n")
    assert (tmp_path / "src/deep/a.py").read_text() == "x = 1\n"
    assert (outcome.ok, outcome.changed, outcome.summary) == (True, True, "+1 −0")


async def test_a_file_written_anew_tells_people_what_it_lost_and_gained(hands: Hands, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("one\ntwo\nthree\nfour\nfive\n")
    outcome = await call(hands, "write", path="a.py", content="one\n2\nthree\nfour\nfive\nsix\n")
    assert outcome.difference == "- two\n+ 2\n  …\n+ six"
    assert outcome.summary == "+2 −1"
    assert "two" not in outcome.text


async def test_of_a_new_file_and_a_binary_one_the_difference_is_not_told(hands: Hands, tmp_path: Path) -> None:
    (tmp_path / "x.bin").write_bytes(b"\0one\n")
    assert (await call(hands, "write", path="new.py", content="one\n")).difference == ""
    assert (await call(hands, "write", path="x.bin", content="one\n")).difference == ""


async def test_a_file_written_as_it_was_is_said_not_to_differ(hands: Hands, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("one\n")
    assert (await call(hands, "write", path="a.py", content="one\n")).difference == "  no line differs"


async def test_edit_replaces_the_one_passage(hands: Hands, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1\ny = 2\n")
    outcome = await call(hands, "edit", path="a.py", old="y = 2", new="y = 3\nz = 4")
    assert (tmp_path / "a.py").read_text() == "x = 1\ny = 3\nz = 4\n"
    assert outcome.summary == "+2 −1"


async def test_edit_shows_the_nearest_text_when_the_passage_is_not_there(hands: Hands, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("def total(lines):\n    return sum(line.price for line in lines)\n")
    outcome = await call(hands, "edit", path="a.py", old="    return sum(line.prices for line in lines)", new="pass")
    assert not outcome.ok
    assert "at line 2" in outcome.text
    assert "return sum(line.price for line in lines)" in outcome.text


async def test_edit_names_the_lines_of_a_passage_that_is_there_twice(hands: Hands, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1\ny = 2\nx = 1\n")
    assert "2 times in a.py, at lines 1, 3" in (await call(hands, "edit", path="a.py", old="x = 1", new="x = 2")).text
    assert (tmp_path / "a.py").read_text() == "x = 1\ny = 2\nx = 1\n"


@pytest.mark.parametrize("new", ["pass", "}", "x = 1"])
async def test_an_edit_whose_passage_is_not_there_fails_though_the_new_text_is_in_the_file(
    hands: Hands, tmp_path: Path, new: str
) -> None:
    text = "def f():\n    pass\n\nx = 1\ny = {\n}\n"
    (tmp_path / "a.py").write_text(text)
    outcome = await call(hands, "edit", path="a.py", old="def f(a):", new=new)
    assert not outcome.ok
    assert "def f():" in outcome.text
    assert (tmp_path / "a.py").read_text() == text


async def test_an_edit_that_a_dead_process_made_is_not_an_error(hands: Hands, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1\n")
    await call(hands, "edit", path="a.py", old="x = 1", new="y = 22")
    again = await call(replace(hands, again=True), "edit", path="a.py", old="x = 1", new="y = 22")
    assert again.ok
    assert "already" in again.text
    assert (tmp_path / "a.py").read_text() == "y = 22\n"


@pytest.mark.parametrize(
    ("line", "old"),
    [("ab" * 15_000, "ba" * 15_000), ("return 1", "def totals(lines):"), ("", "def totals(lines):")],
    ids=["long lines", "many lines", "empty lines"],
)
async def test_the_nearest_text_is_found_in_the_largest_file_whatever_its_lines(
    hands: Hands, tmp_path: Path, line: str, old: str
) -> None:
    large = f"{line}\n" * (2_000_000 // (len(line) + 1))
    (tmp_path / "a.txt").write_text(f"y = 1\ndef total(lines):\n{large}")
    outcome = await call(hands, "edit", path="a.txt", old=old, new="x")
    assert not outcome.ok
    assert ("at line 3" if len(line) > 1000 else "at line 2") in outcome.text
    assert len(outcome.text) < 3000


async def test_list_hides_git_and_marks_folders(hands: Hands, tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "src").mkdir()
    (tmp_path / "a.py").write_text("12345")
    assert (await call(hands, "list")).text == "src/\na.py\t5"


@pytest.mark.parametrize("path", [".git/config", ".GIT/hooks/post-merge", "sub/.git/config"])
async def test_gits_own_files_are_not_written_or_edited(hands: Hands, tmp_path: Path, path: str) -> None:
    (tmp_path / path).parent.mkdir(parents=True)
    (tmp_path / path).write_text("[core]\n")
    assert not (await call(hands, "write", path=path, content="x")).ok
    assert not (await call(hands, "edit", path=path, old="[core]", new="[evil]")).ok
    assert (tmp_path / path).read_text() == "[core]\n"


async def test_an_insertion_that_a_dead_process_made_is_not_made_again(hands: Hands, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1\ny = 2\n")
    again = replace(hands, again=True)
    assert (await call(again, "edit", path="a.py", old="x = 1\n", new="x = 1\nz = 3\n")).changed
    assert (tmp_path / "a.py").read_text() == "x = 1\nz = 3\ny = 2\n"
    assert "already" in (await call(again, "edit", path="a.py", old="x = 1\n", new="x = 1\nz = 3\n")).text
    assert (tmp_path / "a.py").read_text() == "x = 1\nz = 3\ny = 2\n"
    assert (await call(hands, "edit", path="a.py", old="x = 1\n", new="x = 1\nz = 3\n")).changed


async def test_a_name_that_is_no_text_is_answered_with_text_that_can_be_sent(hands: Hands, tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"bad-\xff")).write_text("x")

    assert (await call(hands, "list")).text == "bad-\\xff\t1"
    assert "bad-\ufffd" in (await call(hands, "read", path="/bad-\udc80")).text
