"""What no program can be given as an argument is refused, and the sandbox lives on."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.domain.errors import UserError
from studio.sandbox.box import Sandbox

pytestmark = pytest.mark.docker

HOSTILE = ("a\0touch caught", "\ud800", "é" * 10_000_000)


@pytest.mark.parametrize("hostile", HOSTILE, ids=["NUL", "half a character", "too long"])
async def test_a_program_is_not_started_with_it(sandbox: Sandbox, workspace: Path, hostile: str) -> None:
    with pytest.raises(UserError):
        await sandbox.run(("echo", hostile))
    assert (await sandbox.run(("echo", "still here"))).stdout == b"still here\n"
    assert list(workspace.iterdir()) == []


async def test_a_nul_does_not_make_two_arguments_of_one(sandbox: Sandbox, workspace: Path) -> None:
    """`env` would run what stands behind it."""
    with pytest.raises(UserError, match="NUL"):
        await sandbox.run(("env", "A=b\0touch\0/workspace/caught"))
    assert list(workspace.iterdir()) == []


@pytest.mark.parametrize("hostile", HOSTILE, ids=["NUL", "half a character", "too long"])
async def test_a_command_is_not_run_with_it(sandbox: Sandbox, workspace: Path, hostile: str) -> None:
    with pytest.raises(UserError):
        await sandbox.exec(f"true {hostile}", timeout=20)
    assert (await sandbox.exec("echo still here", timeout=20)).output == "still here\n"
    assert list(workspace.iterdir()) == []


async def test_a_name_that_is_no_utf8_goes_through(sandbox: Sandbox) -> None:
    assert (await sandbox.run(("printf", "%s", "\udcff"))).stdout == b"\xff"
