"""Speaking with a program in a sandbox: bytes in and bytes out for as long as it runs."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Self

from studio.domain.errors import EngineError
from studio.sandbox.arguments import ARGUMENT_BYTES, require_sayable
from studio.sandbox.attend import TIMEOUT_GRACE
from studio.sandbox.inside.frames import DONE, ERR, OUT, PROGRAM
from studio.sandbox.link import Channel, Link, ended

_LONGEST_SECONDS = 7 * 86_400.0
_COMPLAINT_BYTES = 2000
_CLOSE_SECONDS = 5.0
_GRACE = 1.0


class Speaking:
    """One running program. It ends when it is closed, when it has said more than it may, and with its sandbox."""

    def __init__(self, channel: Channel, max_bytes: int) -> None:
        self._channel = channel
        self._left = max_bytes
        self._complaint = bytearray()
        self._over = False
        self._code: int | None = None

    @classmethod
    async def start(cls, link: Link, argv: tuple[str, ...], max_bytes: int) -> Self:
        """Asks for the program to be run; that it cannot be run is heard from `read`. Raises EngineError, UserError."""
        require_sayable(argv, ARGUMENT_BYTES)
        request = {
            "argv": list(argv),
            "fed": True,
            "input": "",
            "timeout": _LONGEST_SECONDS,
            "grace": TIMEOUT_GRACE,
            "max_bytes": max_bytes,
        }
        return cls(await link.open(PROGRAM, request), max_bytes)

    @property
    def exit_code(self) -> int | None:
        """How it ended by itself, as far as was read; None while it runs, or when it was ended."""
        return self._code

    @property
    def complaint(self) -> str:
        """The end of what it wrote on its standard error."""
        return self._complaint.decode("utf-8", "replace").strip()

    async def write(self, data: bytes) -> None:
        """Sends bytes, no faster than the program takes them. Raises EngineError when the sandbox is gone."""
        await self._channel.write(data)

    async def read(self) -> bytes:
        """What comes next; nothing once the program has ended. Raises EngineError when it could not be run."""
        while not self._over:
            kind, payload = await self._channel.read()
            if kind == OUT:
                self._left -= len(payload)
                if self._left < 0:  # the supervisor keeps count as well, but nothing inside is trusted with it
                    raise EngineError("It wrote more than it may.")
                await self._channel.used(len(payload))
                return payload
            if kind == ERR:
                self._complaint = (self._complaint + payload)[-_COMPLAINT_BYTES:]
            elif kind == DONE:
                self._over = True
                said = ended(payload)
                self._code = None if said.get("ended_by") else int(said["code"])
        return b""

    async def close(self) -> None:
        """Ends the program and all it started; safe to call twice."""
        with suppress(EngineError, TimeoutError):
            async with asyncio.timeout(_CLOSE_SECONDS):
                if not self._over:
                    await self._channel.stop(_GRACE)
                while await self.read():
                    pass
        self._over = True
        self._channel.close()
