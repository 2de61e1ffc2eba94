"""The processes of a sandbox as this machine sees them: alive, frozen, what they use. Everything here blocks."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from studio.contracts.containers import ContainerStats

_PAGE = os.sysconf("SC_PAGE_SIZE")
_TICKS = os.sysconf("SC_CLK_TCK")
_SAMPLE_SECONDS = 0.25
_ROUNDS = 20
_SHARED = re.compile(rb"^RssShmem:\s+(\d+) kB", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Process:
    """One process at one moment; `started` in the kernel's ticks tells it from a later one with its number."""

    pid: int
    parent: int
    state: str
    started: int
    ticks: int
    memory: int


def alive(pid: int, started: int) -> bool:
    """Whether that very process still runs."""
    found = _read(pid)
    return found is not None and found.started == started and found.state not in "ZX"


def started(pid: int) -> int:
    """When it started, in the kernel's ticks; 0 when there is none."""
    found = _read(pid)
    return found.started if found else 0


def tree(first: int) -> tuple[Process, ...]:
    """`first` and everything below it, parents before children."""
    below: dict[int, list[Process]] = {}
    found: list[Process] = []
    for process in _all():
        if process.pid == first:
            found.append(process)
        below.setdefault(process.parent, []).append(process)
    for process in found:  # grows while it is walked
        found += below.get(process.pid, ())
    return tuple(process for process in found if process.state not in "ZX")


def freeze(first: int) -> None:
    """Stops everything of a sandbox; looked at again until nothing new has come up meanwhile."""
    stopped: set[int] = set()
    for _ in range(_ROUNDS):
        fresh = {process.pid for process in tree(first)} - stopped
        if not fresh:
            return
        for pid in fresh:
            _signal(pid, signal.SIGSTOP)
        stopped |= fresh


def thaw(first: int) -> None:
    """Lets everything of a sandbox go on, its first process as the last."""
    for process in reversed(tree(first)):
        _signal(process.pid, signal.SIGCONT)


def end(first: int, since: int, seconds: float) -> bool:
    """Kills the first process, with which the kernel ends all others; whether it was gone within the time."""
    deadline = time.monotonic() + seconds
    while alive(first, since):
        _signal(first, signal.SIGKILL)
        if time.monotonic() > deadline:
            return False
        time.sleep(0.005)
    return True


def reading(first: int) -> ContainerStats:
    """What a sandbox uses now; takes a quarter of a second, over which its processor time is counted."""
    before = {process.pid: process.ticks for process in tree(first)}
    began = time.monotonic()
    time.sleep(_SAMPLE_SECONDS)
    now = tree(first)
    spent = sum(process.ticks - before.get(process.pid, process.ticks) for process in now) / _TICKS
    return ContainerStats(
        memory_bytes=sum(process.memory for process in now),
        cpu_percent=round(100 * spent / (time.monotonic() - began), 1),
        pids=len(now),
    )


def end_largest(first: int, most: int) -> int | None:
    """Kills the process that takes most memory where all together take more than `most`; returns its number.

    What processes share is counted once, as much of it as one of them has.
    """
    processes = tree(first)
    others = [process for process in processes if process.pid != first]
    shared = {process.pid: _shared(process.pid) for process in others}
    if not others or sum(process.memory for process in processes) + max(shared.values()) <= most:
        return None
    largest = max(others, key=lambda process: process.memory + shared[process.pid])
    _signal(largest.pid, signal.SIGKILL)
    return largest.pid


def held(first: int) -> int:
    """The memory of a sandbox, with all that its processes share."""
    return sum(process.memory + _shared(process.pid) for process in tree(first))


def _all() -> Iterator[Process]:
    for entry in os.listdir("/proc"):
        if entry.isdigit() and (process := _read(int(entry))) is not None:
            yield process


def _read(pid: int) -> Process | None:
    try:
        line = Path(f"/proc/{pid}/stat").read_bytes()
        shared = int(Path(f"/proc/{pid}/statm").read_bytes().split()[2])
    except (OSError, IndexError):
        return None
    fields = line.rpartition(b")")[2].split()
    return Process(
        pid=pid,
        parent=int(fields[1]),
        state=fields[0].decode("ascii"),
        started=int(fields[19]),
        ticks=int(fields[11]) + int(fields[12]),
        # Files that are mapped are in memory once, however many processes map them.
        memory=max(0, int(fields[21]) - shared) * _PAGE,
    )


def _shared(pid: int) -> int:
    """Memory of no file on a disk that this one maps and others may."""
    try:
        found = _SHARED.search(Path(f"/proc/{pid}/status").read_bytes())
    except OSError:
        return 0
    return int(found[1]) << 10 if found else 0


def _signal(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except OSError:
        return
