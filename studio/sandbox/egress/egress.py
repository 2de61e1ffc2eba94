"""Egress: how programs in sandboxes reach hosts outside, through a proxy on this machine."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

import h11

from studio.contracts.clock import Clock
from studio.contracts.outside import Outside
from studio.domain.errors import EngineError
from studio.domain.ids import ProjectId, RunId
from studio.domain.network import NetworkMode
from studio.sandbox.egress.carrying import Said
from studio.sandbox.egress.http import serve_http
from studio.sandbox.egress.judging import Judge
from studio.sandbox.egress.ledger import ConnectionLedger
from studio.sandbox.egress.registries import Registries
from studio.sandbox.egress.socks import VERSION, serve_socks
from studio.sandbox.egress.way_out import WayOut
from studio.sandbox.listener import Caller, Serve

PORT = 3128
"""Where the way out is inside a sandbox, on its own loopback."""

_PROXY = f"http://127.0.0.1:{PORT}"
_VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
_AROUND = "localhost,127.0.0.1,::1"


class Egress:
    """The way out of every sandbox of a data folder; `most_bytes` is what a run may move, 0 for no ceiling."""

    def __init__(self, judge: Judge, ledger: ConnectionLedger, outside: Outside, clock: Clock, most_bytes: int) -> None:
        self.registries = Registries(judge, ledger, outside)
        self._judge = judge
        self._ledger = ledger
        self._outside = outside
        self._clock = clock
        self._most_bytes = most_bytes
        self._ways: dict[RunId, WayOut] = {}
        self._served: dict[ProjectId, set[asyncio.Task[Any]]] = {}

    async def environment(self, project: ProjectId) -> dict[str, str]:
        """What tells programs in a project's sandboxes of the way out; empty where there is none."""
        if await self._judge.mode(project) is NetworkMode.NONE:
            return {}
        proxies = {name: _PROXY for variable in _VARIABLES for name in (variable, variable.lower())}
        around = {"NO_PROXY": _AROUND, "no_proxy": _AROUND, "NODE_USE_ENV_PROXY": "1"}
        return {**proxies, **around, **await self._judge.clients(project)}

    def serve(self, project: ProjectId, run: RunId) -> Serve:
        """What serves each connection that a program of the run makes to the way out."""
        # Kept over a new start of its sandbox, which a program can bring about: what was used up stays so.
        way = self._ways.get(run)
        if way is None:
            way = self._ways[run] = WayOut(
                project, run, self._judge, self._ledger, self._outside, self._clock, self._most_bytes
            )

        async def serve(caller: Caller) -> None:
            said = Said(caller)
            served = self._served.setdefault(project, set())
            if (task := asyncio.current_task()) is not None:
                served.add(task)
                task.add_done_callback(served.discard)
            with suppress(EOFError, EngineError, h11.ProtocolError):
                try:
                    first = await said.exactly(1)
                    said.give_back(first)
                    await (serve_socks if first[0] == VERSION else serve_http)(said, caller, way)
                finally:
                    await said.close()

        return serve

    def forget(self, run: RunId) -> None:
        """Keeps nothing of a run that is gone for good."""
        self._ways.pop(run, None)

    def cut(self, project: ProjectId) -> None:
        """Breaks off every connection of a project's sandboxes: what may be reached has changed."""
        for task in tuple(self._served.get(project, ())):
            task.cancel()
