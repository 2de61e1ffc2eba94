"""How sandboxes stand, what they use, and what of them is left over."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from studio.domain.ids import ProjectId, RunId
from studio.domain.services import ServiceView


class SandboxState(StrEnum):
    """Where the sandbox of a run stands."""

    NONE = "none"  # the run has had none, or it was closed
    STARTING = "starting"
    RUNNING = "running"
    ASLEEP = "asleep"  # paused: it keeps its memory and what runs in it, and wakes when it is used
    LOST = "lost"  # its container ended, or cannot be reached; the next use starts another

    @property
    def open(self) -> bool:
        """Whether there is a container."""
        return self in (SandboxState.RUNNING, SandboxState.ASLEEP)


@dataclass(frozen=True, slots=True)
class SandboxUse:
    """What a sandbox uses now; `cpu_percent` is of one core."""

    memory_bytes: int
    cpu_percent: float
    pids: int


@dataclass(frozen=True, slots=True)
class SandboxView:
    """The sandbox of one run as people see it.

    `unused` is for how many seconds nobody used it, `disk_bytes` what its files take as they were measured last, `use`
    what it uses where that was asked for and could be read. `keeps` names the volumes of its services, `weaker` says
    that its walls are weaker than a container's.
    """

    run: RunId
    project: ProjectId
    state: SandboxState
    container: str = ""
    image: str = ""
    unused: float = 0.0
    memory_limit: int = 0
    disk_bytes: int | None = None
    services: tuple[ServiceView, ...] = ()
    use: SandboxUse | None = None
    trouble: str = ""
    keeps: tuple[str, ...] = ()
    weaker: str = ""


class LitterKind(StrEnum):
    """What something is that is left over."""

    CONTAINER = "container"
    VOLUME = "volume"
    IMAGE = "image"


@dataclass(frozen=True, slots=True)
class Litter:
    """Something that is left over and can go: what it is, how much it takes, and why it is not needed."""

    kind: LitterKind
    id: str
    name: str
    bytes: int
    reason: str


@dataclass(frozen=True, slots=True)
class Cleared:
    """What was cleared away, and what could not be, each with the reason."""

    gone: tuple[Litter, ...]
    kept: tuple[str, ...]

    @property
    def bytes(self) -> int:
        """How much room that made."""
        return sum(litter.bytes for litter in self.gone)


@dataclass(frozen=True, slots=True)
class DiskPart:
    """One line of a disk meter; `where` says of what it is the size."""

    name: str
    bytes: int
    where: str


@dataclass(frozen=True, slots=True)
class DiskMeter:
    """What sandboxes take on disk, what is left over of them, and how much is free where the data folder lies."""

    parts: tuple[DiskPart, ...]
    litter: tuple[Litter, ...]
    free: int
