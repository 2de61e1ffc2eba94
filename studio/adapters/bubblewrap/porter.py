"""The first process inside a sandbox of bubblewrap: it starts what the host asks for, and reaps it.

Run by the Python of the sandbox from its source alone: standard library only, Python 3.9 and newer. As the first
process of its own process numbers it cannot be signalled from inside, and when it ends the kernel ends all with it.
"""

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import resource
import selectors
import signal
import socket
import sys
from contextlib import suppress
from typing import Any

_DUMPABLE = 4
_NICE, _FIRST_TO_GO = 10, "500"
_REQUEST_BYTES = 1 << 17
_LIMITS = {
    "pids": resource.RLIMIT_NPROC,
    "memory": resource.RLIMIT_DATA,
    "file": resource.RLIMIT_FSIZE,
    "files": resource.RLIMIT_NOFILE,
    "core": resource.RLIMIT_CORE,
}


class Porter:
    """Serves the host's requests, one for each connection, until the host's end of `life` closes."""

    def __init__(self, door: socket.socket, life: int) -> None:
        self._door, self._life = door, life
        self._callers: dict[int, socket.socket] = {}
        self._bell, ring = os.pipe()
        for fd in (self._bell, ring):
            os.set_blocking(fd, False)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        signal.set_wakeup_fd(ring, warn_on_full_buffer=False)

    def serve(self) -> None:
        """Serves; returns when the host is gone or wants no more of this sandbox."""
        selector = selectors.DefaultSelector()
        for source in (self._door.fileno(), self._life, self._bell):
            selector.register(source, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                if key.fd == self._life:
                    return
                if key.fd == self._bell:
                    self._reap()
                else:
                    self._answer()

    def _answer(self) -> None:
        caller, _ = self._door.accept()
        try:
            # The host connects and asks in one go; who does not is not waited for.
            caller.settimeout(1.0)
            said, fds, _, _ = socket.recv_fds(caller, _REQUEST_BYTES, 2)
            request = json.loads(said)
        except (OSError, ValueError):
            caller.close()
            return
        pid = os.fork()
        if pid == 0:
            _become(request, fds)
        for fd in fds:
            os.close(fd)
        self._callers[pid] = caller

    def _reap(self) -> None:
        with suppress(BlockingIOError):
            os.read(self._bell, 4096)
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not pid:
                return
            caller = self._callers.pop(pid, None)
            if caller is not None:
                code = os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status)
                with suppress(OSError):
                    caller.send(json.dumps({"code": code}).encode())
                caller.close()


def _become(request: dict[str, Any], fds: list[int]) -> None:
    """Turns this fork into the program that was asked for."""
    try:
        os.setsid()
        streams = (fds[0], fds[0], fds[1])
        parked = [fcntl.fcntl(fd, fcntl.F_DUPFD, 100) for fd in streams]
        for number, fd in enumerate(parked):
            os.dup2(fd, number)
        os.closerange(3, 4096)
        for number in (signal.SIGINT, signal.SIGCHLD, signal.SIGPIPE):
            signal.signal(number, signal.SIG_DFL)
        os.execvp(request["argv"][0], request["argv"])
    except OSError as error:
        os.write(2, ("%s: %s\n" % (request["argv"][0], os.strerror(error.errno or 0))).encode())
    finally:
        os._exit(127)


def main(options: dict[str, Any]) -> None:
    """Draws the limits, closes itself to debugging, and serves."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(_NICE)
    with open("/proc/self/oom_score_adj", "w") as first_to_go:
        first_to_go.write(_FIRST_TO_GO)
    ctypes.CDLL(None).prctl(_DUMPABLE, 0, 0, 0, 0)
    for name, most in options["limits"].items():
        # Drawn in here: a limit on processes that was drawn outside would count all of the person's.
        resource.setrlimit(_LIMITS[name], (most, most))
    kept = (0, 1, 2, options["door"], options["life"])
    for entry in os.listdir("/proc/self/fd"):
        if int(entry) not in kept:
            with suppress(OSError):
                os.close(int(entry))
    for fd in kept[3:]:
        os.set_inheritable(fd, False)
    door = socket.socket(fileno=options["door"])
    porter = Porter(door, options["life"])
    os.write(1, b"ready\n")
    os.dup2(os.open("/dev/null", os.O_WRONLY), 1)
    porter.serve()


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
