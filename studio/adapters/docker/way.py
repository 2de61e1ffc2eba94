"""The way to an engine: where its API is spoken, made ready before each call."""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping

from studio.adapters.docker.find import Endpoint
from studio.adapters.docker.ssh import SshWay
from studio.base.aio import in_thread


class Way:
    """Leads to the engine that is to be used; another one than at first, where that was not there and one is by now."""

    def __init__(self, endpoint: Endpoint, env: Mapping[str, str], find: Callable[[], Endpoint] | None = None) -> None:
        """`find` tells anew which engine is to be used. Raises EngineError for an address that is none."""
        self._env = env
        self._find = find
        self._take(endpoint)

    def __str__(self) -> str:
        return str(self.endpoint)

    async def ready(self) -> Endpoint:
        """Where its API is spoken now. Raises EngineError when there is no way to it."""
        return self.endpoint if self._ssh is None else await self._ssh.ready()

    async def find_again(self) -> None:
        """Looks which engine is to be used now. Raises EngineError when that cannot be told."""
        found = await in_thread(self._find) if self._find is not None else self.endpoint
        if found != self.endpoint:
            await self.close()
            self._take(found)

    async def close(self) -> None:
        """Ends what was begun to reach it."""
        if self._ssh is not None:
            await self._ssh.close()

    def _take(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self._ssh = SshWay(endpoint, self._env) if endpoint.is_remote else None


def knock(endpoint: Endpoint, seconds: float) -> None:
    """Finds out in the system's own words whether a Unix socket answers; raises OSError."""
    if endpoint.socket is not None:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as visitor:
            visitor.settimeout(seconds)
            visitor.connect(str(endpoint.socket))
