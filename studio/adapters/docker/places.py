"""Places: the sockets at which container engines listen when nobody says where."""

from __future__ import annotations

import socket
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

_KNOCK_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Place:
    """Where an engine would listen; the setting `container_engine` calls it `name`, people `product`."""

    name: str
    product: str
    path: Path


PRODUCTS = ("docker", "docker-desktop", "orbstack", "podman", "colima")
"""The names that the setting `container_engine` knows."""


def usual_places(env: Mapping[str, str]) -> tuple[Place, ...]:
    """Every socket worth looking at, the most usual first; most of them are not there."""
    home = Path(env.get("HOME", "/nonexistent"))
    runtime = env.get("XDG_RUNTIME_DIR")
    own = Path(runtime) if runtime else None
    return (
        Place("docker", "Docker", Path("/var/run/docker.sock")),
        *((Place("docker", "rootless Docker", own / "docker.sock"),) if own else ()),
        Place("docker-desktop", "Docker Desktop", home / ".docker/run/docker.sock"),
        Place("docker-desktop", "Docker Desktop", home / ".docker/desktop/docker.sock"),
        Place("orbstack", "OrbStack", home / ".orbstack/run/docker.sock"),
        *_of_colima(env, home),
        *((Place("podman", "rootless Podman", own / "podman/podman.sock"),) if own else ()),
        Place("podman", "Podman", Path("/run/podman/podman.sock")),
        *(Place("podman", "Podman machine", path) for path in _of_podman_machines(env, home)),
    )


def answers(path: Path) -> bool:
    """Whether somebody takes calls there; one that may not be called is there, too."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as visitor:
            visitor.settimeout(_KNOCK_SECONDS)
            visitor.connect(str(path))
    except PermissionError:
        return True
    except (OSError, ValueError):
        return False
    return True


def _of_colima(env: Mapping[str, str], home: Path) -> Iterable[Place]:
    """One for each profile; the usual profile first, also where it is not there."""
    folders = [Path(env["COLIMA_HOME"])] if env.get("COLIMA_HOME") else []
    if env.get("XDG_CONFIG_HOME"):
        folders.append(Path(env["XDG_CONFIG_HOME"]) / "colima")
    folders += [home / ".colima", home / ".config/colima"]
    found = sorted({path for folder in folders for path in _glob(folder, "*/docker.sock")})
    usual = [path for path in found if path.parent.name == "default"] or [home / ".colima/default/docker.sock"]
    for path in (*usual, *(path for path in found if path not in usual)):
        profile = path.parent.name
        name = "colima" if profile == "default" else f"colima:{profile}"
        yield Place(name, "Colima" if profile == "default" else f"Colima, profile {profile}", path)


def _of_podman_machines(env: Mapping[str, str], home: Path) -> tuple[Path, ...]:
    folders = (Path(env.get("TMPDIR", "/tmp")) / "podman", home / ".local/share/containers/podman/machine")
    return tuple(path for folder in folders for path in _glob(folder, "**/*api.sock"))


def _glob(folder: Path, pattern: str) -> tuple[Path, ...]:
    try:
        return tuple(sorted(folder.glob(pattern)))
    except OSError:
        return ()
