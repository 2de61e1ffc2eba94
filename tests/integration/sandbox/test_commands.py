"""What happens to a command in the sandbox."""

from __future__ import annotations

import asyncio

import pytest

from studio.domain.errors import EngineError
from studio.sandbox.box import Sandbox

pytestmark = pytest.mark.docker


async def said(sandbox: Sandbox, command: str) -> str:
    result = await sandbox.exec(command, timeout=30)
    return result.output.strip()


async def appears(sandbox: Sandbox, path: str) -> None:
    """Waits, inside, until a file is there."""
    waited = await sandbox.exec(f"until [ -e {path} ]; do sleep 0.02; done", timeout=30)
    assert waited.exit_code == 0


async def names_of_processes(sandbox: Sandbox) -> list[str]:
    return (await sandbox.run(("ps", "-e", "-o", "args="))).stdout.decode().splitlines()


async def test_output_and_exit_code_come_back(sandbox: Sandbox) -> None:
    result = await sandbox.exec("echo out; echo err >&2; echo again; exit 7", timeout=30)

    assert (result.exit_code, result.output) == (7, "out\nerr\nagain\n")
    assert not result.truncated
    assert not result.timed_out


async def test_output_is_shown_as_it_comes(sandbox: Sandbox) -> None:
    pieces: asyncio.Queue[str] = asyncio.Queue()
    running = asyncio.create_task(
        sandbox.exec(
            "echo first; until [ -e go ]; do sleep 0.02; done; echo second", timeout=30, on_output=pieces.put_nowait
        )
    )

    assert await pieces.get() == "first\n"
    await sandbox.exec("touch go", timeout=30)
    assert await pieces.get() == "second\n"
    assert (await running).output == "first\nsecond\n"


async def test_the_next_command_starts_where_the_last_one_left_off(sandbox: Sandbox) -> None:
    assert await said(sandbox, "pwd") == "/workspace"
    await sandbox.exec("mkdir 'a dir é' && cd 'a dir é' && exit 3", timeout=30)

    assert await said(sandbox, "pwd") == "/workspace/a dir é"


async def test_a_directory_that_is_gone_is_left_for_the_workspace(sandbox: Sandbox) -> None:
    await sandbox.exec("mkdir gone; cd gone; rmdir ../gone", timeout=30)

    assert await said(sandbox, "pwd") == "/workspace"


async def test_a_command_reads_nothing_from_its_input(sandbox: Sandbox) -> None:
    assert (await sandbox.exec("cat; read line || echo ended", timeout=30)).output == "ended\n"


async def test_an_unfinished_quote_is_an_error_of_the_command(sandbox: Sandbox) -> None:
    result = await sandbox.exec("echo 'never closed", timeout=30)

    assert result.exit_code == 2
    assert "unexpected EOF" in result.output
    assert await said(sandbox, "echo fine") == "fine"


async def test_a_signal_shows_in_the_exit_code(sandbox: Sandbox) -> None:
    assert (await sandbox.exec("kill -KILL $$", timeout=30)).exit_code == 137


async def test_bytes_that_are_no_text_are_shown_as_replaced(sandbox: Sandbox) -> None:
    assert (await sandbox.exec(r"printf 'a\xff\xc3\xa9z'", timeout=30)).output == "a\N{REPLACEMENT CHARACTER}éz"


async def test_long_output_keeps_head_and_tail(sandbox: Sandbox) -> None:
    shown: list[str] = []
    result = await sandbox.exec("seq 1000000", timeout=60, on_output=shown.append)

    assert result.truncated
    assert result.output.startswith("1\n2\n3\n")
    assert result.output.endswith("\n999999\n1000000\n")
    assert "bytes left out" in result.output
    assert "".join(shown).startswith("1\n2\n3\n")


async def test_a_hundred_megabytes_stay_bounded(sandbox: Sandbox) -> None:
    shown: list[str] = []
    result = await sandbox.exec("head -c 100000000 /dev/zero | tr '\\0' x", timeout=60, on_output=shown.append)

    assert result.exit_code == 0
    assert len(result.output) < 200_000
    assert sum(map(len, shown)) < 2_000_000


async def test_a_command_that_takes_too_long_is_ended_with_all_it_started(sandbox: Sandbox) -> None:
    result = await sandbox.exec("setsid sleep 1001 & (trap '' TERM; sleep 1002) & sleep 1003", timeout=0.3)

    assert (result.timed_out, result.exit_code) == (True, 124)
    assert not [name for name in await names_of_processes(sandbox) if name.startswith("sleep 100")]


