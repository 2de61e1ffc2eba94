"""Sandboxes as the command line shows them: cells of its tables, and documents for programs."""

from __future__ import annotations

from typing import Any

from studio.app.studio import Studio
from studio.base.text import plain, sized
from studio.cli import output
from studio.domain.sandboxes import DiskMeter, Litter, SandboxView
from studio.domain.services import ServiceView, briefly, told_of


def unused(view: SandboxView) -> str:
    """For how long nobody used it; nothing of one that cannot be used."""
    if view.trouble:
        return "–"
    return f"{view.unused / 60:,.0f} min" if view.unused >= 60 else f"{view.unused:.0f} s"


def services(view: SandboxView) -> str:
    """How its services stand, in a cell."""
    return "; ".join(map(briefly, view.services)) or "–"


def used(view: SandboxView) -> tuple[str, ...]:
    """A row of what it uses."""
    files = sized(view.disk_bytes) if view.disk_bytes is not None else "–"
    if view.use is None:
        return (view.run, view.state.value, "–", "–", "–", files)
    memory = f"{sized(view.use.memory_bytes)} of {sized(view.memory_limit)}"
    return (view.run, view.state.value, memory, f"{view.use.cpu_percent:.0f} %", str(view.use.pids), files)


def told(view: SandboxView) -> tuple[str, ...]:
    """A line for what is wrong with it, and for each service that is not as it should be."""
    wrong = (view.trouble, *(told_of(service) for service in view.services if service.why))
    return tuple(f"{view.run}: {output.one_line(plain(one))}" for one in wrong if one)


async def of_sandbox(studio: Studio, view: SandboxView) -> dict[str, Any]:
    """A sandbox for programs."""
    use = view.use
    names = {project.id: project.name for project in await studio.projects.list()}
    return {
        "run": view.run,
        "project": names.get(view.project, view.project),
        "state": view.state.value,
        "container": view.container,
        "image": view.image,
        "unused_seconds": round(view.unused, 1),
        "memory_limit": view.memory_limit,
        "disk_bytes": view.disk_bytes,
        "memory_bytes": use.memory_bytes if use else None,
        "cpu_percent": use.cpu_percent if use else None,
        "processes": use.pids if use else None,
        "services": [of_service(service) for service in view.services],
        "trouble": view.trouble or None,
    }


def of_service(service: ServiceView) -> dict[str, Any]:
    """A service for programs."""
    return {
        "name": service.name,
        "state": service.state.value,
        "ports": list(service.ports),
        "why": service.why or None,
        "action": service.action or None,
        "note": service.note or None,
    }


def of_meter(meter: DiskMeter) -> dict[str, Any]:
    """What sandboxes take on disk, for programs."""
    return {
        "parts": [{"name": part.name, "bytes": part.bytes, "where": part.where} for part in meter.parts],
        "litter": [of_litter(litter) for litter in meter.litter],
        "free": meter.free,
    }


def of_litter(litter: Litter) -> dict[str, Any]:
    """Something that is left over, for programs."""
    return {
        "kind": litter.kind.value,
        "name": litter.name,
        "bytes": litter.bytes,
        "reason": litter.reason,
    }
