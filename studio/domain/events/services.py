"""The services beside a run's sandbox."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class ServicesStarted:
    """The services that a compose file of the project asks for were started with the run's sandbox.

    `services` tells of each in a line how it stands; `trouble` says that one is not as it should be.
    """

    kind: ClassVar[str] = "services_started"
    file: str
    services: tuple[str, ...]
    trouble: bool = False


@dataclass(frozen=True, slots=True)
class ServicesTold:
    """The run's agent was told, before a step, which services stand beside its sandbox; `told` is how."""

    kind: ClassVar[str] = "services_told"
    turn: str
    told: str
