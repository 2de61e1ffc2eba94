"""The search tool on real trees in a real container: whatever they hold, the call gets its one result."""

from __future__ import annotations

import os
import stat
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import pytest
from pydantic import Field

from studio.domain.errors import EngineError
from studio.domain.ids import CallId
from studio.domain.messages import ToolCall
from studio.domain.tools import Risk, ToolOutcome
from studio.sandbox.box import Sandbox
from studio.tools.hands import Hands
from studio.tools.look import ANSWER_CHARACTERS
from studio.tools.runner import run_call
from studio.tools.table import TOOLS
from studio.tools.tool import tool
from studio.workspace.files import Folder

pytestmark = pytest.mark.docker


@pytest.fixture
def hands(sandbox: Sandbox, workspace: Path) -> Hands:
    return Hands(Folder(workspace), sandbox, lambda text: None)


async def count_lines(hands: Hands, path: Annotated[str, Field(description="File.")]) -> ToolOutcome:
    """Counts with a program that this image lacks."""
    output = await hands.sandbox.run(("no-such-program", path))
    return ToolOutcome(True, output.stdout.decode())


async def call(hands: Hands, name: str, **arguments: object) -> ToolOutcome:
    return await run_call(TOOLS, ToolCall(CallId.new(), name, dict(arguments)), hands)


async def test_a_search_with_too_many_matches_gives_the_first_ones_and_says_how_to_narrow(
    hands: Hands, workspace: Path
) -> None:
    for number in range(1000):
        (workspace / f"m{number:04}.py").write_text(f"self.value = {'x' * 200}\n" * 20)

    found = await call(hands, "search", pattern="self")

    assert found.ok
    assert found.text.startswith("./m0000.py:1:self.value")
    assert len(found.text) <= ANSWER_CHARACTERS
    shown, note = found.text.rsplit("\n", 1)
    assert all(line.startswith("./m00") and line.endswith("xxx") for line in shown.splitlines())
    assert "More lines match" in note
    assert "path or glob" in note


async def test_a_search_that_fits_shows_every_match(hands: Hands, workspace: Path) -> None:
    (workspace / "a.py").write_text("one\ntwo\none\n")
    found = await call(hands, "search", pattern="one")
    assert (found.ok, found.text, found.summary) == (True, "./a.py:1:one\n./a.py:3:one", "2 matches")
    assert (await call(hands, "search", pattern="three")).text == "No line matches."


async def test_what_cannot_be_read_does_not_hide_what_matches(hands: Hands, workspace: Path) -> None:
    (workspace / "a.py").write_text("one\n")
    (workspace / "b.py").write_text("one\n")
    os.chown(workspace / "b.py", 12345, 12345)
    (workspace / "b.py").chmod(0)

    found = await call(hands, "search", pattern="one")

    assert found.ok
    assert "a.py:1:one" in found.text
    assert "b.py: Permission denied" in found.text


async def test_a_wrong_expression_is_explained(hands: Hands) -> None:
    found = await call(hands, "search", pattern="(")
    assert not found.ok
    assert "regex parse error" in found.text


@pytest.mark.parametrize("name", ["pattern", "glob", "path"])
async def test_what_stands_behind_a_nul_is_no_option_of_the_search(hands: Hands, workspace: Path, name: str) -> None:
    (workspace / "a.py").write_text("one\n")
    trap = workspace / "trap"
    trap.write_text("#!/bin/sh\ntouch /workspace/caught\n")
    trap.chmod(0o755)
    arguments = {"pattern": "one", name: "one\0--pre=/workspace/trap"}

    found = await call(hands, "search", **arguments)

    assert not (workspace / "caught").exists()
    assert not found.ok
    assert "NUL" in found.text
    assert not (await call(hands, "shell", command="true\0touch /workspace/caught")).ok
    assert not (workspace / "caught").exists()


async def test_a_search_that_does_not_end_is_stopped_and_answered(hands: Hands, workspace: Path) -> None:
    with (workspace / "huge.bin").open("wb") as file:
        file.truncate(1 << 39)
    found = await call(replace(hands, seconds_left=0.5), "search", pattern="x", path="huge.bin")
    assert not found.ok
    assert "did not end within" in found.text
    assert not hands.sandbox.broken


@pytest.mark.parametrize(
    "path", ["pipe", "/dev/zero", "zero", "../etc/passwd", "passwd", "/etc", "src/../../etc", "gone"]
)
async def test_what_is_no_file_or_folder_of_the_project_is_not_searched(
    hands: Hands, workspace: Path, path: str
) -> None:
    os.mkfifo(workspace / "pipe")
    (workspace / "zero").symlink_to("/dev/zero")
    (workspace / "passwd").symlink_to("/etc/passwd")

    found = await call(hands, "search", pattern="x|root", path=path)

    assert not found.ok
    assert "outside the project" in found.text or "There is no file or folder" in found.text


async def test_a_socket_in_the_workspace_is_no_file_to_read(hands: Hands, workspace: Path) -> None:
    os.mknod(workspace / "s.sock", stat.S_IFSOCK | 0o666)
    read = await call(hands, "read", path="s.sock")
    assert not read.ok
    assert "s.sock" in read.text


async def test_a_call_that_fails_outside_is_answered_while_the_sandbox_lives(hands: Hands) -> None:
    count = tool(count_lines, risk=Risk.READ, target="path", repeatable=True)
    asked = ToolCall(CallId.new(), "count_lines", {"path": "a.py"})

    answer = await run_call({"count_lines": count}, asked, hands)

    assert not answer.ok
    assert "could not be run" in answer.text
    with pytest.raises(EngineError):
        await run_call({"count_lines": replace(count, repeatable=False)}, asked, hands)


async def test_a_sandbox_that_is_gone_ends_the_turn_and_leaves_the_call_open(hands: Hands) -> None:
    await hands.sandbox.hang_up()
    with pytest.raises(EngineError):
        await call(hands, "search", pattern="x")
