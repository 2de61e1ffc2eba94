"""The container a run works in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class SandboxStarted:
    """A container came up for the run."""

    kind: ClassVar[str] = "sandbox_started"
    container: str
    image: str
    milliseconds: float = 0.0


@dataclass(frozen=True, slots=True)
class SandboxStopped:
    """The run's container is gone."""

    kind: ClassVar[str] = "sandbox_stopped"
    container: str
    reason: str = ""
