"""Engines: which kind of sandbox engine this machine's agents work in."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping

from studio.adapters.bubblewrap.engine import BubblewrapEngine
from studio.adapters.docker.engine import DockerEngine
from studio.adapters.docker.find import find_endpoint
from studio.base.paths import Paths
from studio.contracts.sandbox_engine import SandboxEngine

_PROGRAMS = ("docker", "dockerd", "podman", "colima", "orb")


def engine_in(environment: Mapping[str, str], paths: Paths, wanted: str) -> SandboxEngine:
    """The engine that the setting `sandbox_engine` asks for; nothing is asked of it yet.

    `auto` means containers wherever an engine is installed, whether it answers now or not: one that is only stopped
    is waited for, because nothing may be run behind weaker walls than a person counts on. Raises EngineError when
    Docker's own configuration cannot be read.
    """
    if wanted == "bubblewrap" or (
        wanted == "auto" and sys.platform == "linux" and not has_container_engine(environment)
    ):
        return BubblewrapEngine(paths.cache / "bubblewrap", environment)
    return DockerEngine(find_endpoint(environment))


def has_container_engine(environment: Mapping[str, str]) -> bool:
    """Whether one is installed here, or is reached from here. Raises EngineError for a broken configuration."""
    if environment.get("DOCKER_HOST") or environment.get("DOCKER_CONTEXT"):
        return True
    endpoint = find_endpoint(environment)
    if endpoint.socket is None or endpoint.socket.exists():
        return True
    path = environment.get("PATH", os.defpath)
    return any(shutil.which(program, path=path) for program in _PROGRAMS)
