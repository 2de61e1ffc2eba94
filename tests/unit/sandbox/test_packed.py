"""The supervisor starts in any Python: from code made ready for it, or from its source."""

from __future__ import annotations

import asyncio
import sys
from importlib.util import MAGIC_NUMBER
from pathlib import Path

import pytest

from studio.sandbox.inside.frames import READY, Splitter
from studio.sandbox.packed import SUPERVISOR, packed


@pytest.mark.parametrize("magic", [MAGIC_NUMBER, b"another"])
async def test_it_serves_whether_its_code_is_for_this_python_or_not(tmp_path: Path, magic: bytes) -> None:
    options = {"directory": str(tmp_path), "home": str(tmp_path / "home"), "shell": True}
    boot, program = packed(SUPERVISOR, options, magic)
    inside = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", "-S", "-u", "-c", boot), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert inside.stdin is not None
    assert inside.stdout is not None

    inside.stdin.write(program)
    frames = Splitter().feed(await inside.stdout.read(1000))

    assert [kind for kind, _, _ in frames] == [READY]
    inside.stdin.close()
    assert await inside.wait() == 0
