"""A workspace for tools that need no container."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest

from studio.sandbox.box import Sandbox
from studio.tools.hands import Hands
from studio.workspace.files import Folder


@pytest.fixture
def hands(tmp_path: Path) -> Hands:
    """Hands whose files are real and that have no sandbox: a tool that reaches for one fails loudly."""
    return Hands(Folder(tmp_path), cast(Sandbox, None), lambda text: None)
