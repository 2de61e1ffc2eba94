"""A service: a program beside the sandbox, a database say, as the project's compose file asks for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ServiceVolume:
    """A volume that the run has for itself, under the name that the file gives it."""

    name: str
    target: str
    read_only: bool = False


@dataclass(frozen=True, slots=True)
class ServiceFile:
    """A file or folder of the repository, as the base commit has it; a service can only read it."""

    path: str
    target: str


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """A program run in the service, whose exit code zero says that it can be used; `start_seconds` may pass before."""

    argv: tuple[str, ...]
    timeout: float = 30.0
    every: float = 1.0


@dataclass(frozen=True, slots=True)
class Need:
    """A service that must be there first: `started`, `healthy` or `completed`."""

    service: str
    until: str = "started"


@dataclass(frozen=True, slots=True)
class Service:
    """What is started beside the sandbox, on the same loopback; `None` leaves to the image what it says.

    `ports` are those it listens on, `names` what the others may call it besides its own name.
    """

    name: str
    image: str
    entrypoint: tuple[str, ...] | None = None
    command: tuple[str, ...] | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    user: str = ""
    workdir: str = ""
    volumes: tuple[ServiceVolume, ...] = ()
    files: tuple[ServiceFile, ...] = ()
    writable: tuple[str, ...] = ()
    ports: tuple[int, ...] = ()
    names: tuple[str, ...] = ()
    needs: tuple[Need, ...] = ()
    health: HealthCheck | None = None
    memory_bytes: int = 0
    cpus: float = 0.0
    grace: float = 10.0


@dataclass(frozen=True, slots=True)
class Left:
    """A service that is not started: why, and what can be done. One `at_home` is the app, which the sandbox is for.

    `env` are the variables that the app is to find there.
    """

    service: str
    sentence: str
    action: str
    at_home: bool = False
    env: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Services:
    """What a compose file asks for: those that are started, each after what it needs, and those that are not."""

    started: tuple[Service, ...] = ()
    left: tuple[Left, ...] = ()
    file: str = ""

    @property
    def app_env(self) -> dict[str, str]:
        """What the sandbox finds set for the app that it is for; of two values the one that the file says first."""
        return {name: value for one in reversed(self.left) for name, value in one.env.items()}

    @property
    def at_home(self) -> tuple[str, ...]:
        """The services that the sandbox itself is for."""
        return tuple(one.service for one in self.left if one.at_home)

    @property
    def hosts(self) -> dict[str, str]:
        """The names of all services, which all lead to the loopback that they and the sandbox share."""
        names = (name for service in self.started for name in (service.name, *service.names))
        return dict.fromkeys((*names, *self.at_home), "127.0.0.1")


NO_SERVICES = Services()
