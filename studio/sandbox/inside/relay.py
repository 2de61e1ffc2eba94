"""Two-way channels: a connection to a port inside, or a shell on a terminal of its own."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import socket
import struct
import termios
from collections.abc import Callable
from functools import partial
from typing import Any

from studio.sandbox.inside.frames import CREDIT, DATA, DONE, END, OUT, PIECE, RESIZE, WINDOW
from studio.sandbox.inside.keeper import Kept, find_program, spawn
from studio.sandbox.inside.loop import Loop

_CONNECT_SECONDS = 10.0


class Relay:
    """Bytes between one channel and one descriptor, with no more than a window under way in either direction."""

    def __init__(self, loop: Loop, channel: int) -> None:
        self._loop, self._channel, self._fd = loop, channel, -1
        self._under_way = 0
        self._unwritten = bytearray()
        self._paused = False

    def attach(self, fd: int) -> None:
        """Starts moving bytes, those that came in the meantime first."""
        self._fd = fd
        os.set_blocking(fd, False)
        self._loop.on_readable(fd, self._on_readable)
        self._write()

    def on_frame(self, kind: int, payload: bytes) -> None:
        """Takes what the host sends on this channel."""
        if kind == DATA:
            self._unwritten += payload
            if self._fd >= 0:
                self._write()
        elif kind == CREDIT:
            self._under_way -= int.from_bytes(payload, "big")
            if self._paused and self._fd >= 0 and self._under_way < WINDOW:
                self._paused = False
                self._loop.on_readable(self._fd, self._on_readable)

    def close(self) -> None:
        """Gives the descriptor back."""
        if self._fd >= 0:
            self._loop.forget(self._fd)
            self._fd = -1

    def on_end(self) -> None:
        """Hears that the descriptor has nothing more to say."""

    def _on_readable(self) -> None:
        try:
            data = os.read(self._fd, PIECE)
        except BlockingIOError:
            return
        except OSError:  # a terminal whose last program ended, a connection that was reset
            data = b""
        if not data:
            self._loop.on_readable(self._fd, None)
            self.on_end()
            return
        self._under_way += len(data)
        self._loop.send(OUT, self._channel, data)
        if self._under_way >= WINDOW:
            self._paused = True
            self._loop.on_readable(self._fd, None)

    def _write(self) -> None:
        try:
            while self._unwritten:
                written = os.write(self._fd, self._unwritten)
                del self._unwritten[:written]
                self._loop.send(CREDIT, self._channel, written.to_bytes(4, "big"))
        except BlockingIOError:
            self._loop.on_writable(self._fd, self._write)
            return
        except OSError:
            self._unwritten.clear()
        self._loop.on_writable(self._fd, None)
        self._all_written()

    def _all_written(self) -> None:
        """Hears that nothing waits to be written."""


class Conversation(Relay):
    """A connection between two programs, of which each side may end what it says before the other does."""

    def __init__(self, loop: Loop, channel: int, on_done: Callable[[], None]) -> None:
        super().__init__(loop, channel)
        self._on_done = on_done
        self._host_ended = self._inside_ended = self._is_over = False
        self._socket: socket.socket | None = None

    def on_frame(self, kind: int, payload: bytes) -> None:
        """As any relay; `END` says that the host will send no more."""
        if kind == END:
            self._host_ended = True
            self._all_written()
        else:
            super().on_frame(kind, payload)

    def stop(self, grace: float) -> None:
        """Drops the connection."""
        self._over()

    def on_end(self) -> None:
        """The program inside has said all it will."""
        self._inside_ended = True
        self._loop.send(END, self._channel)
        self._all_written()

    def _all_written(self) -> None:
        if self._fd < 0 or self._socket is None or not self._host_ended or self._unwritten:
            return
        if self._inside_ended:
            self._over()
            return
        try:
            self._socket.shutdown(socket.SHUT_WR)
        except OSError:
            self._over()

    def _over(self) -> None:
        if self._is_over:
            return
        self._is_over = True
        if self._socket is not None and self._socket.fileno() >= 0:
            self._loop.on_readable(self._socket.fileno(), None)
            self._loop.on_writable(self._socket.fileno(), None)
            self._socket.close()
        self._fd = -1
        self._loop.send_json(DONE, self._channel, {"code": 0, "trouble": ""})
        self._on_done()


class Connection(Conversation):
    """A connection to a port on the sandbox's own loopback, whichever of the two it is on."""

    def __init__(self, loop: Loop, channel: int, request: dict[str, Any], on_done: Callable[[], None]) -> None:
        super().__init__(loop, channel, on_done)
        port = int(request["port"])
        self._untried = [(socket.AF_INET6, "::1", port), (socket.AF_INET, "127.0.0.1", port)]
        self._patience = loop.later(_CONNECT_SECONDS, self._over)
        self._try_next()

    def _try_next(self) -> None:
        while self._untried:
            family, address, port = self._untried.pop()
            try:
                attempt = socket.socket(family, socket.SOCK_STREAM)
            except OSError:  # a kernel without that family
                continue
            self._socket = attempt
            attempt.setblocking(False)
            attempt.connect_ex((address, port))
            self._loop.on_writable(attempt.fileno(), partial(self._on_connected, attempt))
            return
        self._over()

    def _on_connected(self, attempt: socket.socket) -> None:
        self._loop.on_writable(attempt.fileno(), None)
        if attempt.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            attempt.close()
            self._try_next()
            return
        self._patience.cancel()
        self.attach(attempt.fileno())

    def _over(self) -> None:
        self._patience.cancel()
        super()._over()