async def test_what_was_said_before_the_timeout_is_kept(sandbox: Sandbox) -> None:
    assert (await sandbox.exec("echo begun; sleep 1001", timeout=3)).output == "begun\n"


async def test_cancelling_ends_what_moved_to_a_session_of_its_own(sandbox: Sandbox) -> None:
    nested = "setsid bash -c 'setsid sleep 1004 & trap \"\" TERM; touch /tmp/up; sleep 1005'"
    running = asyncio.create_task(sandbox.exec(f"{nested} & sleep 1006", timeout=60))
    await appears(sandbox, "/tmp/up")

    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running

    assert not [name for name in await names_of_processes(sandbox) if name.startswith("sleep 100")]
    assert await said(sandbox, "echo usable") == "usable"


async def test_a_command_cancelled_before_it_began_is_not_run_later(sandbox: Sandbox) -> None:
    for _ in range(20):
        running = asyncio.create_task(sandbox.exec("touch ran-$(date +%N)", timeout=60))
        await asyncio.sleep(0)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        ran = await said(sandbox, "ls | wc -l")
        assert await said(sandbox, "ls | wc -l") == ran


async def test_a_fork_bomb_is_ended_by_its_timeout(sandbox: Sandbox) -> None:
    result = await sandbox.exec("bomb() { bomb | bomb & }; bomb; sleep 1007", timeout=1)

    assert result.timed_out
    assert await said(sandbox, "echo usable") == "usable"


async def test_what_runs_in_the_background_outlives_its_command(sandbox: Sandbox) -> None:
    result = await sandbox.exec("(until [ -e stop ]; do sleep 0.02; done; touch stopped) & echo started", timeout=30)
    assert result.output == "started\n"

    await sandbox.exec("touch stop", timeout=30)

    await appears(sandbox, "stopped")


async def test_a_background_writer_does_not_keep_its_command_from_ending(sandbox: Sandbox) -> None:
    result = await sandbox.exec("yes & echo $!", timeout=30)

    assert result.exit_code == 0
    assert (await sandbox.exec("pkill yes; echo usable", timeout=30)).output == "usable\n"


async def test_commands_run_side_by_side(sandbox: Sandbox) -> None:
    waits = "until [ -e {0} ]; do sleep 0.02; done; echo {0}"
    first, second = (asyncio.create_task(sandbox.exec(waits.format(name), timeout=30)) for name in ("a", "b"))
    await sandbox.exec("touch b", timeout=30)
    assert (await second).output == "b\n"
    await sandbox.exec("touch a", timeout=30)
    assert (await first).output == "a\n"


async def test_a_command_may_be_as_long_as_a_file(sandbox: Sandbox) -> None:
    text = "é" * 500_000
    result = await sandbox.exec(f"cat > long <<'END'\n{text}\nEND\nwc -c < long", timeout=30)

    assert result.output.strip() == "1000001"


async def test_killing_every_process_breaks_the_sandbox_with_a_clear_error(sandbox: Sandbox) -> None:
    with pytest.raises(EngineError, match="supervisor ended"):
        await sandbox.exec("kill -KILL -1", timeout=30)

    assert sandbox.broken
    with pytest.raises(EngineError):
        await sandbox.exec("true", timeout=30)


async def test_killing_the_waiting_shells_does_no_harm(sandbox: Sandbox) -> None:
    # All but the command's own shell, so that the killing is over when the command is.
    await sandbox.exec("pgrep bash | grep -vx $$ | xargs kill -KILL", timeout=30)

    assert (await sandbox.run(("echo", "zero"))).stdout == b"zero\n"
    assert await said(sandbox, "echo one") == "one"
    assert await said(sandbox, "echo two") == "two"
    assert await said(sandbox, "echo three") == "three"


async def test_a_hundred_commands_leave_no_process_and_no_descriptor_behind(sandbox: Sandbox) -> None:
    async def standing() -> tuple[int, int]:
        processes = await names_of_processes(sandbox)
        open_files = await sandbox.run(("sh", "-c", "ls /proc/$PPID/fd 2>/dev/null | wc -l"))
        return len(processes), int(open_files.stdout)

    await asyncio.gather(*(sandbox.exec("true", timeout=30) for _ in range(8)))
    for _ in range(10):
        await sandbox.exec("true", timeout=30)
    before = await standing()
    for _ in range(100):
        await sandbox.exec("echo $RANDOM; false", timeout=30)

    assert await standing() == before
