"""What a sandbox's way out asks of the network outside."""

from __future__ import annotations

import asyncio
from ipaddress import IPv4Address, IPv6Address
from typing import Protocol

Address = IPv4Address | IPv6Address


class Outside(Protocol):
    """The network beyond this machine."""

    async def resolve(self, host: str) -> tuple[Address, ...]:
        """The addresses of a host by its name, the preferred one first. Raises OSError when there are none."""
        ...

    async def connect(self, address: Address, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection to exactly that address. Raises OSError."""
        ...

    def is_here(self, address: Address) -> bool:
        """Whether the address is one of this machine's own."""
        ...
