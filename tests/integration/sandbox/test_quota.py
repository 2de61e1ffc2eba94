"""A run that fills the disk is stopped, and can delete files afterwards."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from studio.adapters.docker.engine import DockerEngine
from studio.base.paths import Paths
from studio.domain.errors import EngineError
from studio.domain.ids import ProjectId, RunId
from studio.sandbox.box import Sandbox
from studio.sandbox.caches import CACHE, cache_volume
from studio.sandbox.images import Images
from studio.sandbox.plan import SandboxPlan
from studio.sandbox.quota import Quota
from studio.sandbox.sandboxes import Sandboxes
from tests.fixtures.set_clock import SetClock

pytestmark = pytest.mark.docker

MOST = 8 << 20
FILL = "dd if=/dev/zero of=big bs=1M count=20 2>/dev/null"
SECONDS = 60


async def test_a_run_with_too_many_files_is_stopped_and_may_then_delete_them(
    engine: DockerEngine, images: Images, sandbox_paths: Paths, workspace: Path
) -> None:
    ended: list[str] = []

    async def end(sandbox: Sandbox, reason: str) -> None:
        ended.append(reason)
        await sandboxes.close(sandbox.id, reason, sandbox)

    clock = SetClock()
    sandboxes = Sandboxes(engine, images, sandbox_paths, clock)
    quota = Quota(engine, sandboxes, clock, sandbox_paths.home, MOST, end)
    project, run = ProjectId.new(), RunId.new()
    first = await sandboxes.open(project, run, workspace)
    await quota.look()
    assert first.disk_bytes is not None
    assert first.disk_bytes < MOST
    await first.exec(FILL, timeout=SECONDS)
    clock.time += timedelta(minutes=2)

    await quota.look()

    with pytest.raises(EngineError, match="its sandbox was stopped") as told:
        await first.exec("true", timeout=SECONDS)
    assert "raise sandbox_disk_mb" in told.value.action
    assert ended == [f"The files of run {run} take 21 MB, and may take 8 MB"]
    assert await sandboxes.containers() == ()
    second = await sandboxes.open(project, run, workspace)
    clock.time += timedelta(minutes=2)
    await quota.look()
    assert (await second.exec("rm big && ls", timeout=SECONDS)).output == ""
    await sandboxes.close_all()


async def test_a_run_that_fills_the_caches_of_its_project_is_stopped(
    engine: DockerEngine, images: Images, sandbox_paths: Paths, workspace: Path
) -> None:
    async def end(sandbox: Sandbox, reason: str) -> None:
        await sandboxes.close(sandbox.id, reason, sandbox)

    clock, project = SetClock(), ProjectId.new()
    cache = cache_volume(sandbox_paths.home, project)
    sandboxes = Sandboxes(engine, images, sandbox_paths, clock)
    quota = Quota(engine, sandboxes, clock, sandbox_paths.home, MOST, end)
    sandbox = await sandboxes.open(project, RunId.new(), workspace, plan=SandboxPlan(volumes=(cache,)))
    await sandbox.exec(f"cd {CACHE} && {FILL}", timeout=SECONDS)

    await quota.look()

    assert sandbox.broken is not None
    assert sandbox.broken.sentence.startswith(f"The caches of project {project} take 21 MB")
    assert await sandboxes.containers() == ()
    await engine.remove_volume(cache.name)
