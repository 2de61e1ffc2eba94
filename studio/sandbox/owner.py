"""Which process owns a container, told so that a later process can see whether the owner still lives."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path


def this_process() -> str:
    """A mark of the running process that no later one can have: its number and when it started."""
    return f"{os.getpid()}:{_started(os.getpid())}"


def alive(mark: str) -> bool:
    """Whether the process that wrote `mark` still runs. An unreadable mark belongs to nobody."""
    number, _, started = mark.partition(":")
    if not number.isdecimal() or not started:
        return False
    return _started(int(number)) == started


def _started(pid: int) -> str:
    """When a process started, in whatever words the system has for it; empty when there is no such process."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except FileNotFoundError:
        if Path("/proc/self").exists():
            return ""
        asked = subprocess.run(
            ["/bin/ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False, timeout=10
        )
        return asked.stdout.strip().replace(":", ".")
    fields = stat.rpartition(b")")[2].split()
    return "" if fields[0] in (b"Z", b"X") else fields[19].decode("ascii")
