"""The services beside a run's sandbox."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class ServicesStarted:
    """The services that a compose file of the project asks for were started with the run's sandbox.

    `services` tells of each in a line how it stands; `trouble` says that one is not as it should be, and `troubled`
    which lines are of such: all, where none is named.
    """

    kind: ClassVar[str] = "services_started"
    file: str
    services: tuple[str, ...]
    trouble: bool = False
    troubled: tuple[str, ...] = ()

    @property
    def parts(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The lines of services that are as they should be, and of those that are not."""
        wrong = (self.troubled or self.services) if self.trouble else ()
        return tuple(line for line in self.services if line not in wrong), wrong


@dataclass(frozen=True, slots=True)
class ServicesTold:
    """The run's agent was told, before a step, which services stand beside its sandbox; `told` is how."""

    kind: ClassVar[str] = "services_told"
    turn: str
    told: str


@dataclass(frozen=True, slots=True)
class ServiceDataKept:
    """The volumes of this run's services were copied: those of the project's new runs begin so.

    `names` are the volumes as the compose file calls them, `bytes` what they take. It is in the place of any before it.
    """

    kind: ClassVar[str] = "service_data_kept"
    data: str
    names: tuple[str, ...]
    bytes: int


@dataclass(frozen=True, slots=True)
class ServiceDataForgotten:
    """Services of the project's new runs begin empty again."""

    kind: ClassVar[str] = "service_data_forgotten"
    data: str
