"""Shell commands: output in order, an end, and a directory that the next command starts in."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from studio.sandbox.inside.frames import DONE, LIVE, OUT, PIECE, TAIL
from studio.sandbox.inside.loop import Loop, Timer
from studio.sandbox.inside.waiting import Pool, Waiting, read_all
from studio.sandbox.inside.watch import Watch

HEAD_BYTES = 64 * 1024
TAIL_BYTES = 64 * 1024
_LIVE_SECONDS, _LIVE_BYTES = 0.2, 4096
_DRAIN_BYTES = 1 << 20


class Shell:
    """The one shell of a sandbox as its user sees it: commands one after another, or side by side."""

    def __init__(self, loop: Loop, pool: Pool, directory: str) -> None:
        self.loop, self.pool, self.directory = loop, pool, directory
        self.watch = Watch(directory)

    def run(self, channel: int, request: dict[str, Any], on_done: Callable[[], None]) -> Command:
        """Starts one command."""
        return Command(self, channel, request, on_done)


class Command:
    """One command from start to its `DONE` frame."""

    def __init__(self, shell: Shell, channel: int, request: dict[str, Any], on_done: Callable[[], None]) -> None:
        self._shell, self._loop, self._channel, self._on_done = shell, shell.loop, channel, on_done
        self._grace = float(request["grace"])
        self._timed_out = False
        self._done = False
        self._seen, self._head = 0, HEAD_BYTES
        self._tail = bytearray()
        self._live: Timer | None = None
        self._clock = self._loop.later(float(request["timeout"]), self._on_timeout)
        self._command = request["command"]
        self._give_to(shell.pool.take())

    def _give_to(self, waiting: Waiting) -> None:
        self._waiting, self._kept = waiting, waiting.kept
        self._kept.on_exit, self._kept.on_gone = self._on_exit, self._on_gone
        self._loop.on_readable(waiting.output, self._on_output)
        waiting.run_command(self._shell.directory, self._command)

    def stop(self, grace: float) -> None:
        """Ends the command and everything it started."""
        self._kept.stop(grace)

    def _on_timeout(self) -> None:
        self._timed_out = True
        self._kept.stop(self._grace)

    def _on_output(self) -> None:
        read_all(self._waiting.output, self._take, PIECE)

    def _take(self, data: bytes) -> None:
        if self._done:
            return  # what runs on in the background is not heard
        self._seen += len(data)
        if self._head:
            head, data = data[: self._head], data[self._head :]
            self._head -= len(head)
            self._loop.send(OUT, self._channel, head)
        if data:
            self._tail += data
            if len(self._tail) > 2 * TAIL_BYTES:
                del self._tail[:-TAIL_BYTES]
            if self._live is None:
                self._live = self._loop.later(_LIVE_SECONDS, self._show_live)

    def _show_live(self) -> None:
        self._live = None
        if not self._done:
            self._loop.send(LIVE, self._channel, bytes(self._tail[-_LIVE_BYTES:]))

    def _on_exit(self) -> None:
        if self._kept.stopping:
            return
        if self._waiting.unread():
            self._give_to(self._shell.pool.replace(self._waiting))
        else:
            self._finish()

    def _on_gone(self) -> None:
        self._finish()
        read_all(self._waiting.output, self._take, _DRAIN_BYTES)
        self._shell.pool.give_back(self._waiting)

    def _finish(self) -> None:
        if self._done:
            return
        read_all(self._waiting.output, self._take, _DRAIN_BYTES)
        self._done = True
        self._clock.cancel()
        self._remember_directory()
        tail = bytes(self._tail[-TAIL_BYTES:])
        if tail:
            self._loop.send(TAIL, self._channel, tail)
        left_out = self._seen - (HEAD_BYTES - self._head) - len(tail)
        ended = {"code": self._kept.code, "timed_out": self._timed_out, "left_out": left_out}
        ended["touched"] = self._shell.watch.touched()
        self._loop.send_json(DONE, self._channel, {**ended, "trouble": self._kept.trouble})
        self._on_done()

    def _remember_directory(self) -> None:
        try:
            said = os.read(self._waiting.report, 4096)
        except BlockingIOError:
            return
        directory = said.rstrip(b"\n").decode("utf-8", "surrogateescape")
        if said.endswith(b"\n") and os.path.isdir(directory):
            self._shell.directory = directory
