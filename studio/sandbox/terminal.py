"""A terminal in the sandbox, as a stream."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from studio.contracts.sandbox_engine import ExecStream, SandboxEngine
from studio.domain.errors import EngineError
from studio.sandbox.inside.frames import DONE, OUT, RESIZE, TERMINAL
from studio.sandbox.link import Channel, Link, ended
from studio.sandbox.sleep import SleepElsewhere


@asynccontextmanager
async def attached_terminal(
    engine: SandboxEngine, container: str, columns: int, rows: int
) -> AsyncIterator[ExecStream]:
    """A shell in a container that any process may open; it ends with the block, or with the process.

    A container that sleeps, now or later, wakes when something is typed. Raises EngineError.
    """
    sleep = SleepElsewhere(engine, container)
    await sleep.wake()
    link = await Link.start(engine, container, shell=False, sleep=sleep)
    try:
        terminal = await open_shell(link, columns, rows)
        yield terminal
        await terminal.close()
    finally:
        await link.close()


async def open_shell(link: Link, columns: int, rows: int) -> Terminal:
    """An interactive shell over a link that stands. Raises EngineError."""
    return Terminal(await link.open(TERMINAL, {"argv": ["bash"], "columns": columns, "rows": rows}))


class Terminal:
    """An interactive shell on a terminal of its own; implements contracts/sandbox_engine.ExecStream."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._code: int | None = None
        self._over = False

    async def write(self, data: bytes) -> None:
        """Types. Raises EngineError when the terminal is gone."""
        await self._channel.write(data)

    async def read(self) -> bytes:
        """What the terminal shows next; empty once its shell has ended."""
        while not self._over:
            try:
                kind, payload = await self._channel.read()
                if kind == OUT:
                    await self._channel.used(len(payload))
                    return payload
                if kind == DONE:
                    self._finish()
                    self._code = ended(payload)["code"]
            except EngineError:
                self._finish()
        return b""

    async def resize(self, columns: int, rows: int) -> None:
        """Tells programs the terminal's size in characters."""
        await self._channel.tell(RESIZE, {"columns": columns, "rows": rows})

    async def exit_code(self) -> int | None:
        """The shell's exit code once `read` has come to its end; None when it is not known."""
        return self._code

    async def close(self) -> None:
        """Ends the shell and everything that was started in it."""
        if not self._over:
            with suppress(EngineError):
                await self._channel.stop(0)
            self._finish()

    def _finish(self) -> None:
        self._over = True
        self._channel.close()
