"""A sandbox of bubblewrap that was started before there was a run becomes that run's, with its folder."""

from __future__ import annotations

import os

import pytest

from studio.base.paths import Paths
from studio.domain.ids import ProjectId, RunId
from studio.sandbox.plan import STANDARD_PLAN
from studio.sandbox.pool import FOLDER
from studio.sandbox.sandboxes import Sandboxes

pytestmark = pytest.mark.bubblewrap

PROJECT = ProjectId("p-shop")


async def test_a_slot_becomes_the_sandbox_of_a_run(weak_sandboxes: Sandboxes, sandbox_paths: Paths) -> None:
    run, home = RunId.new(), sandbox_paths.workspaces / FOLDER / "slot-1"
    files = home / "files"
    files.mkdir(parents=True)
    if weak_sandboxes.owner is not None:
        os.chown(files, *weak_sandboxes.owner)
    await weak_sandboxes.warm(PROJECT, "slot-1", home, files, (), STANDARD_PLAN)
    slot = weak_sandboxes.pool.take(PROJECT)
    assert slot is not None
    moved = home.rename(sandbox_paths.workspaces / run) / "files"

    sandbox = await weak_sandboxes.open(PROJECT, run, moved, slot=slot)

    assert sandbox.container == slot.up.container
    assert (await sandbox.exec("echo mine > a.txt && pwd", timeout=60)).output == "/workspace\n"
    assert (moved / "a.txt").read_text() == "mine\n"
