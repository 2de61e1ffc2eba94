"""What a command says of the files it touched, with real containers and mounts."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from studio.base.paths import Paths
from studio.sandbox.box import Sandbox
from studio.sandbox.sandboxes import Sandboxes
from studio.workspace.files import Folder
from studio.workspace.git import find_git
from studio.workspace.workspaces import Workspaces
from tests.fixtures.git_stories import make_person, make_project, make_run

pytestmark = pytest.mark.docker

MAP_AND_CLOSE = "import mmap; f = open('a', 'r+b'); m = mmap.mmap(f.fileno(), 0); m[0:1] = b'X'"


async def touched(sandbox: Sandbox, command: str) -> bool:
    result = await sandbox.exec(command, timeout=30)
    assert result.exit_code == 0, result.output
    return result.touched


async def test_the_first_command_leaves_a_doubt_and_the_next_none(sandbox: Sandbox) -> None:
    assert await touched(sandbox, "true")
    assert not await touched(sandbox, "true")


@pytest.mark.parametrize(
    "change",
    [
        "echo new > b",
        "echo more >> a",
        f'python3 -c "{MAP_AND_CLOSE}"',
        "mv a b",
        "rm a",
        "chmod +x a",
        "mkdir -p one/two/three",
        "ln -s a link",
        "(echo late > b) & wait",
        "cd /tmp && echo far > /workspace/b",
        "sed -i s/a/b/ a",
    ],
)
async def test_a_command_that_changes_a_file_says_so_once(sandbox: Sandbox, change: str) -> None:
    await sandbox.exec("echo a > a", timeout=30)
    assert not await touched(sandbox, "cat a")

    assert await touched(sandbox, change)

    assert not await touched(sandbox, "ls -R; cat *; stat .")


async def test_what_a_command_leaves_running_is_told_by_the_command_after_it(sandbox: Sandbox) -> None:
    await touched(sandbox, "mkfifo /tmp/go; (read line < /tmp/go; echo late > late; touch /tmp/done) > /dev/null &")
    assert not await touched(sandbox, "true")

    assert await touched(sandbox, "echo > /tmp/go; until [ -e /tmp/done ]; do sleep 0.02; done")

    assert not await touched(sandbox, "cat late")


async def test_a_command_that_was_ended_for_its_time_says_what_it_touched(sandbox: Sandbox) -> None:
    await sandbox.exec("true", timeout=30)

    slow = await sandbox.exec("echo half > file; sleep 60", timeout=3)

    assert slow.timed_out
    assert slow.touched


async def test_what_the_host_writes_is_told_by_the_next_command(
    sandbox: Sandbox, workspace: Path, sandboxes: Sandboxes
) -> None:
    await sandbox.exec("true", timeout=30)

    Folder(workspace, sandboxes.owner).write("typed.txt", b"typed by a person\n")

    assert await touched(sandbox, "true")
    assert not await touched(sandbox, "true")


async def test_a_folder_that_cannot_be_read_leaves_a_doubt(sandbox: Sandbox) -> None:
    await sandbox.exec("mkdir closed; chmod 000 closed", timeout=30)

    assert await touched(sandbox, "true")
    assert await touched(sandbox, "true")


async def test_commits_are_told_and_snapshots_are_not(
    tmp_path: Path, sandbox_paths: Paths, sandboxes: Sandboxes
) -> None:
    person = make_person(tmp_path / "person")
    project = make_project(person.folder)
    workspaces = Workspaces(sandbox_paths, find_git(os.environ["PATH"]), person.environment, sandboxes.owner)
    await workspaces.register(project)
    run = make_run(project, await workspaces.base(project))
    folder, mounts = await workspaces.prepare(run)
    sandbox = await sandboxes.open(project.id, run.id, folder, mounts)
    await workspaces.populate(run, sandbox)
    assert await touched(sandbox, "echo work > work.txt")

    assert await workspaces.snapshot(run, sandbox, "Work") is not None
    assert not await workspaces.changed(run, sandbox)
    assert not await touched(sandbox, "git status; git log; git diff")

    assert await touched(sandbox, "git add --all; git commit --quiet --message mine")
    assert await workspaces.changed(run, sandbox)
    await sandboxes.close(run.id, "done")
