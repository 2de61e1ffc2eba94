"""Named volumes: kept between containers of one project, and nobody else's are ever mounted."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from docker import APIClient

from studio.adapters.docker.engine import DockerEngine
from studio.adapters.docker.find import find_endpoint
from studio.contracts.containers import Volume
from studio.domain.errors import PolicyRefused
from studio.domain.ids import ProjectId, RunId
from studio.sandbox.plan import SandboxPlan
from studio.sandbox.sandboxes import Sandboxes

pytestmark = pytest.mark.docker

SECONDS = 60


@pytest.fixture
async def volume(engine: DockerEngine) -> AsyncIterator[Volume]:
    """A volume that may be made, and is gone afterwards; asked for before what could still hold it."""
    yield Volume(f"studio-test-{os.getpid()}", "/tmp/kept")
    await engine.remove_volume(f"studio-test-{os.getpid()}")


async def test_what_one_sandbox_leaves_in_a_volume_the_next_one_of_the_project_finds(
    volume: Volume, sandboxes: Sandboxes, engine: DockerEngine, workspace: Path
) -> None:
    project, plan = ProjectId.new(), SandboxPlan(volumes=(volume,))
    first = await sandboxes.open(project, RunId.new(), workspace, (), plan)
    marked = await first.exec("stat -c %F /tmp/kept && grep -c ' /tmp/kept ' /proc/mounts", timeout=SECONDS)
    await sandboxes.close(first.id, "the test goes on")

    second = await sandboxes.open(project, RunId.new(), workspace, (), plan)

    assert marked.output == "directory\n1\n"
    assert (await second.exec("ls -d /tmp/kept", timeout=SECONDS)).exit_code == 0
    (found,) = await engine.volumes({"studio.project": project})
    assert found.name == volume.name


@pytest.mark.parametrize(
    "options",
    [
        {"labels": {}},
        {"driver_opts": {"type": "none", "o": "bind", "device": "/etc"}},
    ],
    ids=["of another program", "that leads to a folder of the machine"],
)
async def test_a_volume_is_refused(
    options: dict[str, dict[str, str]], volume: Volume, sandboxes: Sandboxes, workspace: Path
) -> None:
    project = ProjectId.new()
    labels = {"studio.home": str(workspace.parents[1]), "studio.project": project}
    api = APIClient(base_url=find_endpoint(os.environ).url, version="auto")
    try:
        api.create_volume(volume.name, **{"labels": labels, **options})
    finally:
        api.close()

    with pytest.raises(PolicyRefused, match="not made by this Studio"):
        await sandboxes.open(project, RunId.new(), workspace, (), SandboxPlan(volumes=(volume,)))
