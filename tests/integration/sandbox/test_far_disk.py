"""The disk of a container engine's machine may be full, too."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.domain.errors import EngineError
from tests.fixtures.carried import Story

pytestmark = pytest.mark.bubblewrap


async def test_files_that_find_no_room_over_there_are_told_of(tmp_path: Path) -> None:
    story = Story(tmp_path)
    small = ("--size", str(1 << 20), "--tmpfs", str(story.there))
    story.before = ("bwrap", "--die-with-parent", "--bind", "/", "/", "--dev-bind", "/dev", "/dev", *small, "--")
    (story.here / "big").write_bytes(bytes(2 << 20))

    with pytest.raises(EngineError, match="disk of the container engine's machine is full"):
        async with story.carried():
            pass
