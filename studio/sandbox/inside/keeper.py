"""A process kept together with everything it starts, whatever group or session that moves to.

Between the supervisor and each program stands a keeper: a fork that adopts orphans, so that nothing a
program leaves behind is lost from its tree.
"""

from __future__ import annotations

import ctypes
import errno
import os
import signal
import struct
from collections.abc import Callable, Sequence
from typing import Any

from studio.sandbox.inside.loop import Loop, Timer

_STATUS = struct.Struct(">ci")
_SUBREAPER, _DUMPABLE = 36, 4
_IGNORED = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGPIPE)
_LIBC = ctypes.CDLL(None)
_SWEEP_SECONDS = 0.02


def guard_process() -> None:
    """Makes the caller adopt orphans, ignore polite signals, and closed to debugging by its own kind."""
    _LIBC.prctl(_SUBREAPER, 1, 0, 0, 0)
    _LIBC.prctl(_DUMPABLE, 0, 0, 0, 0)
    for number in _IGNORED:
        signal.signal(number, signal.SIG_IGN)


class Kept:
    """One program under a keeper. `on_exit` hears the program's end, `on_gone` that nothing of it is left.

    A keeper whose program is gone can start the same one `again`, which saves making another keeper.
    """

    def __init__(self, loop: Loop, spawn: Callable[[], int], hold: set[int], reuse: bool = False) -> None:
        """Makes the keeper, in which `spawn` starts the program; `hold` are descriptors that it needs for that."""
        self.lost = False
        self._forget_program()
        self.on_exit: Callable[[], None] = nothing
        self.on_gone: Callable[[], None] = nothing
        self._loop = loop
        self._status, status = os.pipe()
        orders, self._orders = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            _keep(spawn, hold, status, orders if reuse else -1)
        os.close(status)
        os.close(orders)
        loop.on_readable(self._status, self._on_status)

    def again(self) -> None:
        """Starts the program once more; only when it is gone and the keeper was not lost."""
        self._forget_program()
        os.write(self._orders, b"\n")

    def dismiss(self) -> None:
        """Ends a keeper that waits to start its program again; `on_gone` hears of it."""
        os.close(self._orders)
        self._orders = -1

    def _forget_program(self) -> None:
        self.code: int | None = None
        self.trouble = ""
        self.gone = False
        self.stopping = False
        self._kill_timer: Timer | None = None

    def stop(self, grace: float) -> None:
        """Asks the whole tree to end, and after `grace` seconds kills what is left of it."""
        if self.gone or self.stopping:
            return
        self.stopping = True
        if grace > 0:
            for pid in descendants(self.pid):
                _signal(pid, signal.SIGTERM)
            self._kill_timer = self._loop.later(grace, self._sweep)
        else:
            self._sweep()

    def _sweep(self) -> None:
        if not self.gone:
            kill_tree(self.pid)
            self._kill_timer = self._loop.later(_SWEEP_SECONDS, self._sweep)

    def _on_status(self) -> None:
        record = os.read(self._status, _STATUS.size)
        if len(record) == _STATUS.size:
            kind, number = _STATUS.unpack(record)
            if kind == b"E":
                self.trouble = os.strerror(number)
            elif kind == b"G":
                self._all_gone()
            else:
                self.code = _code(number)
                self.on_exit()
            return
        self._lose_keeper()
        self._all_gone()

    def _all_gone(self) -> None:
        self.gone = True
        if self._kill_timer is not None:
            self._kill_timer.cancel()
        if self.code is None:
            # Somebody killed the keeper itself: what it kept has come to the supervisor.
            self.code = 137
            self.on_exit()
        # Let go of whoever listened: without a garbage collector a circle of references would stay for good.
        heard, self.on_exit, self.on_gone = self.on_gone, nothing, nothing
        heard()

    def _lose_keeper(self) -> None:
        self.lost = True
        self._loop.forget(self._status)
        if self._orders >= 0:
            os.close(self._orders)
        reap()


def descendants(root: int) -> list[int]:
    """All processes below `root`, parents first."""
    children: dict = {}  # type: ignore[type-arg]
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                with open("/proc/%s/stat" % entry, "rb") as source:
                    fields = source.read().rpartition(b")")[2].split()
            except OSError:
                continue
            if fields[0] not in b"ZX":
                children.setdefault(int(fields[1]), []).append(int(entry))
    found, todo = [], [root]
    while todo:
        below = children.get(todo.pop(), [])
        found += below
        todo += below
    return found


def spawn(path: str, argv: Sequence[str], actions: Sequence[Any]) -> int:
    """Starts a program in a session of its own, with `actions` on its descriptors and polite signals answered."""
    return os.posix_spawn(
        path, list(argv), os.environ, file_actions=actions, setsid=True, setsigdef=_IGNORED, setsigmask=()
    )


def find_program(name: str) -> str:
    """The file that `name` runs, as a shell finds it. Raises FileNotFoundError."""
    candidates = [name] if "/" in name else [os.path.join(folder, name) for folder in os.get_exec_path()]
    for path in candidates:
        if os.path.isfile(path) and os.access(path, os.X_OK):
            return path
    raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), name)


def kill_tree(root: int) -> None:
    """Kills everything below `root`: first all are stopped, so that none can start another while we look."""
    stopped: set[int] = set()
    for _ in range(20):
        fresh = set(descendants(root)) - stopped
        if not fresh:
            break
        for pid in fresh:
            _signal(pid, signal.SIGSTOP)
        stopped |= fresh
    for pid in stopped:
        _signal(pid, signal.SIGKILL)


def reap() -> None:
    """Takes note of ended children, keepers and adopted orphans alike."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return


def _keep(spawn: Callable[[], int], hold: set[int], status: int, orders: int) -> None:
    """The keeper's whole life: start the program, report its end, wait until nothing is left of it."""
    try:
        for entry in os.listdir("/proc/self/fd"):
            if int(entry) not in hold and int(entry) not in (status, orders):
                _close(int(entry))
        _LIBC.prctl(_SUBREAPER, 1, 0, 0, 0)
        while True:
            try:
                child = spawn()
            except OSError as error:
                child = -1
                os.write(status, _STATUS.pack(b"E", error.errno or 0) + _STATUS.pack(b"X", 127 << 8))
            if orders < 0:
                for fd in hold:
                    _close(fd)
            _wait_for_all(child, status)
            if orders < 0:
                break
            os.write(status, _STATUS.pack(b"G", 0))
            if not os.read(orders, 1):
                break
    finally:
        os._exit(0)


def _wait_for_all(child: int, status: int) -> None:
    while True:
        try:
            pid, number = os.wait()
        except ChildProcessError:
            return
        if pid == child:
            os.write(status, _STATUS.pack(b"X", number))


def _signal(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except OSError:
        return


def _close(fd: int) -> None:
    try:
        os.close(fd)
    except OSError:
        return


def _code(status: int) -> int:
    return os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status)


def nothing() -> None:
    """Hears without acting."""
