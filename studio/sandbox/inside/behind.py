"""Processes behind: commands that run on while others come and go, and what they said."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any

from studio.sandbox.inside.frames import DONE, OUT, PIECE, TAIL
from studio.sandbox.inside.loop import Loop, Timer
from studio.sandbox.inside.relay import listening_ports
from studio.sandbox.inside.shell import Shell
from studio.sandbox.inside.waiting import Waiting, read_all

HEAD_BYTES = 16 * 1024
TAIL_BYTES = 112 * 1024
_DRAIN_BYTES = 1 << 20
_LOOK_SECONDS = 0.1
_SETTLE_SECONDS = 0.1
"""A command's end is told after this: by then it shows whether it has left anything running."""
_ENDED_KEPT = 16
_COMMAND_SHOWN = 500


class Process:
    """One command behind, from its start until it is forgotten; its output's first and last part stay readable."""

    def __init__(self, shell: Shell, name: str, command: str) -> None:
        self.name = name
        self._shell, self._loop, self._command = shell, shell.loop, command
        self._seen = 0
        self._head, self._tail = bytearray(), bytearray()
        self._began, self._ended_at = time.monotonic(), 0.0
        self.code: int | None = None
        self.exited = self.settled = self.gone = False
        self.stopped = False
        self.waits: list[Wait] = []
        self._give_to(shell.pool.take())

    def _give_to(self, waiting: Waiting) -> None:
        self._waiting = waiting
        waiting.kept.on_exit, waiting.kept.on_gone = self._on_exit, self._on_gone
        self._loop.on_readable(waiting.output, self._on_output)
        waiting.run_command(self._shell.directory, self._command)

    def stop(self, grace: float) -> None:
        """Ends the command and everything it started."""
        if not self.gone:
            self.stopped = True
            self._waiting.kept.stop(grace)

    def has_more_than(self, since: int) -> bool:
        """Whether it said anything behind this mark, or will say nothing more."""
        return self._seen > since or self.gone

    def said(self) -> dict[str, Any]:
        """How it stands, in plain values."""
        until = self._ended_at if self.gone else time.monotonic()
        return {
            "name": self.name,
            "command": self._command[:_COMMAND_SHOWN],
            "exited": self.exited,
            "gone": self.gone,
            "stopped": self.stopped,
            "code": self.code,
            "said": self._seen,
            "seconds": round(until - self._began, 1),
        }

    def send_output(self, channel: int, since: int) -> int:
        """Sends what it said behind this mark and returns how many bytes in between are kept no more."""
        since = max(0, since)
        start = self._seen - len(self._tail)
        for at in range(min(since, len(self._head)), len(self._head), PIECE):
            self._loop.send(OUT, channel, bytes(self._head[at : at + PIECE]))
        tail = bytes(self._tail[max(0, since - start) :])
        for at in range(0, len(tail), PIECE):
            self._loop.send(TAIL, channel, tail[at : at + PIECE])
        return max(0, start - max(since, len(self._head)))

    def _on_output(self) -> None:
        read_all(self._waiting.output, self._take, PIECE)
        self._tell()

    def _take(self, data: bytes) -> None:
        self._seen += len(data)
        room = HEAD_BYTES - len(self._head)
        self._head += data[:room]
        self._tail += data[room:]
        if len(self._tail) > 2 * TAIL_BYTES:
            del self._tail[:-TAIL_BYTES]

    def _on_exit(self) -> None:
        if self._waiting.unread() and not self.stopped:
            self._give_to(self._shell.pool.replace(self._waiting))
            return
        self.code = self._waiting.kept.code
        self.exited = True
        self._loop.later(_SETTLE_SECONDS, self._settle)

    def _settle(self) -> None:
        self.settled = True
        self._tell()

    def _on_gone(self) -> None:
        read_all(self._waiting.output, self._take, _DRAIN_BYTES)
        self._shell.pool.give_back(self._waiting)
        self.exited = self.settled = self.gone = True
        self._ended_at = time.monotonic()
        self._tell()

    def _tell(self) -> None:
        for wait in tuple(self.waits):
            wait.look()


