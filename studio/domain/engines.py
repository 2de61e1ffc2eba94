"""Container engines: whether the one that Studio uses can be used now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class EngineState(StrEnum):
    """How the container engine was when it was last looked at."""

    UNKNOWN = "unknown"  # nobody has looked yet
    UP = "up"
    LOST = "lost"  # it answered before, and is gone
    HUNG = "hung"  # it takes calls and does not answer them
    ABSENT = "absent"  # it has not answered since Studio began

    @property
    def away(self) -> bool:
        """Whether nothing can run now."""
        return self in (EngineState.LOST, EngineState.HUNG, EngineState.ABSENT)


@dataclass(frozen=True, slots=True)
class EngineView:
    """The container engine as people are told of it: `sentence` and `action` say what is wrong, `since` since when.

    Of one that is up, `engine` says which it is and how strong its walls are, `holes` what is known against it.
    """

    state: EngineState = EngineState.UNKNOWN
    sentence: str = ""
    action: str = ""
    since: datetime | None = None
    engine: str = ""
    holes: tuple[str, ...] = ()


_ISOLATION = {
    "vm": "vm, containers have a virtual machine between them and this system",
    "rootless": "rootless, who gets out of a container has no more rights than you",
    "userns": "userns, root in a container is nobody outside",
    "rootful": "rootful, containers share this system's kernel, and the engine is root here",
}


def isolation_words(isolation: str) -> str:
    """How strong an engine's walls are, and what that means."""
    return _ISOLATION.get(isolation, isolation)
