"""The providers as their file is at this moment, also while a person writes it by hand."""

from __future__ import annotations

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

    async def look(self) -> frozenset[str]:
        """Reads the file if it is another one than before; gives the names of providers of which something changed."""
        before = self.registry.own
        await in_thread(self._read)
        after = self.registry.own
        return frozenset(name for name in {*before, *after} if before.get(name) != after.get(name))

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


def _stamp(path: Path) -> tuple[int, int, int]:
    try:
        found = path.stat()
    except OSError:
        return 0, 0, 0
    return found.st_mtime_ns, found.st_size, found.st_ino
