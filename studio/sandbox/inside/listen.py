"""Connections the other way round: programs inside connect to a port here, and the host takes what they say."""

from __future__ import annotations

import errno
import socket
from collections.abc import Callable
from typing import Any

from studio.sandbox.inside.frames import DONE, OUT
from studio.sandbox.inside.loop import Loop
from studio.sandbox.inside.relay import Conversation

_BACKLOG = 256
_MOST_WAITING = 64
_WAITING_SECONDS = 120.0


class Lobby:
    """The connections that the host has not taken yet; `on_room` is called when there is room for another."""

    def __init__(self) -> None:
        self._waiting: dict[int, socket.socket] = {}
        self._last = 0
        self.on_room: Callable[[], None] | None = None

    @property
    def full(self) -> bool:
        """Whether no more may wait."""
        return len(self._waiting) >= _MOST_WAITING

    def enter(self, made: socket.socket) -> int:
        """Lets a connection wait, and gives the number that it is taken by."""
        self._last += 1
        self._waiting[self._last] = made
        return self._last

    def take(self, number: int) -> socket.socket | None:
        """The connection with this number, which waits no longer; None when it is gone."""
        made = self._waiting.pop(number, None)
        if made is not None and self.on_room is not None:
            self.on_room()
        return made


class Listener:
    """A port on the sandbox's own loopback; each connection gets a number, which the host is told.

    While many wait for the host, others wait for them in the system's own line; one that it never takes is dropped.
    """

    def __init__(
        self,
        loop: Loop,
        channel: int,
        request: dict[str, Any],
        lobby: Lobby,
        on_done: Callable[[], None],
    ) -> None:
        self._loop, self._channel, self._lobby, self._on_done = loop, channel, lobby, on_done
        self._server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._server.setblocking(False)
        try:
            self._server.bind(("127.0.0.1", int(request["port"])))
            self._server.listen(_BACKLOG)
        except OSError:
            self._server.close()
            raise
        lobby.on_room = self._go_on
        self._go_on()
        self._tell(0)

    def on_frame(self, kind: int, payload: bytes) -> None:
        """The host has nothing to say to a listener."""

    def stop(self, grace: float) -> None:
        """Listens no more; what is connected stays so."""
        self._lobby.on_room = None
        self._loop.on_readable(self._server.fileno(), None)
        self._server.close()
        self._loop.send_json(DONE, self._channel, {"code": 0, "trouble": ""})
        self._on_done()

    def _on_connection(self) -> None:
        try:
            made, _ = self._server.accept()
        except OSError:  # it went again, or there are no descriptors left: then the next one may succeed
            return
        made.setblocking(False)
        number = self._lobby.enter(made)
        self._loop.later(_WAITING_SECONDS, lambda: self._drop(number))
        if self._lobby.full:
            self._loop.on_readable(self._server.fileno(), None)
        self._tell(number)

    def _go_on(self) -> None:
        self._loop.on_readable(self._server.fileno(), self._on_connection)

    def _drop(self, number: int) -> None:
        if (made := self._lobby.take(number)) is not None:
            made.close()

    def _tell(self, number: int) -> None:
        """Says which connection waits; 0 that the port is open."""
        self._loop.send(OUT, self._channel, number.to_bytes(4, "big"))


class Accepted(Conversation):
    """A connection that a program inside made, taken by the host."""

    def __init__(
        self,
        loop: Loop,
        channel: int,
        request: dict[str, Any],
        lobby: Lobby,
        on_done: Callable[[], None],
    ) -> None:
        super().__init__(loop, channel, on_done)
        self._socket = lobby.take(int(request["connection"]))
        if self._socket is None:
            raise OSError(errno.ENOTCONN, "the connection is gone")
        self.attach(self._socket.fileno())
