"""The program inside a sandbox that does what the host asks, over its own stdin and stdout."""

from __future__ import annotations

import gc
import json
import os
from typing import Any

from studio.sandbox.inside.behind import Behind
from studio.sandbox.inside.frames import (
    ACCEPT,
    BEHIND,
    DONE,
    LISTEN,
    OPEN,
    PORTS,
    PROGRAM,
    READY,
    SHELL,
    STOP,
    TERMINAL,
    Splitter,
)
from studio.sandbox.inside.keeper import descendants, guard_process, kill_tree
from studio.sandbox.inside.listen import Accepted, Listener, Lobby
from studio.sandbox.inside.loop import Loop
from studio.sandbox.inside.program import Program
from studio.sandbox.inside.relay import Connection, Terminal, listening_ports
from studio.sandbox.inside.shell import Shell
from studio.sandbox.inside.waiting import Pool


class Supervisor:
    """Hands each request to what serves it, and each later frame to whatever has its channel."""

    def __init__(self, loop: Loop, options: dict[str, Any]) -> None:
        self._loop = loop
        self._splitter = Splitter()
        self._channels: dict[int, Any] = {}
        self._lobby = Lobby()
        self._directory = options["directory"]
        self._pool = Pool(loop) if options["shell"] else None
        self._shell = Shell(loop, self._pool, self._directory) if self._pool is not None else None
        self._behind = Behind(self._shell) if self._shell is not None else None
        loop.on_readable(loop.source, self._on_host)
        loop.send(READY, 0)

    def _on_host(self) -> None:
        try:
            data = os.read(self._loop.source, 1 << 18)
        except BlockingIOError:
            return
        if not data:
            self._loop.ended = True
            return
        for kind, channel, payload in self._splitter.feed(data):
            self._handle(kind, channel, payload)

    def _handle(self, kind: int, channel: int, payload: bytes) -> None:
        if kind in (SHELL, PROGRAM, TERMINAL, OPEN, PORTS, BEHIND, LISTEN, ACCEPT):
            try:
                self._start(kind, channel, json.loads(payload.decode("utf-8", "surrogateescape") or "{}"))
            except OSError as error:
                self._channels.pop(channel, None)
                self._loop.send_json(DONE, channel, {"code": None, "trouble": os.strerror(error.errno or 0)})
        elif channel in self._channels:
            served = self._channels[channel]
            if kind == STOP:
                served.stop(json.loads(payload.decode())["grace"])
            else:
                served.on_frame(kind, payload)

    def _start(self, kind: int, channel: int, request: dict[str, Any]) -> None:
        def on_done() -> None:
            self._channels.pop(channel, None)

        if kind == PORTS:
            self._loop.send_json(DONE, channel, {"code": 0, "trouble": "", "ports": listening_ports()})
        elif kind == SHELL and self._shell is not None:
            self._channels[channel] = self._shell.run(channel, request, on_done)
        elif kind == BEHIND and self._behind is not None:
            wait = self._behind.serve(channel, request, on_done)
            if wait is not None and not wait.over:
                self._channels[channel] = wait
        elif kind == OPEN:
            self._channels[channel] = Connection(self._loop, channel, request, on_done)
        elif kind == LISTEN:
            self._channels[channel] = Listener(self._loop, channel, request, self._lobby, on_done)
        elif kind == ACCEPT:
            self._channels[channel] = Accepted(self._loop, channel, request, self._lobby, on_done)
        elif kind == TERMINAL:
            request["directory"] = self._directory
            self._channels[channel] = Terminal(self._loop, channel, request, on_done)
        elif kind == PROGRAM and self._pool is not None:
            request["directory"] = self._directory
            self._channels[channel] = Program(self._loop, self._pool, channel, request, on_done)


def serve(options: dict[str, Any]) -> None:
    """Serves until the host hangs up, then leaves nothing running. A bug is told to the host in words."""
    guard_process()
    # Nothing here makes cycles worth collecting, and a forked child would pay for every page a collection touches.
    gc.disable()
    os.makedirs(options["home"], exist_ok=True)
    loop = Loop(0, os.dup(1))
    try:
        Supervisor(loop, options)
        loop.run()
    except Exception as error:
        loop.send_json(DONE, 0, {"code": None, "trouble": _told(error)})
        raise
    finally:
        for _ in range(100):
            if not descendants(os.getpid()):
                break
            kill_tree(os.getpid())


def _told(error: Exception) -> str:
    """The bug and where it is; the library for this takes longer to load than all the rest to start."""
    places, at = [], error.__traceback__
    while at is not None:
        places.append("%s:%d" % (at.tb_frame.f_code.co_filename, at.tb_lineno))
        at = at.tb_next
    return ("%s: %s, at %s" % (type(error).__name__, error, ", ".join(places)))[-2000:]
