"""The container a run works in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class SandboxStarted:
    """A container came up for the run; `weaker` says it where its walls are weaker than a container's."""

    kind: ClassVar[str] = "sandbox_started"
    container: str
    image: str
    milliseconds: float = 0.0
    weaker: str = ""


@dataclass(frozen=True, slots=True)
class SandboxStopped:
    """The run's container is gone."""

    kind: ClassVar[str] = "sandbox_stopped"
    container: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class SandboxSlept:
    """The run's container was paused because nobody used it; it keeps what runs in it."""

    kind: ClassVar[str] = "sandbox_slept"
    container: str


@dataclass(frozen=True, slots=True)
class SandboxWoke:
    """The run's container goes on, because something was wanted of it."""

    kind: ClassVar[str] = "sandbox_woke"
    container: str
    milliseconds: float = 0.0
