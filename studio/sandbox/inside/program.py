"""Programs without a shell: bytes in, bytes out, and nothing left of them afterwards."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from typing import Any

from studio.sandbox.inside.frames import CREDIT, DONE, END, ERR, OUT, PIECE, WINDOW
from studio.sandbox.inside.keeper import Kept, find_program, spawn
from studio.sandbox.inside.loop import Loop, Timer
from studio.sandbox.inside.waiting import Pool, Waiting, read_all

_ERR_BYTES = 1 << 16
_PARKING = 1000
_LEFTOVER_SECONDS = 0.05


class Program:
    """One program from start to its `DONE` frame.

    A program whose input came with the request runs where a bash has been waiting; one that is fed needs a
    pipe of its own.
    """

    def __init__(
        self,
        loop: Loop,
        pool: Pool,
        channel: int,
        request: dict[str, Any],
        on_done: Callable[[], None],
    ) -> None:
        self._loop, self._channel, self._on_done = loop, channel, on_done
        self._allowed = int(request["max_bytes"])
        self._err_left = min(_ERR_BYTES, self._allowed)
        self._grace = float(request["grace"])
        self._under_way = 0
        self._ended_by = ""
        self._input: _Input | None = None
        self._leftover: Timer | None = None
        path = find_program(request["argv"][0])
        if request["fed"]:
            self._run_apart(path, request)
        else:
            self._run_waiting(pool, pool.take(), request)
        self._clock = loop.later(float(request["timeout"]), self._on_timeout)

    def _run_waiting(self, pool: Pool, waiting: Waiting, request: dict[str, Any]) -> None:
        def on_exit() -> None:
            if waiting.unread() and not self._ended_by:
                self._run_waiting(pool, pool.replace(waiting), request)
            else:
                self._on_exit()

        self._give_back: Callable[[], None] = partial(pool.give_back, waiting)
        self._attend(waiting.kept, waiting.out, waiting.err, on_exit)
        waiting.run_program(request["directory"], request["argv"], request["input"].encode("latin-1"))

    def _run_apart(self, path: str, request: dict[str, Any]) -> None:
        stdin, feed = os.pipe()
        out_end, out = os.pipe()
        err_end, err = os.pipe()
        argv, directory = request["argv"], request["directory"]

        parked = [os.dup2(fd, _PARKING + number, False) for number, fd in enumerate((stdin, out, err))]
        actions = [(os.POSIX_SPAWN_DUP2, fd, number) for number, fd in enumerate(parked)]

        def start() -> int:
            os.chdir(directory)
            return spawn(path, argv, actions)

        kept = Kept(self._loop, start, set(parked))
        self._give_back = self._close_pipes
        for fd in (stdin, out, err, *parked):
            os.close(fd)
        for fd in (out_end, err_end):
            os.set_blocking(fd, False)
        self._attend(kept, out_end, err_end, self._on_exit)
        self._input = _Input(self._loop, self._channel, feed)

    def _attend(self, kept: Kept, out: int, err: int, on_exit: Callable[[], None]) -> None:
        self._kept, self._out, self._err = kept, out, err
        kept.on_exit, kept.on_gone = on_exit, self._finish_if_over
        self._loop.on_readable(out, self._on_out)
        self._loop.on_readable(err, self._on_err)

    def on_frame(self, kind: int, payload: bytes) -> None:
        """Takes what the host sends on this channel."""
        if kind == CREDIT:
            self._under_way -= int.from_bytes(payload, "big")
            self._loop.on_readable(self._out, self._on_out)
            self._finish_if_over()
        elif self._input is not None:
            self._input.take(payload, ends=kind == END)

    def stop(self, grace: float) -> None:
        """Ends the program and everything it started."""
        self._ended_by = self._ended_by or "stopped"
        self._kept.stop(grace)

    def _on_timeout(self) -> None:
        self._ended_by = "timeout"
        self._kept.stop(self._grace)

    def _on_exit(self) -> None:
        """What a program leaves behind is ended too, when it does not end by itself at once."""
        self._leftover = self._loop.later(_LEFTOVER_SECONDS, lambda: self._kept.stop(0))

    def _on_out(self) -> None:
        if self._under_way < WINDOW:
            self._read(self._out, self._take_out)
        else:
            self._loop.on_readable(self._out, None)

    def _on_err(self) -> None:
        self._read(self._err, self._take_err)

    def _read(self, fd: int, take: Callable[[bytes], None]) -> None:
        try:
            data = os.read(fd, PIECE)
        except BlockingIOError:
            return
        if data:
            take(data)
        else:
            self._loop.on_readable(fd, None)

    def _take_out(self, data: bytes) -> None:
        if len(data) > self._allowed and not self._ended_by:
            self._ended_by = "too much"
            self._kept.stop(0)
        self._allowed -= len(data)
        if not self._ended_by:
            self._under_way += len(data)
            self._loop.send(OUT, self._channel, data)

    def _take_err(self, data: bytes) -> None:
        kept = data[: self._err_left]
        self._err_left -= len(kept)
        if kept:
            self._loop.send(ERR, self._channel, kept)

    def _finish_if_over(self) -> None:
        """Nothing of the program is left: what still lies in its pipes is the last of it."""
        if not self._kept.gone or self._under_way >= WINDOW:
            return
        read_all(self._out, self._take_out, WINDOW)
        read_all(self._err, self._take_err, WINDOW)
        for timer in (self._clock, self._leftover):
            if timer is not None:
                timer.cancel()
        if self._input is not None:
            self._input.close()
        ended = {"code": self._kept.code, "ended_by": self._ended_by, "trouble": self._kept.trouble}
        self._give_back()
        self._loop.send_json(DONE, self._channel, ended)
        self._on_done()

    def _close_pipes(self) -> None:
        self._loop.forget(self._out)
        self._loop.forget(self._err)


class _Input:
    """What a program reads, as fast as it reads it."""

    def __init__(self, loop: Loop, channel: int, fd: int) -> None:
        self._loop, self._channel, self._fd = loop, channel, fd
        self._unwritten = bytearray()
        self._ends = False
        os.set_blocking(fd, False)

    def take(self, data: bytes, ends: bool) -> None:
        """Passes data on; `ends` says that no more will come."""
        self._unwritten += data
        self._ends = self._ends or ends
        self._write()

    def close(self) -> None:
        """Lets the program see the end of its input; safe to call twice."""
        if self._fd >= 0:
            self._loop.forget(self._fd)
            self._fd = -1

    def _write(self) -> None:
        if self._fd < 0:
            return
        try:
            while self._unwritten:
                self._used(os.write(self._fd, self._unwritten))
        except BlockingIOError:
            self._loop.on_writable(self._fd, self._write)
            return
        except OSError:  # it reads no more: the rest is not wanted
            self._used(len(self._unwritten))
        self._loop.on_writable(self._fd, None)
        if self._ends:
            self.close()

    def _used(self, count: int) -> None:
        del self._unwritten[:count]
        self._loop.send(CREDIT, self._channel, count.to_bytes(4, "big"))
