"""The providers as their file is at this moment, also while a person writes it by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from studio.base.aio import in_thread
from studio.base.log import logger
from studio.base.toml_file import write_whole
from studio.domain.errors import UserError
from studio.router.provider_file import load_providers, read_providers
from studio.router.registry import Registry

log = logger("router")


class CurrentProviders:
    """Reads the file again whenever it has changed, and lets the `registry` go by it.

    A file with a mistake leaves all as it was: what works must not stop while somebody types. `mistake` says what is
    wrong with it. With one that is wrong from the beginning there is no provider until it is put right.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._stamp = _stamp(path)
        self.registry = Registry()
        self.mistake: UserError | None = None
        try:
            self.registry.use(load_providers(path))
        except UserError as mistake:
            self.mistake = mistake
            self.registry.refuse(mistake)
        self._tell: Callable[[str], Awaitable[None]] | None = None
        self._looking = asyncio.Lock()

    def tell(self, changed: Callable[[str], Awaitable[None]]) -> None:
        """From now on, `changed` is told the name of each provider of which a look finds something else than before."""
        self._tell = changed

    async def look(self) -> None:
        """Reads the file if it is another one than before; whoever looked goes by it only after all are told."""
        async with self._looking:
            before = self.registry.own
            await in_thread(self._read)
            after = self.registry.own
            if before is after or self._tell is None:
                return
            for name in {*before, *after}:
                if before.get(name) != after.get(name):
                    await self._tell(name)

    def write(self, text: str) -> None:
        """Puts `text` in the place of the file; blocks. Raises UserError for one with a mistake, and OSError."""
        read_providers(text, self.path)
        # A link to a file that is kept elsewhere stays a link.
        write_whole(self.path.resolve(), text)

    def _read(self) -> None:
        stamp = _stamp(self.path)
        if stamp == self._stamp:
            return
        self._stamp = stamp
        try:
            self.registry.use(load_providers(self.path))
            self.mistake = None
        except UserError as mistake:
            self.mistake = mistake
            log.warning("providers_kept", why=mistake.sentence)


async def no_look() -> None:
    """Stands for a look where there is no file of providers."""


def _stamp(path: Path) -> tuple[int, int, int]:
    try:
        found = path.stat()
    except OSError:
        return 0, 0, 0
    return found.st_mtime_ns, found.st_size, found.st_ino