class Wait:
    """A request about one process: answered when `ready`, when its time is over, or when the host asks no more."""

    def __init__(
        self,
        loop: Loop,
        process: Process,
        seconds: float,
        ready: Callable[[], bool],
        answer: Callable[[], None],
    ) -> None:
        self._loop, self._process, self._ready, self._answer = loop, process, ready, answer
        self.ends_process = False
        self.over = False
        self._timers: list[Timer] = [loop.later(seconds, self._finish)]
        process.waits.append(self)

    def look(self) -> None:
        """Answers if it is time."""
        if not self.over and self._ready():
            self._finish()

    def look_often(self) -> None:
        """Looks again and again: for what no descriptor tells of."""
        self.look()
        if not self.over:
            self._timers[1:] = [self._loop.later(_LOOK_SECONDS, self.look_often)]

    def stop(self, grace: float) -> None:
        """Answers at once; a start that nobody waits for any more is taken back."""
        if self.ends_process:
            self._process.stop(grace)
        self._finish()

    def on_frame(self, kind: int, payload: bytes) -> None:
        """Nothing more is said on such a channel."""

    def _finish(self) -> None:
        if self.over:
            return
        self.over = True
        for timer in self._timers:
            timer.cancel()
        self._process.waits.remove(self)
        self._answer()


class Behind:
    """All processes behind of one sandbox; they end with its supervisor."""

    def __init__(self, shell: Shell) -> None:
        self._shell, self._loop = shell, shell.loop
        self._processes: dict[str, Process] = {}

    def serve(self, channel: int, request: dict[str, Any], on_done: Callable[[], None]) -> Wait | None:
        """Does what a request asks; returns what waits on its channel, if anything does."""
        if request["act"] == "list":
            self._answer(channel, on_done, list(self._processes.values()))
            return None
        if request["act"] == "start":
            return self._start(channel, request, on_done)
        process = self._processes.get(request["name"])
        if process is None:
            self._answer(channel, on_done, [], missing=True)
            return None
        seconds = float(request["seconds"])
        if request["act"] == "stop":
            process.stop(float(request["grace"]))
            done = partial(self._answer, channel, on_done, [process])
            return self._wait(process, seconds, lambda: process.gone, done)
        if request["act"] == "listen":
            return self._listen(process, channel, request, on_done)
        since = int(request["since"])
        answer = partial(self._answer_output, channel, on_done, process, since)
        return self._wait(process, seconds, lambda: process.has_more_than(since), answer)

    def _start(self, channel: int, request: dict[str, Any], on_done: Callable[[], None]) -> Wait | None:
        if sum(not process.gone for process in self._processes.values()) >= request["most"]:
            self._answer(channel, on_done, list(self._processes.values()), full=True)
            return None
        process = Process(self._shell, request["name"], request["command"])
        self._processes[process.name] = process
        self._forget_oldest()
        answer = partial(self._answer_output, channel, on_done, process, 0)
        wait = self._wait(process, float(request["seconds"]), lambda: process.settled, answer)
        wait.ends_process = True
        return wait

    def _listen(
        self, process: Process, channel: int, request: dict[str, Any], on_done: Callable[[], None]
    ) -> Wait | None:
        before = set(request["before"])
        found: list[int] = []

        def listens() -> bool:
            found[:] = [port for port in listening_ports() if port not in before]
            return process.gone or (request["port"] in found if request["port"] else bool(found))

        def answer() -> None:
            self._answer(channel, on_done, [process], ports=found)

        wait = Wait(self._loop, process, float(request["seconds"]), listens, answer)
        wait.look_often()
        return wait

    def _wait(self, process: Process, seconds: float, ready: Callable[[], bool], answer: Callable[[], None]) -> Wait:
        wait = Wait(self._loop, process, seconds, ready, answer)
        wait.look()
        return wait

    def _answer_output(self, channel: int, on_done: Callable[[], None], process: Process, since: int) -> None:
        left_out = process.send_output(channel, since)
        self._answer(channel, on_done, [process], left_out=left_out)

    def _answer(self, channel: int, on_done: Callable[[], None], about: list[Process], **more: Any) -> None:
        said = {"code": 0, "trouble": "", "processes": [process.said() for process in about], **more}
        self._loop.send_json(DONE, channel, said)
        on_done()

    def _forget_oldest(self) -> None:
        ended = [name for name, process in self._processes.items() if process.gone]
        for name in ended[: max(0, len(ended) - _ENDED_KEPT)]:
            del self._processes[name]
