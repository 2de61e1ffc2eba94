"""Services: programs beside a run's sandbox, a database say, and how each of them stands."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ServiceState(StrEnum):
    """How a service stands."""

    READY = "ready"
    """It says that it can be used, or listens."""
    RUNNING = "running"
    """It runs, and nothing tells when it can be used."""
    STARTING = "starting"
    """It runs, and cannot be used yet."""
    ENDED = "ended"
    """It did its work and ended well."""
    FAILED = "failed"
    """It could not be started, or ended badly."""
    AT_HOME = "left to the sandbox"
    """It is the app itself: it works on the project's own files, which are in the sandbox."""
    LEFT_OUT = "left out"
    """It was never started: what it asks for cannot be had beside a sandbox."""


TROUBLED = frozenset({ServiceState.STARTING, ServiceState.FAILED, ServiceState.LEFT_OUT})
USABLE = frozenset({ServiceState.READY, ServiceState.RUNNING, ServiceState.ENDED})


@dataclass(frozen=True, slots=True)
class ServiceView:
    """One service of a run as people and agents see it; `why` and `action` where it is not as it should be.

    `note` is what else there is to know of it.
    """

    name: str
    state: ServiceState
    ports: tuple[int, ...] = ()
    why: str = ""
    action: str = ""
    note: str = ""


def standing(state: ServiceState) -> str:
    """How a service stands, behind its name in a sentence."""
    return f"{'has' if state in (ServiceState.ENDED, ServiceState.FAILED) else 'is'} {state}"


def briefly(view: ServiceView) -> str:
    """A service and how it stands, as part of a sentence that says no more of it."""
    where = f" on {', '.join(f'localhost:{port}' for port in view.ports)}" if view.ports else ""
    return f"{view.name} {standing(view.state)}{where if view.state in USABLE else ''}"


def told_of(view: ServiceView) -> str:
    """A service in a line, as everybody reads it."""
    state = briefly(view)
    rest = " ".join(
        f"{part[:1].upper()}{part[1:]}{'' if part.endswith(('.', '!', '?')) else '.'}"
        for part in (view.why, view.action)
        if part
    )
    told = f"{state}: {rest}" if rest else f"{state}."
    return f"{told} {view.note}" if view.note else told
