"""What Studio asks of a container engine about what a container writes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class LoggedLine:
    """One line that a container's own program wrote, or the first part of a very long one; nothing of it is trusted."""

    time: datetime
    text: str
    is_error: bool = False


class LogStream(Protocol):
    """What one container's own program writes, from its last lines on."""

    async def read(self) -> tuple[LoggedLine, ...]:
        """The next lines, as soon as there are some; none when nothing more comes, however that came about."""
        ...

    async def close(self) -> None:
        """Ends the connection."""
        ...
