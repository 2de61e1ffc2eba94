"""The routing table as its file is at this moment, also while a person writes it by hand."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from studio.base.aio import in_thread
from studio.base.log import logger
from studio.domain.errors import UserError
from studio.domain.routing import RoutingTable
from studio.router.current_providers import no_look
from studio.router.registry import Registry
from studio.router.table_file import load_table

log = logger("router")


class CurrentTable:
    """Reads the file again whenever it has changed; without one the `table` never changes.

    A file with a mistake leaves the table as it was: what works must not stop while somebody types. `mistake` says
    what is wrong with it.
    """

    def __init__(
        self,
        path: Path | None,
        registry: Registry | None = None,
        table: RoutingTable | None = None,
        look: Callable[[], Awaitable[None]] = no_look,
    ) -> None:
        self.path = path
        self.registry = registry or Registry()
        self.table = table or RoutingTable()
        self.mistake: UserError | None = None
        self._look = look
        self._seen: tuple[object, ...] | None = None

    async def look(self) -> RoutingTable:
        """The table, read again if the file is another one than before; first has a `look` at the providers."""
        await self._look()
        if self.path is not None:
            await in_thread(self._read, self.path)
        return self.table

    def require_right(self) -> None:
        """Raises UserError for a file with a mistake of which no table was read before."""
        if self.mistake is not None and not self.table.models:
            raise self.mistake

    def _read(self, path: Path) -> None:
        # A provider that is added or removed makes right or wrong what names it.
        seen = (*_stamp(path), self.registry.names)
        if seen == self._seen:
            return
        self._seen = seen
        try:
            self.table = load_table(path, self.registry)
            self.mistake = None
        except UserError as mistake:
            self.mistake = mistake
            log.warning("routing_table_kept", why=mistake.sentence)


def _stamp(path: Path) -> tuple[int, int, int]:
    try:
        found = path.stat()
    except OSError:
        return 0, 0, 0
    return found.st_mtime_ns, found.st_size, found.st_ino
