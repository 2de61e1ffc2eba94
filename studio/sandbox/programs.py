"""Programs without a shell: bytes in, bytes out."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from studio.domain.errors import EngineError
from studio.sandbox.arguments import ARGUMENT_BYTES, require_sayable
from studio.sandbox.attend import TIMEOUT_GRACE, attend
from studio.sandbox.inside.frames import DONE, ERR, OUT, PIECE, PROGRAM
from studio.sandbox.link import Channel, Link, ended

_ERR_BYTES = 1 << 16


async def run_program(
    link: Link,
    argv: tuple[str, ...],
    *,
    stdin: bytes,
    timeout: float,
    max_bytes: int,
    keep: Callable[[bytes], Awaitable[None] | None],
) -> tuple[int, bytes]:
    """Runs a program to its end; `keep` gets its stdout. Returns exit code and stderr. Raises EngineError.

    Raises UserError for arguments that no program can be given.
    """
    require_sayable(argv, ARGUMENT_BYTES)
    fed = len(stdin) > PIECE
    request = {
        "argv": list(argv),
        "fed": fed,
        "input": "" if fed else stdin.decode("latin-1"),
        "timeout": timeout,
        "grace": TIMEOUT_GRACE,
        "max_bytes": max_bytes,
    }
    channel = link.channel(PROGRAM, request)
    result = _Result(channel, argv, max_bytes, keep)
    feeding = asyncio.create_task(_feed(channel, stdin), name="feeding a program") if fed else None
    try:
        await attend(channel, result.take, timeout)
    finally:
        if feeding is not None:
            feeding.cancel()
            await asyncio.wait((feeding,))
    return result.ended(timeout)


async def _feed(channel: Channel, stdin: bytes) -> None:
    try:
        await channel.write(stdin)
        await channel.end()
    except EngineError:
        return  # whoever reads the channel hears of it


class _Result:
    """What has come of a program so far."""

    def __init__(
        self, channel: Channel, argv: tuple[str, ...], max_bytes: int, keep: Callable[[bytes], Awaitable[None] | None]
    ) -> None:
        self._channel = channel
        self._name = " ".join(argv)[:80]
        self._left = max_bytes
        self._keep = keep
        self._err = bytearray()
        self._last = b""

    async def take(self, kind: int, payload: bytes) -> None:
        if kind == OUT:
            self._left -= len(payload)
            if self._left < 0:  # the supervisor keeps count as well, but nothing inside is trusted with it
                raise self._too_much()
            kept = self._keep(payload)
            if kept is not None:
                await kept
            await self._channel.used(len(payload))
        elif kind == ERR:
            self._err += payload[: _ERR_BYTES - len(self._err)]
        elif kind == DONE:
            self._last = payload

    def ended(self, timeout: float) -> tuple[int, bytes]:
        """Exit code and stderr of a program that ended by itself. Raises EngineError for any other end."""
        said = ended(self._last)
        match said.get("ended_by"):
            case "timeout":
                raise EngineError(f"“{self._name}” did not end within {timeout:g} seconds in the sandbox.")
            case "too much":
                raise self._too_much()
            case "stopped":
                raise EngineError(f"“{self._name}” was stopped.")
        return said["code"], bytes(self._err)

    def _too_much(self) -> EngineError:
        return EngineError(f"“{self._name}” wrote more than it may in the sandbox.")
