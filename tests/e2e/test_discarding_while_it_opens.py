"""A run is discarded while a person waits for its sandbox: nothing of it is left."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from studio.app.studio import Studio
from studio.base.paths import Paths
from studio.domain.errors import UserError
from studio.domain.projects import Project
from tests.fixtures.engine import opened, turn_ended
from tests.fixtures.scripts import DONE, Script


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    """Where Studio keeps what it has."""
    return Paths(tmp_path / "home")


@pytest.fixture
async def studio_here(paths: Paths) -> AsyncIterator[Studio]:
    """Studio without a container engine."""
    async with opened(paths.home, {"STUDIO_SANDBOX_ENGINE": "bubblewrap", "STUDIO_SANDBOX_POOL": "0"}) as studio:
        yield studio


@pytest.mark.bubblewrap
async def test_a_sandbox_that_is_coming_up_for_a_discarded_run_does_not_stay(
    studio_here: Studio, project: Project, script: Script, paths: Paths
) -> None:
    sent = await studio_here.chats.send(project.id, "Look", model=script(DONE))
    await turn_ended(studio_here, sent)
    await studio_here.sandboxes.stop(sent.run)
    opening = asyncio.ensure_future(studio_here.sandboxes.start(sent.run))
    while not list((paths.cache / "bubblewrap").glob("*.json")):
        await asyncio.sleep(0.01)

    await studio_here.review.discard(sent.run)

    with pytest.raises(UserError, match="put away"):
        await opening
    assert not list((paths.cache / "bubblewrap").glob("*.json"))
    assert not (paths.workspaces / sent.run).exists()
