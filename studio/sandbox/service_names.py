"""Service names: what is to be known where an engine gives a container that joins another none of its names."""

from __future__ import annotations

import re
from collections.abc import Iterable

from studio.sandbox.spec.service import Service


def names_note(service: Service, started: Iterable[Service], engine: str) -> str:
    """That a service cannot call others by name there, and what to do; empty for one that does not seem to.

    One that waits for another, names it in what the compose file gives it, or has files of the repository, does.
    """
    others = [other for other in started if other.name != service.name and _calls(service, other)]
    if not others:
        return ""
    names = ", ".join(other.name for other in others)
    places = ", ".join(_place(other) for other in others)
    return (
        f"It cannot call {names} by name: {engine} gives a container that joins another's network no names. Let it "
        f"call {places} instead, in the compose file, or use another engine (the setting container_engine)."
    )


def _calls(service: Service, other: Service) -> bool:
    if service.files or any(need.service == other.name for need in service.needs):
        return True
    check = service.health.argv if service.health is not None else ()
    said = (*(service.entrypoint or ()), *(service.command or ()), *check, *service.env.values())
    names = "|".join(re.escape(name) for name in (other.name, *other.names))
    return any(re.search(rf"(?<![\w.-])(?:{names})(?![\w.-])", words) for words in said)


def _place(other: Service) -> str:
    return f"127.0.0.1:{other.ports[0]} ({other.name})" if other.ports else f"127.0.0.1 ({other.name})"
