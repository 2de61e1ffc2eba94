"""A new run gets a container that is up already, where one waits that is what the run needs."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from studio.adapters.docker.engine import DockerEngine
from studio.base.paths import Paths
from studio.domain.ids import ProjectId, RunId
from studio.sandbox.plan import STANDARD_PLAN, SandboxPlan
from studio.sandbox.pool import FOLDER, Slot
from studio.sandbox.sandboxes import Sandboxes

pytestmark = pytest.mark.docker

PROJECT = ProjectId("p-shop")
SECONDS = 60


async def a_slot(sandboxes: Sandboxes, paths: Paths, plan: SandboxPlan = STANDARD_PLAN) -> Slot:
    """A slot that is up, taken out of the pool."""
    home = paths.workspaces / FOLDER / "slot-1"
    files = home / "files"
    files.mkdir(parents=True)
    if sandboxes.owner is not None:
        os.chown(files, *sandboxes.owner)
    await sandboxes.warm(PROJECT, "slot-1", home, files, (), plan)
    slot = sandboxes.pool.take(PROJECT)
    assert slot is not None
    return slot


def moved(slot: Slot, paths: Paths, run: RunId) -> Path:
    """The folder for files of a run that took the home of a slot."""
    return slot.home.rename(paths.workspaces / run) / "files"


async def test_a_slot_becomes_the_sandbox_of_a_run(
    sandboxes: Sandboxes, sandbox_paths: Paths, engine: DockerEngine
) -> None:
    run = RunId.new()
    slot = await a_slot(sandboxes, sandbox_paths)
    files = moved(slot, sandbox_paths, run)

    sandbox = await sandboxes.open(PROJECT, run, files, slot=slot)

    assert sandbox.container == slot.up.container
    assert (await sandbox.exec("echo mine > a.txt && pwd", timeout=SECONDS)).output == "/workspace\n"
    assert (files / "a.txt").read_text() == "mine\n"
    (state,) = await sandboxes.containers()
    assert state.name.startswith(f"studio-{run}-")


async def test_a_slot_that_is_not_what_the_run_needs_is_ended(sandboxes: Sandboxes, sandbox_paths: Paths) -> None:
    run = RunId.new()
    slot = await a_slot(sandboxes, sandbox_paths)

    sandbox = await sandboxes.open(
        PROJECT, run, moved(slot, sandbox_paths, run), plan=SandboxPlan(env={"MODE": "test"}), slot=slot
    )

    assert (await sandbox.exec("echo $MODE", timeout=SECONDS)).output == "test\n"
    assert [state.id for state in await sandboxes.containers()] == [sandbox.container]


async def test_a_slot_whose_container_ended_is_replaced(
    sandboxes: Sandboxes, sandbox_paths: Paths, engine: DockerEngine
) -> None:
    run = RunId.new()
    slot = await a_slot(sandboxes, sandbox_paths)
    await engine.remove(slot.up.container)

    sandbox = await sandboxes.open(PROJECT, run, moved(slot, sandbox_paths, run), slot=slot)

    assert (await sandbox.exec("echo up", timeout=SECONDS)).output == "up\n"


async def test_what_waits_in_the_pool_is_not_left_over_and_ends_with_the_rest(
    sandboxes: Sandboxes, sandbox_paths: Paths
) -> None:
    slot = await a_slot(sandboxes, sandbox_paths)
    sandboxes.pool.give_back(slot)
    assert await sandboxes.reap() == ()
    assert slot.home.exists()

    await sandboxes.close_all()

    assert await sandboxes.containers() == ()
    assert not slot.home.exists()
