"""The git boundary with real containers: git on a run's files runs inside, commits come out."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from studio.base.paths import Paths
from studio.sandbox.sandboxes import Sandboxes
from studio.workspace.git import find_git
from studio.workspace.workspaces import Workspaces
from tests.fixtures.git_stories import make_person, make_project, make_run

pytestmark = pytest.mark.docker


async def test_a_run_in_a_container_brings_its_work_home(
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
    assert not await workspaces.changed(run, sandbox)

    done = await sandbox.exec("echo fixed > src/file1.txt && git diff --stat && git log --oneline", timeout=30)
    assert done.exit_code == 0, done.output
    workspaces.files(run.id).write("from-the-editor.txt", b"typed by a person\n")
    assert await workspaces.changed(run, sandbox)
    snapshot = await workspaces.snapshot(run, sandbox, "Fix it")
    assert snapshot is not None
    assert snapshot.files == ("from-the-editor.txt", "src/file1.txt")
    assert not await workspaces.changed(run, sandbox)

    editable = await sandbox.exec("echo more >> from-the-editor.txt && cat from-the-editor.txt", timeout=30)
    assert (editable.exit_code, editable.output) == (0, "typed by a person\nmore\n")
    out_of_reach = await sandbox.exec("touch /studio/objects/x", timeout=30)
    assert out_of_reach.exit_code != 0

    merged = await workspaces.merge(project, replace(run, head=snapshot.commit))
    assert person.git("rev-parse", "main") == merged.commit
    assert person.read("src/file1.txt") == "fixed\n"
    await sandboxes.close(run.id, "done")
    await workspaces.remove(run.id)
    assert not folder.exists()


async def test_a_workspace_outlives_its_container(tmp_path: Path, sandbox_paths: Paths, sandboxes: Sandboxes) -> None:
    person = make_person(tmp_path / "person")
    project = make_project(person.folder)
    workspaces = Workspaces(sandbox_paths, find_git(os.environ["PATH"]), person.environment, sandboxes.owner)
    await workspaces.register(project)
    run = make_run(project, await workspaces.base(project))
    folder, mounts = await workspaces.prepare(run)
    first = await sandboxes.open(project.id, run.id, folder, mounts)
    await workspaces.populate(run, first)
    await first.exec("echo unsaved > work.txt && git add work.txt", timeout=30)
    await sandboxes.close(run.id, "the test wants a new one")

    second = await sandboxes.open(project.id, run.id, folder, mounts)
    await workspaces.populate(run, second)
    snapshot = await workspaces.snapshot(run, second, "Carry on")
    assert snapshot is not None
    assert snapshot.files == ("work.txt",)
