"""What a container engine is asked for, and what it says of what it has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Mount:
    """A host folder or file shown inside a container."""

    source: Path
    target: str
    read_only: bool = False


@dataclass(frozen=True, slots=True)
class Volume:
    """A named volume of ours shown inside a container; `create_volume` made it, and nobody else did."""

    name: str
    target: str
    read_only: bool = False
    filled: bool = True
    """Whether one that is empty begins as what the image has there, and as its owner's."""


@dataclass(frozen=True, slots=True)
class ContainerSpec:
    """A container as Studio wants it; everything not named here is the hardened default (SECURITY 3.1).

    `user` is `uid:gid`, never root. `memory_bytes` and `cpus` cap the whole container, `pids` its
    processes. `network` is none, or `container:<id>`: the loopback of another container of ours and nothing
    else. `hosts` are names for loopback addresses; a container that joins another has that one's. `argv` is what
    runs in place of an endless sleep, `writable` folders in memory that its user may write besides the usual.
    """

    name: str
    image: str
    user: str
    mounts: tuple[Mount, ...]
    labels: Mapping[str, str]
    env: Mapping[str, str] = field(default_factory=dict)
    workdir: str = "/workspace"
    memory_bytes: int = 2 * 1024**3
    cpus: float = 1.5
    pids: int = 256
    network: str = "none"
    hosts: Mapping[str, str] = field(default_factory=dict)
    argv: tuple[str, ...] = ()
    writable: tuple[str, ...] = ()
    volumes: tuple[Volume, ...] = ()


@dataclass(frozen=True, slots=True)
class BuildOptions:
    """How an image is built, besides from what.

    `args` are build arguments, `target` the stage that is wanted (empty: the last). `network` is what build steps
    see: the engine's own (`default`), nothing (`none`), or that of another container of ours (`container:<id>`).
    `memory_bytes`, `cpus` and `pids` cap each step (0: not at all), `seconds` is how long all of it may take. Processes
    are counted about once a second, where the engine tells in which container a step runs.
    """

    args: Mapping[str, str] = field(default_factory=dict)
    target: str = ""
    network: str = "default"
    memory_bytes: int = 0
    cpus: float = 0.0
    pids: int = 0
    seconds: float = 3600.0


STANDARD_BUILD = BuildOptions()


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """What an image says of itself: its content id, user and labels, the environment and the volumes it asks for.

    `on_build` are steps that a build from it begins with.
    """

    id: str
    user: str
    env: Mapping[str, str]
    volumes: tuple[str, ...]
    labels: Mapping[str, str] = field(default_factory=dict)
    on_build: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EngineInfo:
    """Which engine answers, and how strong its walls are (`rootful`, `rootless`, `userns` or `vm`).

    `address` is where, `origin` who named that. `machine` is what the engine's machine calls itself. `holes` are what
    is known to be weak in a part of it, a sentence each, and `unbounded` says what it has no bound for. `gives_names`
    says that a container which joins another has the `hosts` of that one.
    """

    name: str
    version: str
    isolation: str
    address: str = ""
    origin: str = ""
    machine: str = ""
    holes: tuple[str, ...] = ()
    unbounded: str = ""
    gives_names: bool = True


@dataclass(frozen=True, slots=True)
class ContainerState:
    """One container of ours as the engine reports it; a paused one does not run."""

    id: str
    name: str
    running: bool
    labels: Mapping[str, str]
    paused: bool = False
    image: str = ""


@dataclass(frozen=True, slots=True)
class ImageState:
    """One local image: its content id, its names, its size with what it shares, and when it was made (Unix time)."""

    id: str
    tags: tuple[str, ...]
    bytes: int
    labels: Mapping[str, str]
    created: float


@dataclass(frozen=True, slots=True)
class ServiceImage:
    """What an image says of the program in it. `user` is `uid:gid`, empty when it is root or nobody it knows.

    `health` is the argv of its own check, `owners` whose its volumes and the folders asked for are, `run_folders` what
    lies in /run, which a folder in memory hides.
    """

    id: str
    entrypoint: tuple[str, ...]
    command: tuple[str, ...]
    user: str
    workdir: str
    volumes: tuple[str, ...]
    ports: tuple[int, ...]
    health: tuple[str, ...]
    owners: Mapping[str, tuple[int, int]]
    run_folders: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VolumeState:
    """One named volume as the engine reports it."""

    name: str
    labels: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class DiskUse:
    """Bytes on the engine's disk, of everything it holds: by id of container and image, by name of volume.

    What a container wrote outside its mounts is counted, its image is not; images share parts, which are counted once
    in `layers`.
    """

    containers: Mapping[str, int]
    images: Mapping[str, int]
    volumes: Mapping[str, int]
    layers: int


@dataclass(frozen=True, slots=True)
class ContainerStats:
    """A reading of what a container uses now; `cpu_percent` is of one core, `cpu_seconds` all that it used so far."""

    memory_bytes: int
    cpu_percent: float
    pids: int
    cpu_seconds: float = 0.0
