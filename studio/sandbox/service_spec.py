"""The container of a service: as whom it runs, what it may write, which volumes are the run's."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from studio.contracts.containers import ContainerSpec, Mount, ServiceImage, Volume
from studio.domain.errors import PolicyRefused
from studio.sandbox.shape import checked, inside_user
from studio.sandbox.spec.service import Service, ServiceFile, ServiceVolume

PIDS = 256
_UNSAYABLE = re.compile(r"[^A-Za-z0-9_.-]")


@dataclass(frozen=True, slots=True)
class ServiceSize:
    """Ceilings of one service, and the seconds that it may take until it can be used."""

    memory_bytes: int = 1 << 30
    cpus: float = 1.0
    seconds: float = 60.0


@dataclass(frozen=True, slots=True)
class RunVolume:
    """A volume of one run: the name that the engine knows it by, and the one that the compose file has for it."""

    volume: Volume
    name: str


def places_of(service: Service, image: ServiceImage) -> tuple[ServiceVolume, ...]:
    """The service's volumes, with those that its image asks for and the file does not name."""
    named = {one.target for one in service.volumes} | {one.target for one in service.files} | set(service.writable)
    own = (path.rstrip("/") for path in image.volumes if path.rstrip("/") not in named)
    return (*service.volumes, *(ServiceVolume(f"{service.name}{path.replace('/', '.')}", path) for path in own if path))


def user_of(service: Service, image: ServiceImage) -> str:
    """As whom it runs, never root: by its own word or its image's, else as the owner of its data, else as a sandbox.

    Raises PolicyRefused for a file that names root, or somebody whom the image does not know.
    """
    if image.user:
        return image.user
    if service.user:
        raise PolicyRefused(
            f"It is to run as “{service.user}”, which is root or nobody that its image knows.",
            "Take “user” out of the compose file: without it, it runs as the owner of its data.",
        )
    owners = (image.owners.get(place.target, (0, 0)) for place in places_of(service, image))
    uid, gid = next((owner for owner in owners if owner[0] != 0), inside_user())
    return f"{uid}:{gid or uid}"


def volumes_of(service: Service, image: ServiceImage, user: str, prefix: str) -> tuple[RunVolume, ...]:
    """Its volumes as the engine is to show them; one whose place is somebody else's in the image begins empty."""
    uid = int(user.partition(":")[0])

    def made(place: ServiceVolume) -> RunVolume:
        filled = image.owners.get(place.target, (-1, -1))[0] == uid
        return RunVolume(
            Volume(f"{prefix}-{_UNSAYABLE.sub('_', place.name)}", place.target, place.read_only, filled), place.name
        )

    return tuple(made(place) for place in places_of(service, image))


def files_of(files: tuple[ServiceFile, ...], base: Path | None) -> tuple[Mount, ...]:
    """Files of the repository as the base commit has them, laid out at `base`. Blocks.

    Raises PolicyRefused for one that is not there, or is a link that leads elsewhere.
    """
    if files and base is None:
        raise PolicyRefused(
            "It asks for files of the repository, which its container engine does not see.",
            "Use an engine on this machine, or an image that has the files.",
        )
    return tuple(_mounted(file, base) for file in files if base is not None)


def _mounted(file: ServiceFile, base: Path) -> Mount:
    try:
        return checked(Mount(base / file.path, file.target, read_only=True), (), (base,))
    except PolicyRefused as error:
        raise PolicyRefused(
            f"It asks for {file.path}, which the commit that the run starts from does not have, or only as a link.",
            "Commit the file; what is written in the workspace counts once it is merged.",
        ) from error


def spec_of(
    service: Service,
    image: ServiceImage,
    *,
    user: str,
    name: str,
    sandbox: str,
    labels: Mapping[str, str],
    mounts: tuple[Mount, ...],
    volumes: tuple[RunVolume, ...],
    size: ServiceSize,
) -> ContainerSpec:
    """The container, on the loopback of the container `sandbox`. Raises PolicyRefused when nothing is to run."""
    argv = (*(image.entrypoint if service.entrypoint is None else service.entrypoint), *_arguments(service, image))
    if not argv:
        raise PolicyRefused("Neither its image nor the compose file says what is to run.", "Give it a command.")
    held = {one.volume.target for one in volumes} | {mount.target for mount in mounts}
    return ContainerSpec(
        name=name,
        image=image.id,
        user=user,
        mounts=mounts,
        labels=labels,
        env=service.env,
        workdir=service.workdir or image.workdir or "/",
        memory_bytes=min(service.memory_bytes or size.memory_bytes, size.memory_bytes),
        cpus=min(service.cpus or size.cpus, size.cpus),
        pids=PIDS,
        network=f"container:{sandbox}",
        argv=argv,
        writable=tuple(folder for folder in (*image.run_folders, *service.writable) if folder not in held),
        volumes=tuple(one.volume for one in volumes),
    )


def _arguments(service: Service, image: ServiceImage) -> tuple[str, ...]:
    """As compose has it: another entry point takes the image's own arguments with it."""
    if service.command is not None:
        return service.command
    return image.command if service.entrypoint is None else ()
