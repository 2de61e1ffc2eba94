"""The event loop inside the sandbox: file descriptors, timers, and frames to the host."""

from __future__ import annotations

import heapq
import itertools
import json
import os
import selectors
import time
from collections.abc import Callable
from typing import Any

from studio.sandbox.inside.frames import MAX_PAYLOAD, frame

Act = Callable[[], None]


class Timer:
    """Something to be done later, unless cancelled."""

    def __init__(self, act: Act) -> None:
        self.act: Act | None = act

    def cancel(self) -> None:
        """Forgets what was to be done."""
        self.act = None


class Loop:
    """Runs everything in one thread; ends when the host's side of `source` closes."""

    def __init__(self, source: int, sink: int) -> None:
        self._selector = selectors.DefaultSelector()
        self._readers: dict[int, Act] = {}
        self._writers: dict[int, Act] = {}
        self._timers: list[tuple[float, int, Timer]] = []
        self._order = itertools.count()
        self._sink = sink
        self._unsent = bytearray()
        self.source = source
        self.ended = False
        os.set_blocking(source, False)
        os.set_blocking(sink, False)

    def on_readable(self, fd: int, act: Act | None) -> None:
        """Calls `act` whenever `fd` can be read; None stops that."""
        self._note(self._readers, fd, act)

    def on_writable(self, fd: int, act: Act | None) -> None:
        """Calls `act` whenever `fd` can be written; None stops that."""
        self._note(self._writers, fd, act)

    def forget(self, fd: int) -> None:
        """Stops watching `fd` and closes it."""
        self.on_readable(fd, None)
        self.on_writable(fd, None)
        os.close(fd)

    def later(self, seconds: float, act: Act) -> Timer:
        """Does `act` once, after so many seconds."""
        timer = Timer(act)
        heapq.heappush(self._timers, (time.monotonic() + seconds, next(self._order), timer))
        return timer

    def send(self, kind: int, channel: int, payload: bytes = b"") -> None:
        """Sends one frame to the host, as soon as the pipe takes it."""
        assert len(payload) <= MAX_PAYLOAD
        self._unsent += frame(kind, channel, payload)
        self._flush()

    def send_json(self, kind: int, channel: int, value: dict[str, Any]) -> None:
        """As `send`, with a plain value."""
        self.send(kind, channel, json.dumps(value).encode())

    def run(self) -> None:
        """Serves until `ended`."""
        while not self.ended:
            for key, mask in self._selector.select(self._until_next_timer()):
                if mask & selectors.EVENT_WRITE and key.fd in self._writers:
                    self._writers[key.fd]()
                if mask & selectors.EVENT_READ and key.fd in self._readers:
                    self._readers[key.fd]()
            now = time.monotonic()
            while self._timers and self._timers[0][0] <= now:
                timer = heapq.heappop(self._timers)[2]
                if timer.act is not None:
                    timer.act()

    def _until_next_timer(self) -> float | None:
        return max(0.0, self._timers[0][0] - time.monotonic()) if self._timers else None

    def _flush(self) -> None:
        try:
            while self._unsent:
                del self._unsent[: os.write(self._sink, self._unsent)]
        except BlockingIOError:
            self.on_writable(self._sink, self._flush)
            return
        except OSError:
            self.ended = True
            return
        self.on_writable(self._sink, None)

    def _note(self, table: dict[int, Act], fd: int, act: Act | None) -> None:
        if act is not None:
            if table.get(fd) is not None:
                table[fd] = act
                return
            table[fd] = act
        elif table.pop(fd, None) is None:
            return
        wanted = (fd in self._readers and selectors.EVENT_READ) | (fd in self._writers and selectors.EVENT_WRITE)
        try:
            self._selector.get_key(fd)
        except KeyError:
            self._selector.register(fd, wanted)
            return
        if wanted:
            self._selector.modify(fd, wanted)
        else:
            self._selector.unregister(fd)
