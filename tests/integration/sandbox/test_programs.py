"""What happens to a program without a shell in the sandbox."""

from __future__ import annotations

import asyncio
import hashlib
import os
import stat
from pathlib import Path

import pytest

from studio.domain.errors import EngineError
from studio.sandbox.box import Sandbox

pytestmark = pytest.mark.docker

_EVERY_BYTE = bytes(range(256))


@pytest.mark.parametrize("size", [0, 1, 256, 65_536, 65_537, 3_000_000])
async def test_bytes_go_in_and_come_out_unchanged(sandbox: Sandbox, size: int) -> None:
    data = (_EVERY_BYTE * (size // 256 + 1))[:size]

    output = await sandbox.run(("cat",), stdin=data, max_bytes=4_000_000)

    assert output.exit_code == 0
    assert output.stdout == data


async def test_stdout_and_stderr_come_apart(sandbox: Sandbox) -> None:
    output = await sandbox.run(("sh", "-c", "echo out; echo err >&2; exit 5"))

    assert (output.exit_code, output.stdout, output.stderr) == (5, b"out\n", b"err\n")


async def test_arguments_reach_the_program_as_they_are(sandbox: Sandbox) -> None:
    arguments = ("$(touch x)", "a b", "", "é", "--", "'\"\\\n;")
    output = await sandbox.run(("printf", "[%s]", *arguments))

    assert output.stdout.decode() == "".join(f"[{argument}]" for argument in arguments)


async def test_a_program_starts_in_the_workspace_wherever_the_shell_is(sandbox: Sandbox) -> None:
    await sandbox.exec("cd /tmp", timeout=30)

    assert (await sandbox.run(("pwd",))).stdout == b"/workspace\n"


async def test_a_program_that_is_missing_is_an_error(sandbox: Sandbox) -> None:
    with pytest.raises(EngineError, match="No such file"):
        await sandbox.run(("no-such-program",))
    with pytest.raises(EngineError, match="No such file"):
        await sandbox.run(("/workspace/no-such-program",), stdin=b"x" * 100_000)


async def test_a_program_that_takes_too_long_is_an_error(sandbox: Sandbox) -> None:
    with pytest.raises(EngineError, match=r"did not end within 0.2 seconds"):
        await sandbox.run(("sleep", "1001"), timeout=0.2)

    assert b"1001" not in (await sandbox.run(("ps", "-e", "-o", "args="))).stdout


async def test_a_program_that_says_too_much_is_an_error(sandbox: Sandbox) -> None:
    with pytest.raises(EngineError, match="more than it may"):
        await sandbox.run(("yes",), max_bytes=100_000)

    assert (await sandbox.run(("echo", "usable"))).stdout == b"usable\n"


async def test_what_a_program_says_may_be_as_long_as_allowed(sandbox: Sandbox) -> None:
    assert len((await sandbox.run(("head", "-c", "5000", "/dev/zero"), max_bytes=5000)).stdout) == 5000


async def test_a_program_that_does_not_read_its_input_ends_all_the_same(sandbox: Sandbox) -> None:
    assert (await sandbox.run(("true",), stdin=b"x" * 5_000_000)).exit_code == 0


async def test_what_a_program_leaves_in_the_background_is_ended(sandbox: Sandbox) -> None:
    output = await sandbox.run(("sh", "-c", "setsid sleep 1002 & echo left"))

    assert output.stdout == b"left\n"
    assert b"1002" not in (await sandbox.run(("ps", "-e", "-o", "args="))).stdout


async def test_a_large_output_goes_to_a_file_that_only_the_person_may_read(sandbox: Sandbox, tmp_path: Path) -> None:
    target = tmp_path / "out"
    target.write_text("older and longer")

    output = await sandbox.run_to_file(("head", "-c", "30000000", "/dev/zero"), target)

    assert (output.exit_code, output.stdout) == (0, b"")
    assert hashlib.sha256(target.read_bytes()).digest() == hashlib.sha256(bytes(30_000_000)).digest()
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


async def test_a_file_larger_than_allowed_is_an_error(sandbox: Sandbox, tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="more than it may"):
        await sandbox.run_to_file(("yes",), tmp_path / "out", max_bytes=1_000_000)

    assert (tmp_path / "out").stat().st_size <= 1_000_000


async def test_a_link_at_the_target_is_replaced_and_never_followed(sandbox: Sandbox, tmp_path: Path) -> None:
    precious, target = tmp_path / "precious", tmp_path / "out"
    precious.write_text("precious")
    target.symlink_to(precious)

    await sandbox.run_to_file(("echo", "new"), target)

    assert precious.read_text() == "precious"
    assert target.read_bytes() == b"new\n"
    assert not os.path.islink(target)


async def test_cancelling_a_program_ends_it(sandbox: Sandbox) -> None:
    running = asyncio.create_task(sandbox.run(("sh", "-c", "touch /tmp/up; exec sleep 1003")))
    await sandbox.exec("until [ -e /tmp/up ]; do sleep 0.02; done", timeout=30)

    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running

    assert b"1003" not in (await sandbox.run(("ps", "-e", "-o", "args="))).stdout
