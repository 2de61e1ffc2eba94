"""A machine that runs short of memory: one sandbox ends before anything else of the person's has to."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from studio.adapters.bubblewrap import processes

_LINE = re.compile(r"^(\w+):\s+(\d+) kB", re.MULTILINE)
_LEAST_PART, _LEAST_BYTES = 10, 1 << 30
"""Memory is short below a tenth of it, or a gibibyte where that is less, with no more than a tenth of swap left."""


def is_short(meminfo: str) -> bool:
    """Whether the machine whose /proc/meminfo says so is about to have no memory left."""
    said = {name: int(number) << 10 for name, number in _LINE.findall(meminfo)}
    if not {"MemTotal", "MemAvailable"} <= said.keys():
        return False
    scarce = said["MemAvailable"] < min(said["MemTotal"] // _LEAST_PART, _LEAST_BYTES)
    return scarce and said.get("SwapFree", 0) <= said.get("SwapTotal", 0) // _LEAST_PART


def end_one_if_short(running: Mapping[str, int], meminfo: Path = Path("/proc/meminfo")) -> str | None:
    """Kills what takes most of these first processes by name, with all that runs below it; returns its name.

    What a sandbox holds need not be seen in its processes, so the one that is ended need not be the one that took
    the memory: another look ends another one. Blocks.
    """
    if not running or not is_short(meminfo.read_text("ascii")):
        return None
    largest = max(running, key=lambda name: processes.held(running[name]))
    with suppress(ProcessLookupError):
        os.kill(running[largest], signal.SIGKILL)
    return largest
