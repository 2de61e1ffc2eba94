"""Engines: which kind of sandbox engine this machine's agents work in."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from functools import partial

from studio.adapters.bubblewrap.engine import BubblewrapEngine
from studio.adapters.docker.engine import DockerEngine
from studio.adapters.docker.find import find_endpoint, other_engines
from studio.base.paths import Paths
from studio.base.settings import Settings
from studio.contracts.sandbox_engine import SandboxEngine

_PROGRAMS = ("docker", "dockerd", "podman", "colima", "orb")


def engine_in(environment: Mapping[str, str], paths: Paths, settings: Settings) -> SandboxEngine:
    """The engine that the settings `sandbox_engine` and `container_engine` ask for; nothing is asked of it yet.

    `auto` means containers wherever an engine is installed, whether it answers now or not: one that is only stopped
    is waited for, because nothing may be run behind weaker walls than a person counts on. Elsewhere it is bubblewrap,
    which says what to install where it is missing, too. Raises EngineError for a broken configuration of Docker's.
    """
    wanted, container = settings.sandbox_engine, settings.container_engine
    if wanted == "bubblewrap" or (wanted == "auto" and not container and not has_container_engine(environment)):
        return BubblewrapEngine(paths.cache / "bubblewrap", environment)
    find = partial(find_endpoint, environment, container)
    return DockerEngine(find(), environment, find)


def others_in(environment: Mapping[str, str], settings: Settings) -> Callable[[], tuple[str, ...]]:
    """What tells which other container engines there are, in words; it blocks."""

    def others() -> tuple[str, ...]:
        used = find_endpoint(environment, settings.container_engine)
        return tuple(f"{each} ({each.origin})" for each in other_engines(environment, used))

    return others


def has_container_engine(environment: Mapping[str, str]) -> bool:
    """Whether one is installed here, or is reached from here. Raises EngineError for a broken configuration."""
    if environment.get("DOCKER_HOST") or environment.get("DOCKER_CONTEXT"):
        return True
    endpoint = find_endpoint(environment)
    if endpoint.socket is None or endpoint.socket.exists():
        return True
    path = environment.get("PATH", os.defpath)
    return any(shutil.which(program, path=path) for program in _PROGRAMS)
