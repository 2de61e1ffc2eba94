"""Container lines: what a sandbox's own container and the services beside it write, as console entries."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from studio.domain.console import ConsoleEntry, ConsoleKind
from studio.domain.container_logs import LogLine, LogSource
from studio.domain.log_lines import LogReader

_KINDS = {LogSource.SANDBOX: ConsoleKind.SANDBOX, LogSource.SERVICE: ConsoleKind.SERVICE}


class ContainerLines:
    """Reads the logs of all containers of one sandbox; each line keeps the time at which it was written."""

    def __init__(self) -> None:
        self._readers: dict[tuple[LogSource, str], LogReader] = {}
        self._fed: dict[tuple[LogSource, str], float] = {}

    @property
    def is_waiting(self) -> bool:
        """Whether something was read that may not be whole yet: `finish` gives it when nothing more comes."""
        return any(reader.is_waiting for reader in self._readers.values())

    def feed(self, lines: Iterable[LogLine], at: float) -> tuple[ConsoleEntry, ...]:
        """The entries that are whole with these lines, heard `at` some second; processes are heard elsewhere."""
        found: list[ConsoleEntry] = []
        for line in lines:
            kind = _KINDS.get(line.source)
            if kind is not None:
                key = (line.source, line.name)
                reader = self._readers.get(key) or self._readers.setdefault(key, LogReader(line.name, kind))
                found += reader.feed(f"{line.text}\n", line.time)
                self._fed[key] = at
        return tuple(found)

    def settle(self, before: float, now: datetime) -> tuple[ConsoleEntry, ...]:
        """What was read of those that have said nothing since `before`, whatever the others say, and is not given."""
        settled = [reader for key, reader in self._readers.items() if self._fed[key] <= before]
        return tuple(entry for reader in settled for entry in reader.finish(now))

    def finish(self, now: datetime) -> tuple[ConsoleEntry, ...]:
        """What was read and is not given yet."""
        return tuple(entry for reader in self._readers.values() for entry in reader.finish(now))
