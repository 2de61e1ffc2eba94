"""Folders for sockets of ours."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

_LONGEST = 80
"""The name of a socket may have about a hundred bytes."""


def own_folder(kind: str) -> Path:
    """A new folder, mode 0700, that only we look into; those of processes that were killed are cleared away. Blocks."""
    top = Path(tempfile.gettempdir())
    if len(os.fsencode(top)) > _LONGEST:
        top = Path("/tmp")
    for left in top.glob(f"{kind}*-*"):
        number = left.name.removeprefix(kind).partition("-")[0]
        if number.isdecimal() and not _lives(int(number)):
            shutil.rmtree(left, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=f"{kind}{os.getpid()}-", dir=top))


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
