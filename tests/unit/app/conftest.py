"""What tests of the doors share: Studio on a new data folder, and the server of a provider."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from studio.app.studio import Studio
from tests.fixtures.engine import opened
from tests.fixtures.hostile_provider import Hostile, answering, hostile
from tests.fixtures.lab import MODELS


@pytest.fixture
async def studio(tmp_path: Path) -> AsyncIterator[Studio]:
    async with opened(tmp_path / "home") as found:
        yield found


@pytest.fixture
async def server() -> AsyncIterator[Hostile]:
    """A server that speaks like OpenAI, offers one model and keeps what it is sent."""
    async with hostile(answering(200, MODELS)) as running:
        yield running
