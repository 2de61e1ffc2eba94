"""The log of a sandbox of bubblewrap: its own program speaks only while it starts, so that nothing follows."""

from __future__ import annotations

from datetime import datetime

from studio.contracts.container_log import LoggedLine


class OwnLog:
    """What was said so far."""

    def __init__(self, said: bytes, lines: int, now: datetime) -> None:
        """`now` stands for the time of each line, as the log keeps none."""
        text = said.decode("utf-8", "replace")
        self._lines = tuple(LoggedLine(now, line, is_error=True) for line in text.splitlines()[-lines:])

    async def read(self) -> tuple[LoggedLine, ...]:
        """All of it; the second time nothing."""
        lines, self._lines = self._lines, ()
        return lines

    async def close(self) -> None:
        """Holds nothing."""
