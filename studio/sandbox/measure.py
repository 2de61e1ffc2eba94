"""Measuring what folders take on disk."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from studio.domain.errors import OutsideError

_SECONDS = 120.0
_ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C"}


@dataclass(frozen=True, slots=True)
class Measured:
    """What was counted, and whether that is all: what cannot be read, or goes meanwhile, is not in it."""

    bytes: int
    whole: bool


async def folder_bytes(folder: Path) -> int:
    """What a folder and all below it take on its disk, as far as it can be counted. Raises OutsideError."""
    return (await measured(folder)).bytes


async def measured(folder: Path) -> Measured:
    """What a folder and all below it take on its disk; no link is followed. Raises OutsideError.

    The system's own `du` counts: it walks folders of any depth, and beside this process.
    """
    process = await asyncio.create_subprocess_exec(
        *("du", "-skx", "--", str(folder)),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=_ENVIRONMENT,
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(_SECONDS):
            said, _ = await process.communicate()
    except TimeoutError as error:
        raise OutsideError(f"The files in {folder} are so many that they could not be measured.") from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    # Files that go while it counts make it complain; the sum of the others is in its answer all the same.
    number = said.split(b"\t", 1)[0]
    if not number.isdigit():
        raise OutsideError(f"The files in {folder} could not be measured.")
    return Measured(int(number) * 1024, process.returncode == 0)
