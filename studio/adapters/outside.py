"""The network as this machine sees it."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Callable

from studio.base.aio import Threads
from studio.contracts.outside import Address

_THREADS = 8
_DISCARD = 9
_KNOWN_SECONDS = 30.0
"""How long a name leads where it led: a package client makes a hundred connections to one host at once."""

LookUp = Callable[[str], tuple[Address, ...]]


def system_look_up(host: str) -> tuple[Address, ...]:
    """What this machine's own resolver says; blocks, perhaps for long. Raises OSError."""
    found = socket.getaddrinfo(host, None, 0, socket.SOCK_STREAM)
    return tuple(dict.fromkeys(ipaddress.ip_address(str(each[4][0]).partition("%")[0]) for each in found))


class SystemOutside:
    """Implements contracts/outside.Outside; names are looked up in threads of their own, as a lookup may hang."""

    def __init__(self, look_up: LookUp = system_look_up) -> None:
        self._look_up = look_up
        self._threads = Threads(_THREADS, "resolver")
        self._known: dict[str, tuple[float, asyncio.Future[tuple[Address, ...]]]] = {}

    async def resolve(self, host: str) -> tuple[Address, ...]:
        """What this machine's own resolver says, or said not long ago. Raises OSError."""
        now = asyncio.get_running_loop().time()
        self._known = {name: known for name, known in self._known.items() if known[0] > now}
        if host not in self._known:
            asked = asyncio.ensure_future(self._threads.run(self._look_up, host))
            asked.add_done_callback(lambda ended: self._forget_failure(host, ended))
            self._known[host] = (now + _KNOWN_SECONDS, asked)
        # Who gives up waiting takes the answer from nobody else.
        return await asyncio.shield(self._known[host][1])

    async def connect(self, address: Address, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A TCP connection. Raises OSError."""
        return await asyncio.open_connection(str(address), port)

    def is_here(self, address: Address) -> bool:
        """Whether what this machine would send there comes from there, too. Nothing is sent."""
        family = socket.AF_INET if address.version == 4 else socket.AF_INET6
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as probe:
                probe.connect((str(address), _DISCARD))
                return str(probe.getsockname()[0]) == str(address)
        except OSError:
            return False

    def close(self) -> None:
        """Frees the threads."""
        self._threads.close()

    def _forget_failure(self, host: str, ended: asyncio.Future[tuple[Address, ...]]) -> None:
        if ended.cancelled() or ended.exception() is not None:
            self._known.pop(host, None)