class Terminal(Relay):
    """A program on a terminal of its own; closing it ends everything that was started there."""

    def __init__(self, loop: Loop, channel: int, request: dict[str, Any], on_done: Callable[[], None]) -> None:
        super().__init__(loop, channel)
        self._on_done = on_done
        master, slave = pty.openpty()
        _resize(master, request)
        argv, directory = request["argv"], request["directory"]

        # Opened by its name as the first thing of a new session, a terminal becomes the one that signals go to.
        name = os.ttyname(slave)
        actions: list[Any] = [(os.POSIX_SPAWN_OPEN, 0, name, os.O_RDWR, 0)]
        actions += [(os.POSIX_SPAWN_DUP2, 0, 1), (os.POSIX_SPAWN_DUP2, 0, 2)]
        path = find_program(argv[0])

        def start() -> int:
            os.chdir(directory)
            os.environ["TERM"] = "xterm-256color"
            return spawn(path, argv, actions)

        self._kept = Kept(loop, start, {slave})
        self._kept.on_exit, self._kept.on_gone = self._on_exit, self._on_gone
        os.close(slave)
        self.attach(master)

    def on_frame(self, kind: int, payload: bytes) -> None:
        """As any relay; `RESIZE` carries the new size."""
        if kind == RESIZE and self._fd >= 0:
            _resize(self._fd, json.loads(payload.decode()))
        else:
            super().on_frame(kind, payload)

    def stop(self, grace: float) -> None:
        """Ends the shell and everything it started."""
        self._kept.stop(grace)

    def _on_exit(self) -> None:
        self._kept.stop(0)

    def _on_gone(self) -> None:
        if self._fd >= 0:
            self._on_readable()
        self.close()
        self._loop.send_json(DONE, self._channel, {"code": self._kept.code, "trouble": self._kept.trouble})
        self._on_done()


def listening_ports() -> list[int]:
    """The TCP ports that programs listen on inside, in order."""
    found = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            with open(table) as source:
                rows = [line.split() for line in source][1:]
        except OSError:
            continue
        found |= {int(row[1].rpartition(":")[2], 16) for row in rows if row[3] == "0A"}
    return sorted(found)


def _resize(fd: int, size: dict[str, Any]) -> None:
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", int(size["rows"]), int(size["columns"]), 0, 0))
