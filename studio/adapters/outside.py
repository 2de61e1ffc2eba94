"""The network as this machine sees it."""

from __future__ import annotations

import asyncio
import ipaddress
import socket

from studio.base.aio import Threads
from studio.contracts.outside import Address

_THREADS = 8
_DISCARD = 9


class SystemOutside:
    """Implements contracts/outside.Outside; names are looked up in threads of their own, as a lookup may hang."""

    def __init__(self) -> None:
        self._threads = Threads(_THREADS, "resolver")

    async def resolve(self, host: str) -> tuple[Address, ...]:
        """What this machine's own resolver says. Raises OSError."""
        found = await self._threads.run(socket.getaddrinfo, host, None, 0, socket.SOCK_STREAM)
        return tuple(dict.fromkeys(ipaddress.ip_address(str(each[4][0]).partition("%")[0]) for each in found))

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
