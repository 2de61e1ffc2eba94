"""What the engine says about itself and its containers, in Studio's words."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from docker import APIClient

from studio.adapters.docker.holes import known_holes, parts_of
from studio.adapters.docker.podman import Podman, is_podman
from studio.contracts.containers import ContainerStats, EngineInfo
from studio.domain.errors import EngineError

_APART_SECONDS = 1.0
_VIRTUAL_MACHINES = ("Docker Desktop", "OrbStack", "Colima")
_IN_NAME = {"colima": "Colima", "orbstack": "OrbStack", "docker-desktop": "Docker Desktop"}
"""How machines call themselves whose system does not say whose they are."""


def engine_info(version: Mapping[str, Any], info: Mapping[str, Any], podman: Podman | None = None) -> EngineInfo:
    """Name, version and how strong the walls are."""
    system, machine = str(info.get("OperatingSystem", "")), str(info.get("Name", ""))
    product = next((name for name in _VIRTUAL_MACHINES if name in system), "")
    product = product or next((name for start, name in _IN_NAME.items() if machine.startswith(start)), "")
    options = [str(option) for option in info.get("SecurityOptions") or ()]
    return EngineInfo(
        name=product or ("Podman" if is_podman(version) else "Docker"),
        version=str(version.get("Version", "")),
        isolation=_isolation(options, virtual=bool(product), rootless=podman is not None and podman.rootless),
        machine=machine,
        holes=(*known_holes(parts_of(version)), *(podman.holes if podman is not None else ())),
        unbounded=podman.unbounded if podman is not None else "",
        gives_names=not is_podman(version),
    )


def _isolation(options: list[str], *, virtual: bool, rootless: bool) -> str:
    if virtual:
        return "vm"
    # Docker says it among its options.
    if rootless or any("rootless" in option for option in options):
        return "rootless"
    return "userns" if any("userns" in option for option in options) else "rootful"


def two_samples(api: APIClient, container: str) -> dict[str, Any]:
    """What the engine reads of a container, and read before; Podman gives the one without the other. Blocks."""
    reading: dict[str, Any] = api.stats(container, stream=False)
    now, before = reading.get("cpu_stats") or {}, reading.get("precpu_stats") or {}
    if "cpu_usage" in now and not before.get("system_cpu_usage"):
        time.sleep(_APART_SECONDS)
        reading = {**api.stats(container, stream=False), "precpu_stats": now}
    return reading


def stats_reading(reading: Mapping[str, Any]) -> ContainerStats:
    """One reading; the engine took two samples a second apart. Raises EngineError for a container that stands still."""
    memory, cpu, before = reading.get("memory_stats"), reading.get("cpu_stats"), reading.get("precpu_stats")
    if not memory or "usage" not in memory or not cpu or before is None:
        raise EngineError("The sandbox does not run, so it uses nothing.", retryable=True)
    details = memory.get("stats", {})
    # Pages of files that can be dropped at any time are not what people mean by memory used.
    reclaimable = details.get("total_inactive_file", details.get("inactive_file", 0))
    total, earlier = cpu["cpu_usage"]["total_usage"], before.get("system_cpu_usage", 0)
    used = total - before.get("cpu_usage", {}).get("total_usage", 0)
    # Of a single sample nothing can be said about a span.
    span = cpu.get("system_cpu_usage", 0) - earlier if earlier else 0
    cores = cpu.get("online_cpus") or 1
    return ContainerStats(
        memory_bytes=max(0, memory["usage"] - reclaimable),
        cpu_percent=round(100.0 * cores * used / span, 1) if span > 0 else 0.0,
        pids=reading.get("pids_stats", {}).get("current", 0),
        cpu_seconds=total / 1e9,
    )
