"""Shown: a sandbox that sees what was made here for it to read, before each program that may read it."""

from __future__ import annotations

from pathlib import Path

from studio.contracts.guest import GuestOutput
from studio.sandbox.box import Sandbox


class Shown:
    """A sandbox as a Guest; one whose engine does not see this machine's folders has what it reads laid in anew."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    async def run(
        self, argv: tuple[str, ...], *, stdin: bytes = b"", timeout: float = 60.0, max_bytes: int = 1 << 20
    ) -> GuestOutput:
        """See Guest."""
        await self._sandbox.lay_in_read_only()
        return await self._sandbox.run(argv, stdin=stdin, timeout=timeout, max_bytes=max_bytes)

    async def run_to_file(
        self, argv: tuple[str, ...], target: Path, *, timeout: float = 300.0, max_bytes: int = 1 << 30
    ) -> GuestOutput:
        """See Guest."""
        await self._sandbox.lay_in_read_only()
        return await self._sandbox.run_to_file(argv, target, timeout=timeout, max_bytes=max_bytes)
