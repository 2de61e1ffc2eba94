"""Processes that run on behind other commands, and what is heard of them."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from studio.domain.errors import EngineError, UserError
from studio.domain.ids import ProjectId, RunId
from studio.sandbox.box import Sandbox
from studio.sandbox.inside.behind import HEAD_BYTES, TAIL_BYTES
from studio.sandbox.processes import MOST_RUNNING
from studio.sandbox.sandboxes import Sandboxes

pytestmark = pytest.mark.docker


async def running(sandbox: Sandbox, program: str) -> list[str]:
    everything = (await sandbox.run(("ps", "-e", "-o", "args="))).stdout.decode().splitlines()
    return [line for line in everything if line.startswith(program)]


async def test_commands_go_on_while_a_process_runs_behind(sandbox: Sandbox) -> None:
    started = await sandbox.processes.start("echo up; until [ -e go ]; do sleep 0.02; done; echo seen", 0)
    assert started.process.exit_code is None

    assert (await sandbox.exec("echo beside; touch go", timeout=30)).output == "beside\n"
    first = await sandbox.processes.output(started.process.name, 0, 30)
    last = await _until_ended(sandbox, started.process.name, first.mark)

    assert (first.text + last).replace("\n", " ").split() == ["up", "seen"]


async def test_a_look_waits_for_what_comes_next(sandbox: Sandbox) -> None:
    name = (await sandbox.processes.start("echo one; until [ -e go ]; do sleep 0.02; done; echo two", 0)).process.name
    first = await sandbox.processes.output(name, 0, 30)
    looking = asyncio.create_task(sandbox.processes.output(name, first.mark, 30))

    await sandbox.exec("touch go", timeout=30)

    assert (await looking).text == "two\n"


async def test_a_command_that_cannot_run_has_said_so_when_its_start_is_answered(sandbox: Sandbox) -> None:
    started = await sandbox.processes.start("no-such-program --serve", 30)

    assert started.process.exit_code == 127
    assert "no-such-program: command not found" in started.text


async def test_stopping_ends_everything_a_process_started(sandbox: Sandbox) -> None:
    name = (await sandbox.processes.start("sleep 4001 & setsid sleep 4002 & wait", 0)).process.name
    await sandbox.exec("until [ $(pgrep -c sleep) = 2 ]; do :; done", timeout=30)

    stopped = await sandbox.processes.stop(name)

    assert (stopped.ended, stopped.stopped) == (True, True)
    assert await running(sandbox, "sleep") == []
    assert (await sandbox.processes.stop(name)).ended


async def test_what_will_not_end_politely_is_killed(sandbox: Sandbox) -> None:
    name = (await sandbox.processes.start("trap '' TERM; echo deaf; while :; do sleep 0.1; done", 0)).process.name
    await sandbox.processes.output(name, 0, 30)

    assert (await sandbox.processes.stop(name)).ended


async def test_a_command_that_leaves_a_process_behind_is_not_said_to_have_ended(sandbox: Sandbox) -> None:
    left = (await sandbox.processes.start("sleep 4003 & exit 3", 30)).process

    assert (left.exit_code, left.ended) == (3, False)
    assert (await sandbox.processes.stop(left.name)).ended
    assert await running(sandbox, "sleep") == []


async def test_the_first_and_the_last_of_a_long_output_are_kept_and_the_rest_is_counted(sandbox: Sandbox) -> None:
    name = (await sandbox.processes.start("seq 1 200000; echo the end", 30)).process.name
    await _until_ended(sandbox, name, 0)

    whole = await sandbox.processes.output(name, 0, 0)

    assert whole.text.startswith("1\n2\n3\n")
    assert whole.text.endswith("200000\nthe end\n")
    assert f"… {whole.left_out} bytes are kept no more …" in whole.text
    assert whole.mark - whole.left_out <= HEAD_BYTES + 2 * TAIL_BYTES


async def test_a_mark_in_what_is_lost_goes_on_with_what_is_kept(sandbox: Sandbox) -> None:
    name = (await sandbox.processes.start("seq 1 200000", 30)).process.name
    await _until_ended(sandbox, name, 0)
    whole = await sandbox.processes.output(name, 0, 0)

    later = await sandbox.processes.output(name, HEAD_BYTES + 1000, 0)

    assert later.left_out == whole.left_out - 1000
    assert (await sandbox.processes.output(name, whole.mark - 7, 0)).text == "200000\n"
    assert (await sandbox.processes.output(name, whole.mark + 99, 0)).text == ""


async def test_a_flood_of_output_does_not_hold_up_a_command(sandbox: Sandbox) -> None:
    name = (await sandbox.processes.start("yes", 0)).process.name

    assert (await sandbox.exec("echo through", timeout=30)).output == "through\n"
    assert (await sandbox.processes.stop(name)).ended


async def test_no_more_than_so_many_run_at_once(sandbox: Sandbox) -> None:
    names = [(await sandbox.processes.start("sleep 4004", 0)).process.name for _ in range(MOST_RUNNING)]

    with pytest.raises(UserError, match="are the most"):
        await sandbox.processes.start("sleep 4005", 0)
    await sandbox.processes.stop(names[0])

    assert (await sandbox.processes.start("sleep 4005", 0)).process.exit_code is None


async def test_ended_processes_do_not_pile_up(sandbox: Sandbox) -> None:
    for number in range(30):
        await sandbox.processes.start(f"exit {number}", 30)

    listed = await sandbox.processes.list()

    assert len(listed) < 30
    assert listed[-1].exit_code == 29


async def test_a_port_is_waited_for(sandbox: Sandbox) -> None:
    serve = "until [ -e go ]; do sleep 0.02; done; exec python3 -m http.server 8123"
    name = (await sandbox.processes.start(serve, 0)).process.name
    listening = asyncio.create_task(sandbox.processes.listen(name, 8123, (), 60))

    await sandbox.exec("touch go", timeout=30)

    assert (await listening).ports == (8123,)


async def test_waiting_for_a_port_ends_with_the_process(sandbox: Sandbox) -> None:
    name = (await sandbox.processes.start("sleep 0.1; exit 4", 0)).process.name

    heard = await sandbox.processes.listen(name, 0, (), 60)

    assert (heard.process.exit_code, heard.ports) == (4, ())


async def test_a_start_that_nobody_waits_for_any_more_is_taken_back(sandbox: Sandbox) -> None:
    starting = asyncio.create_task(sandbox.processes.start("touch begun; exec sleep 4006", 60))
    await sandbox.exec("until [ -e begun ]; do sleep 0.02; done", timeout=30)

    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    await sandbox.exec("while pgrep sleep; do :; done", timeout=30)

    assert await running(sandbox, "sleep 4006") == []


async def test_a_new_container_says_that_a_process_of_the_old_one_is_gone(
    sandboxes: Sandboxes, workspace: Path
) -> None:
    project, run = ProjectId.new(), RunId.new()
    first = await sandboxes.open(project, run, workspace)
    name = (await first.processes.start("sleep 4007", 0)).process.name
    await sandboxes.close(run, "test")
    second = await sandboxes.open(project, run, workspace)

    with pytest.raises(UserError, match="is gone: the container it ran in was closed"):
        await second.processes.output(name, 0, 0)
    with pytest.raises(EngineError):
        await first.processes.list()
    assert await second.processes.list() == ()


async def test_a_name_that_never_was_is_answered_with_those_there_are(sandbox: Sandbox) -> None:
    name = (await sandbox.processes.start("sleep 4008", 0)).process.name

    with pytest.raises(UserError, match=f"There are: {name}"):
        await sandbox.processes.stop(f"p9-{name.partition('-')[2]}")


async def _until_ended(sandbox: Sandbox, name: str, mark: int) -> str:
    said = ""
    while True:
        output = await sandbox.processes.output(name, mark, 30)
        said, mark = said + output.text, output.mark
        if output.process.ended:
            return said
