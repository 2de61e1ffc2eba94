"""A started bash that waits for its command, so that starting it costs no command time."""

from __future__ import annotations

import array
import fcntl
import os
import termios
from collections.abc import Callable, Sequence
from functools import partial

from studio.sandbox.inside.keeper import Kept, find_program, nothing, spawn
from studio.sandbox.inside.loop import Loop

_PARKING = 1000
_LEAST, _MOST = 2, 4

# One line, so that bash counts the lines of a command alone where it says what is wrong in it.
_PRELUDE = """
read -r -u 7; mapfile -d '' -t -u 9 __studio; exec 7<&- 9<&-
cd -- "${__studio[0]}" 2>/dev/null || cd /workspace 2>/dev/null || cd /
if [ "${#__studio[@]}" -gt 2 ]; then exec "${__studio[@]:2}" <&4 >&5 2>&6 4<&- 5>&- 6>&- 8>&-; fi
exec 4<&- 5>&- 6>&-
trap 'builtin pwd -P 2>/dev/null >&8' EXIT
eval "${__studio[1]}"
""".strip().replace("\n", "; ")


class Waiting:
    """One bash and its pipes. When what it ran has left nothing behind, another bash starts in its place.

    A shell command writes to `output` and its last directory to `report`; a program to `out` and `err`.
    """

    def __init__(self, loop: Loop) -> None:
        self._loop = loop
        self._script = _unnamed_file("command")
        self._input = _unnamed_file("input")
        self._call, self._wake = os.pipe()
        self.report, report = os.pipe()
        self.output, output = os.pipe()
        self.out, out = os.pipe()
        self.err, err = os.pipe()
        ends = {self._call: 7, report: 8, self._script: 9, out: 5, err: 6, self._input: 4}
        # First out of each other's way: a descriptor may have the very number that another is to get.
        parked = {os.dup2(fd, _PARKING + number, False): number for fd, number in ends.items()}
        actions = [
            (os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0),
            (os.POSIX_SPAWN_DUP2, output, 1),
            (os.POSIX_SPAWN_DUP2, output, 2),
            *((os.POSIX_SPAWN_DUP2, fd, number) for fd, number in parked.items()),
        ]
        bash = find_program("bash")
        argv = ["bash", "--norc", "--noprofile", "-c", _PRELUDE]
        self.kept = Kept(loop, partial(spawn, bash, argv, actions), {output, *parked}, reuse=True)
        for fd in (report, output, out, err, *parked):
            os.close(fd)
        for fd in (self.report, self.output, self.out, self.err):
            os.set_blocking(fd, False)

    def run_command(self, directory: str, command: str) -> None:
        """Lets it run a shell command."""
        self._give((directory, command))

    def run_program(self, directory: str, argv: Sequence[str], stdin: bytes) -> None:
        """Lets it become a program that reads `stdin`."""
        _rewrite(self._input, stdin)
        self._give((directory, "", *argv))

    def again(self) -> None:
        """Starts another bash where nothing runs any more; it hears and says nothing of what was before."""
        waiting_calls = array.array("i", [0])
        fcntl.ioctl(self._call, termios.FIONREAD, waiting_calls)
        if waiting_calls[0]:  # a bash that was ended before it woke has left its call behind
            os.read(self._call, waiting_calls[0])
        for fd in (self.output, self.out, self.err, self.report):
            read_all(fd, _unheard, 1 << 20)
        self.kept.again()

    def unread(self) -> bool:
        """Whether its bash ended before it took what it was given: somebody inside killed it while it waited."""
        return os.lseek(self._script, 0, os.SEEK_CUR) == 0

    def retire(self) -> None:
        """Lets its idle keeper go."""
        self.kept.on_gone = self.free
        self.kept.dismiss()

    def free(self) -> None:
        """Gives everything back; its keeper is gone."""
        for fd in (self.output, self.report, self.out, self.err):
            self._loop.forget(fd)
        for fd in (self._call, self._wake, self._script, self._input):
            os.close(fd)

    def _give(self, parts: Sequence[str]) -> None:
        script = b"".join(part.encode("utf-8", "surrogateescape") + b"\0" for part in parts)
        _rewrite(self._script, script)
        os.write(self._wake, b"\n")


class Pool:
    """The bashes that wait."""

    def __init__(self, loop: Loop) -> None:
        self._loop = loop
        self._ready: list[Waiting] = []
        self._refill()

    def take(self) -> Waiting:
        """A waiting bash, made on the spot when none is left."""
        while self._ready:
            waiting = self._ready.pop(0)
            if not waiting.kept.gone:
                return waiting
            # Somebody inside killed it while it waited.
            if waiting.kept.lost:
                waiting.free()
            else:
                waiting.retire()
        return Waiting(self._loop)

    def replace(self, waiting: Waiting) -> Waiting:
        """Another one, for what a bash was given that died while it waited."""
        waiting.kept.on_exit, waiting.kept.on_gone = nothing, partial(self.give_back, waiting)
        for fd in (waiting.output, waiting.out, waiting.err):
            self._loop.on_readable(fd, None)
        return self.take()

    def give_back(self, waiting: Waiting) -> None:
        """Takes back one of which nothing runs any more."""
        for fd in (waiting.output, waiting.out, waiting.err, waiting.report):
            self._loop.on_readable(fd, None)
        waiting.kept.on_exit = waiting.kept.on_gone = nothing
        if waiting.kept.lost:
            waiting.free()
            self._loop.later(0, self._refill)
        elif len(self._ready) < _MOST:
            waiting.again()
            self._ready.append(waiting)
        else:
            waiting.retire()

    def _refill(self) -> None:
        while len(self._ready) < _LEAST:
            self._ready.append(Waiting(self._loop))


def read_all(fd: int, take: Callable[[bytes], None], most: int) -> None:
    """Hands over what lies in a pipe now, up to about `most` bytes."""
    while most > 0:
        try:
            data = os.read(fd, 1 << 16)
        except BlockingIOError:
            return
        if not data:
            return
        take(data)
        most -= len(data)


def _unnamed_file(name: str) -> int:
    """A file in memory that nobody else can open."""
    try:
        return os.memfd_create(name)
    except OSError:
        # A sandbox whose memory nobody counts as a whole has files in memory only where their size is bounded.
        return os.open("/dev/given", os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC, 0o600)


def _rewrite(fd: int, data: bytes) -> None:
    """Makes `data` all of a file that another process reads through the same position."""
    os.ftruncate(fd, 0)
    os.lseek(fd, 0, os.SEEK_SET)
    written = 0
    while written < len(data):
        written += os.pwrite(fd, data[written:], written)


def _unheard(data: bytes) -> None:
    """Takes what nobody is to hear."""
