"""The person's way to packages: the network is allowed, the lockfile is installed in the sandbox, once for all runs."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from studio.adapters.docker.engine import DockerEngine
from studio.app.studio import Studio
from studio.domain.events import SandboxStarted, ToolAnswered, WorkspacePrepared
from studio.domain.ids import RunId
from studio.domain.network import NetworkMode, Passed
from studio.domain.projects import Project
from studio.domain.tools import ApprovalMode
from studio.sandbox import labels
from tests.fixtures.engine import events_of, first_event, opened, turn_ended
from tests.fixtures.repositories import make_repository
from tests.fixtures.scripts import DONE, Script, shell

PACKAGE, VERSION = "is-number", "7.0.0"
USE = "node -e \"console.log(require('is-number')('12'))\""


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    """A package with a lockfile, as this machine's own npm writes one from where it gets packages."""
    if shutil.which("npm") is None:
        pytest.fail("npm is missing, with which the lockfile is written: sudo apt install npm", pytrace=False)
    package = {"name": "shop", "version": "1.0.0", "private": True, "dependencies": {PACKAGE: VERSION}}
    (tmp_path / "made").mkdir()
    (tmp_path / "made" / "package.json").write_text(json.dumps(package))
    subprocess.run(
        ("npm", "install", "--package-lock-only", "--no-audit", "--no-fund"),
        cwd=tmp_path / "made",
        check=True,
        capture_output=True,
        timeout=100,
    )
    made = {path.name: path.read_text() for path in (tmp_path / "made").iterdir()}
    return {**made, ".gitignore": "node_modules/\n"}


async def _worked(studio: Studio, project: Project, model: str) -> RunId:
    sent = await studio.chats.send(project.id, "Go", model=model, approval=ApprovalMode.AUTO)
    await turn_ended(studio, sent)
    return sent.run


@pytest.mark.docker
async def test_a_lockfile_is_installed_through_the_proxy_and_kept_for_the_next_run_which_waits_in_the_pool(
    files: dict[str, str], engine: DockerEngine, script: Script, tmp_path: Path
) -> None:
    async with opened(tmp_path / "home", {"STUDIO_SANDBOX_POOL": "1"}) as studio:
        project = await studio.projects.add(make_repository(tmp_path / "shop", files))
        view = await studio.networks.set(project.id, NetworkMode.ALLOW)

        first = await _worked(studio, project, script(shell(USE), DONE, name="first"))

        prepared = await first_event(studio, first, WorkspacePrepared)
        assert (prepared.exit_code, prepared.from_cache, prepared.commands) == (
            0,
            False,
            ("npm ci --no-audit --no-fund",),
        ), prepared.output
        assert (await first_event(studio, first, ToolAnswered)).text.startswith("true\n")
        reached = await studio.networks.connections(project.id, first)
        assert {str(each.destination) for each in reached} <= set(view.own)
        assert {each.passed for each in reached} == {Passed.ALLOWED}
        assert sum(each.received for each in reached) > 0

        while not await studio.sandboxes.ready():
            await asyncio.sleep(0.2)  # it is begun a few seconds after the first, and no event tells of it
        (waiting,) = await engine.containers({labels.SLOT: (await studio.sandboxes.ready())[project.id][0]})
        second = await _worked(studio, project, script(shell(USE), DONE, name="second"))

        assert (await first_event(studio, second, SandboxStarted)).container == waiting.id
        [prepared] = [event for event in await events_of(studio, second) if isinstance(event, WorkspacePrepared)]
        assert (prepared.exit_code, prepared.from_cache) == (0, True)
        assert (await first_event(studio, second, ToolAnswered)).text.startswith("true\n")
        assert await studio.networks.connections(project.id, second) == ()
        for run in (first, second):
            await studio.review.discard(run)
        await studio.projects.remove(project.name)
