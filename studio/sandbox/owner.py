"""Which process owns a container, told so that a later process can see whether the owner still lives."""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
import uuid
from contextlib import suppress
from functools import cache
from pathlib import Path

_MACHINE_IDS = (Path("/etc/machine-id"), Path("/var/lib/dbus/machine-id"))


def this_process() -> str:
    """A mark of the running process that no later one can have, nor one of another machine."""
    return ":".join((*_here(), str(os.getpid()), _started(os.getpid())))


def this_machine() -> str:
    """A mark of this machine, the same after it was started again."""
    return _here()[0]


def alive(mark: str) -> bool:
    """Whether the process that wrote `mark` still runs, as far as can be told: one that cannot be seen from here does.

    An unreadable mark belongs to nobody.
    """
    host, boot, room, number, started = (*mark.split(":"), *[""] * 5)[:5]
    if not (host and number.isdecimal() and started):
        return False
    here = _here()
    if host != here[0]:
        return True
    if boot != here[1]:
        return False  # nothing outlives the machine's start
    return room != here[2] or _started(int(number)) == started


def owned_elsewhere(mark: str) -> bool:
    """Whether another process than this one wrote `mark`, and lives."""
    return mark != this_process() and alive(mark)


@cache
def _here() -> tuple[str, str, str]:
    """This machine, this start of it, and the room of process numbers that can be seen from here."""
    host = next(filter(None, map(_text, _MACHINE_IDS)), "") or _address() or platform.node()
    boot = _text(Path("/proc/sys/kernel/random/boot_id")) or _asked("/usr/sbin/sysctl", "-n", "kern.bootsessionuuid")
    room = ""
    with suppress(OSError):
        room = os.readlink("/proc/self/ns/pid")
    return _short(host), _short(boot), _short(room)


def _address() -> str:
    """The number of the network card, where there is one: a machine's name may change with its network."""
    number = uuid.getnode()
    return "" if number >> 40 & 3 else str(number)  # with one of these bits it is made up


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _text(file: Path) -> str:
    try:
        return file.read_text("ascii", errors="replace").strip()
    except OSError:
        return ""


def _asked(*argv: str) -> str:
    try:
        asked = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return asked.stdout.strip()


def _started(pid: int) -> str:
    """When a process started, in whatever words the system has for it; empty when there is no such process."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except FileNotFoundError:
        if Path("/proc/self").exists():
            return ""
        return _asked("/bin/ps", "-o", "lstart=", "-p", str(pid)).replace(":", ".")
    fields = stat.rpartition(b")")[2].split()
    return "" if fields[0] in (b"Z", b"X") else fields[19].decode("ascii")
