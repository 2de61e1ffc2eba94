"""The tools that look at Git history, on a real clone in a real container."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from studio.domain.ids import CallId
from studio.domain.messages import ToolCall
from studio.domain.tools import ToolOutcome
from studio.sandbox.box import Sandbox
from studio.tools.hands import Hands
from studio.tools.history import ANSWER_CHARACTERS
from studio.tools.runner import FAILED_CHARACTERS, run_call
from studio.tools.table import TOOLS
from studio.workspace.files import Folder

pytestmark = pytest.mark.docker

STORY = r"""
set -e
git init --quiet --initial-branch=main .
git config user.name 'Ada Person'
git config user.email ada@example.com
printf 'one\ntwo\n' > a.txt
printf 'b\n' > 'b c.txt'
git add .
git commit --quiet --message 'Start'
printf 'one\nthree\n' > a.txt
git commit --quiet --all --message 'Count on' --message 'As Grace asked.'
printf 'one\nthree\nfour\n' > a.txt
printf 'new\n' > new.txt
"""
EVERY = ("git_log", "git_show", "git_blame", "git_diff")


@pytest.fixture
async def hands(sandbox: Sandbox, workspace: Path) -> Hands:
    made = await sandbox.exec(STORY, timeout=60)
    assert made.exit_code == 0, made.output
    return Hands(Folder(workspace), sandbox, lambda text: None)


async def call(hands: Hands, name: str, **arguments: object) -> ToolOutcome:
    return await run_call(TOOLS, ToolCall(CallId.new(), name, dict(arguments)), hands)


def everything(workspace: Path) -> dict[str, bytes]:
    return {str(path.relative_to(workspace)): path.read_bytes() for path in workspace.rglob("*") if path.is_file()}


async def test_the_log_lists_commits_and_those_of_one_file(hands: Hands) -> None:
    log = await call(hands, "git_log")
    assert [line.split("\t")[2:] for line in log.text.splitlines()] == [
        ["Ada Person", "Count on"],
        ["Ada Person", "Start"],
    ]
    assert (await call(hands, "git_log", path="b c.txt")).text.endswith("Start")
    assert (await call(hands, "git_log", count=1)).summary == "1 commits"
    assert (await call(hands, "git_log", skip=2)).text == "No commit."


async def test_a_commit_is_shown_with_its_message_and_difference(hands: Hands) -> None:
    shown = (await call(hands, "git_show", commit="HEAD")).text
    assert "Author: Ada Person <ada@example.com>" in shown
    assert "As Grace asked." in shown
    assert shown.endswith("-two\n+three")
    assert "a.txt" not in (await call(hands, "git_show", commit="main~1", path="b c.txt")).text


async def test_blame_names_the_commit_of_each_line(hands: Hands) -> None:
    lines = (await call(hands, "git_blame", path="/workspace/a.txt", start_line=2)).text.splitlines()
    assert len(lines) == 2
    assert "Ada Person" in lines[0]
    assert lines[1].startswith("00000000")


async def test_a_diff_shows_what_was_changed_and_names_what_git_does_not_know(hands: Hands) -> None:
    diff = (await call(hands, "git_diff")).text
    assert "+four" in diff
    assert diff.endswith("[Files that Git does not know yet: new.txt]")
    between = (await call(hands, "git_diff", base="HEAD~1", commit="HEAD")).text
    assert between.endswith("-two\n+three")
    assert (await call(hands, "git_diff", base="HEAD", commit="main")).text == "No difference."


async def test_a_difference_that_is_much_too_long_becomes_a_list_of_files(hands: Hands) -> None:
    await hands.sandbox.exec("seq 1000000 > long.txt; git add .; git commit --quiet --message long", timeout=60)
    for name in ("git_show", "git_diff"):
        arguments = {"commit": "HEAD"} if name == "git_show" else {"base": "HEAD~1"}
        outcome = await call(hands, name, **arguments)
        assert outcome.ok
        assert "long.txt" in outcome.text
        assert "Narrow it with path" in outcome.text
        assert len(outcome.text) <= ANSWER_CHARACTERS + 200
        assert (await call(hands, name, **arguments, path="a.txt")).text.endswith("+four")


async def test_what_is_not_there_is_said(hands: Hands) -> None:
    unknown = await call(hands, "git_show", commit="nothing")
    assert unknown.text == "There is no commit “nothing”. git_log shows the commits there are."
    assert "no such path" in (await call(hands, "git_blame", path="no.txt")).text
    assert "has only 3 lines" in (await call(hands, "git_blame", path="a.txt", start_line=9)).text


HOSTILE_COMMITS = (
    "--output=x",
    "-p",
    "--help",
    "HEAD --output=x",
    "HEAD\n--output=x",
    "HEAD:a.txt",
    "$(touch x)",
    "\u202e",
)


@pytest.mark.parametrize("name", EVERY)
async def test_no_argument_is_an_option_or_leads_out(hands: Hands, workspace: Path, name: str) -> None:
    (workspace / "link").symlink_to("/etc")
    before = everything(workspace)
    commit = {"git_log": "commit", "git_show": "commit", "git_diff": "base"}.get(name)
    required = {"commit": "HEAD"} if name == "git_show" else {}

    if commit:
        for hostile in (*HOSTILE_COMMITS, "HEAD\0--output=x"):
            outcome = await call(hands, name, **{commit: hostile})
            assert not outcome.ok
            assert "no name of a commit" in outcome.text or "There is no commit" in outcome.text
        assert not (await call(hands, name, **{commit: "\udc80"})).ok
    for path in ("../x", "/etc/passwd", "a/../../x", "a.txt\0--output=x", "\ud800", "\udc80"):
        outcome = await call(hands, name, **required, path=path)
        assert not outcome.ok
        assert len(outcome.text) <= FAILED_CHARACTERS
    for path in ("--output=x", "-L", ":(glob)**", "*", "link/passwd", "a\nb"):
        outcome = await call(hands, name, **required, path=path)
        assert "+four" not in outcome.text
        assert "root:" not in outcome.text
    for long in ({"path": "x" * 10_000_000}, {commit or "path": "x" * 10_000_000}):
        outcome = await call(hands, name, **{**required, **long})
        assert (outcome.ok, len(outcome.text) <= FAILED_CHARACTERS) == (False, True)

    assert not hands.sandbox.broken
    assert everything(workspace) == before


@pytest.mark.parametrize("name", EVERY)
async def test_no_program_that_the_clone_names_is_run_to_show_a_difference(
    hands: Hands, workspace: Path, name: str
) -> None:
    trap = workspace / "trap"
    trap.write_text("#!/bin/sh\ntouch /workspace/caught\n")
    trap.chmod(0o755)
    settings = ("core.pager", "diff.external", "diff.x.textconv", "diff.x.command", "core.fsmonitor", "gpg.program")
    script = "\n".join(
        [*(f"git config {key} /workspace/trap" for key in settings), "git config log.showSignature true",
         "git config pager.log true", "echo '* diff=x' > .gitattributes"]
    )  # fmt: skip
    assert (await hands.sandbox.exec(script, timeout=60)).exit_code == 0
    required = {"git_show": {"commit": "HEAD"}, "git_blame": {"path": "a.txt"}}.get(name, {})

    assert (await call(hands, name, **required)).ok

    assert not (workspace / "caught").exists()


async def test_a_name_with_a_line_end_or_reordering_is_written_out(hands: Hands, workspace: Path) -> None:
    (workspace / "x\ny\u202e").touch()
    text = (await call(hands, "git_diff")).text
    assert "x\\ny\\u202e" in text


async def test_a_workspace_without_a_repository_is_said(sandbox: Sandbox, workspace: Path) -> None:
    hands = Hands(Folder(workspace), sandbox, lambda text: None)
    assert "not a git repository" in (await call(hands, "git_blame", path="a.txt")).text
    assert "There is no commit “HEAD”" in (await call(hands, "git_log")).text
    assert os.listdir(workspace) == []
